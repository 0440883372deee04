/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of ours in one line: short for the Info column, as a sentence for the packet details. */
#include "summary.h"

#include "traceflow/icmp_words.h"
#include "traceflow/report.h"
#include "traceflow/wire.h"

static void append_labels(struct text *text, const struct tf_mpls_stack *stack)
{
    for (size_t i = 0; i < tf_mpls_kept(stack); i++) {
        text_add(text, i == 0 ? ", MPLS " : "/");
        text_add_number(text, stack->entry[i].label);
    }
}

static void append_attempt(struct text *text, const struct tf_observation *obs)
{
    if (!obs->has_attempt || obs->attempt == 0)
        return;
    text_add(text, ", attempt ");
    text_add_number(text, obs->attempt);
}

/* Of TCP's answers: open, refused, or a connection that is there already. */
static const char *tcp_answer(uint8_t flags)
{
    if ((flags & TF_TCP_FLAG_RST) != 0)
        return "RST";
    return (flags & TF_TCP_FLAG_SYN) != 0 ? "SYN/ACK" : "ACK";
}

/* --- Info --- */

static void append_probe_info(struct text *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    text_add(text, " probe");
    append_attempt(text, obs);
    if (obs->duplicate)
        text_add(text, ", repeated");
    if (sighting->has_reply) {
        text_add(text, ", reply in ");
        text_add_number(text, sighting->reply_frame);
    } else if (sighting->no_reply) {
        text_add(text, ", no reply");
    }
}

static void append_reply_info(struct text *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;
    char mark[TF_MARK_LEN];

    text_add(text, " reply from ");
    text_add_addr(text, &obs->responder);
    if (tf_reply_mark(obs, mark)[0] != '\0') {
        text_add(text, " ");
        text_add(text, mark);
    }
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        text_add(text, ", destination");
    if (obs->tcp_flags != 0) {
        text_add(text, ", ");
        text_add(text, tcp_answer(obs->tcp_flags));
    }
    append_attempt(text, obs);
    if (obs->has_probe) {
        text_add(text, ", ");
        text_add_ms(text, obs->rtt_ns);
    }
    append_labels(text, &obs->mpls);
    if (obs->duplicate)
        text_add(text, ", duplicate");
    if (sighting->late)
        text_add(text, ", late");
}

void summary_info(struct text *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    text_begin(text);
    text_add(text, "path ");
    text_add_aligned(text, obs->path_id);
    text_add(text, " TTL ");
    if (obs->has_ttl)
        text_add_aligned(text, obs->ttl);
    else
        text_add(text, " ?");
    if (obs->kind == TF_KIND_PROBE)
        append_probe_info(text, sighting);
    else
        append_reply_info(text, sighting);
}

/* --- the sentence --- */

static void append_place(struct text *text, const struct tf_observation *obs)
{
    text_add(text, "path ");
    text_add_number(text, obs->path_id);
    text_add(text, ", TTL ");
    if (obs->has_ttl)
        text_add_number(text, obs->ttl);
    else
        text_add(text, "unknown");
    append_attempt(text, obs);
}

static void append_probe_end(struct text *text, const struct sighting *sighting)
{
    text_add(text, sighting->obs.duplicate ? ": probe, sent before" : ": probe");
    if (sighting->has_reply) {
        text_add(text, ", answered in frame ");
        text_add_number(text, sighting->reply_frame);
    } else if (sighting->no_reply) {
        text_add(text, ", not answered");
    }
}

static void append_answered(struct text *text, const struct tf_observation *obs)
{
    if (obs->has_probe) {
        text_add(text, " in ");
        text_add_ms(text, obs->rtt_ns);
    } else if (obs->has_ttl) {
        text_add(text, " to a probe that is not in the capture before it");
    } else {
        text_add(text, " to which probe is not known");
    }
}

/* What traceroute marks. */
static void append_error(struct text *text, const struct tf_observation *obs)
{
    char mark[TF_MARK_LEN];

    if (tf_reply_mark(obs, mark)[0] == '\0')
        return;
    const char *words = tf_icmp_words(obs);
    text_add(text, ": ");
    text_add(text, words != NULL ? words : "another ICMP error");
    text_add(text, " (");
    text_add(text, mark);
    text_add(text, ")");
}

static void append_reply_end(struct text *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;
    const bool destination = obs->kind == TF_KIND_DESTINATION_REPLY;

    text_add(text, obs->duplicate ? ": answered again" : ": answered");
    if (obs->tcp_flags != 0) {
        text_add(text, " with ");
        text_add(text, tcp_answer(obs->tcp_flags));
    }
    text_add(text, destination ? " by the destination, " : " by ");
    text_add_addr(text, &obs->responder);
    if (destination || !obs->has_probe)
        text_add(text, ",");
    append_answered(text, obs);
    append_labels(text, &obs->mpls);
    if (sighting->late)
        text_add(text, ", late");
    append_error(text, obs);
}

void summary_sentence(struct text *text, const struct sighting *sighting)
{
    text_begin(text);
    if (sighting->forged) {
        text_add(text, "forged? It names path ");
        text_add_number(text, sighting->obs.path_id);
        text_add(text, ", but does not know its key");
        return;
    }
    append_place(text, &sighting->obs);
    if (sighting->obs.kind == TF_KIND_PROBE)
        append_probe_end(text, sighting);
    else
        append_reply_end(text, sighting);
}
