/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of ours in one line: short for the Info column, as a sentence for the packet details. */
#include "summary.h"

#include "traceflow/icmp_words.h"
#include "traceflow/report.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

static void append_ms(wmem_strbuf_t *text, int64_t rtt_ns)
{
    const double rtt_ms = (double)rtt_ns / (double)TF_NS_PER_MS;
    const int decimals = rtt_ms < 1 ? 3 : rtt_ms < 10 ? 2 : 1;

    wmem_strbuf_append_printf(text, "%.*f ms", decimals, rtt_ms);
}

static void append_labels(wmem_strbuf_t *text, const struct tf_mpls_stack *stack)
{
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        wmem_strbuf_append_printf(text, "%s%u", i == 0 ? ", MPLS " : "/", stack->entry[i].label);
}

static void append_responder(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    char responder[TF_ADDR_TEXT_LEN];

    wmem_strbuf_append(text, tf_addr_text(&obs->responder, responder));
}

/* Of TCP's answers: open, refused, or a connection that is there already. */
static const char *tcp_answer(uint8_t flags)
{
    if ((flags & TF_TCP_FLAG_RST) != 0)
        return "RST";
    return (flags & TF_TCP_FLAG_SYN) != 0 ? "SYN/ACK" : "ACK";
}

/* --- Info --- */

static void append_probe_info(wmem_strbuf_t *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    wmem_strbuf_append(text, " probe");
    if (obs->has_attempt && obs->attempt > 0)
        wmem_strbuf_append_printf(text, ", attempt %u", obs->attempt);
    if (obs->duplicate)
        wmem_strbuf_append(text, ", repeated");
    if (sighting->has_reply)
        wmem_strbuf_append_printf(text, ", reply in %u", sighting->reply_frame);
    else if (sighting->no_reply)
        wmem_strbuf_append(text, ", no reply");
}

static void append_reply_info(wmem_strbuf_t *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;
    char mark[TF_MARK_LEN];

    wmem_strbuf_append(text, " reply from ");
    append_responder(text, obs);
    if (tf_reply_mark(obs, mark)[0] != '\0')
        wmem_strbuf_append_printf(text, " %s", mark);
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        wmem_strbuf_append(text, ", destination");
    if (obs->tcp_flags != 0)
        wmem_strbuf_append_printf(text, ", %s", tcp_answer(obs->tcp_flags));
    if (obs->has_attempt && obs->attempt > 0)
        wmem_strbuf_append_printf(text, ", attempt %u", obs->attempt);
    if (obs->has_probe) {
        wmem_strbuf_append(text, ", ");
        append_ms(text, obs->rtt_ns);
    }
    append_labels(text, &obs->mpls);
    if (obs->duplicate)
        wmem_strbuf_append(text, ", duplicate");
    if (sighting->late)
        wmem_strbuf_append(text, ", late");
}

const char *summary_info(wmem_allocator_t *pool, const struct sighting *sighting)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
    const struct tf_observation *obs = &sighting->obs;

    if (obs->has_ttl)
        wmem_strbuf_append_printf(text, "path %2u TTL %2u", obs->path_id, obs->ttl);
    else
        wmem_strbuf_append_printf(text, "path %2u TTL  ?", obs->path_id);
    if (obs->kind == TF_KIND_PROBE)
        append_probe_info(text, sighting);
    else
        append_reply_info(text, sighting);
    return wmem_strbuf_get_str(text);
}

/* --- the sentence --- */

static void append_place(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    if (obs->has_ttl)
        wmem_strbuf_append_printf(text, "path %u, TTL %u", obs->path_id, obs->ttl);
    else
        wmem_strbuf_append_printf(text, "path %u, TTL unknown", obs->path_id);
    if (obs->has_attempt && obs->attempt > 0)
        wmem_strbuf_append_printf(text, ", attempt %u", obs->attempt);
}

static void append_probe_end(wmem_strbuf_t *text, const struct sighting *sighting)
{
    wmem_strbuf_append(text, sighting->obs.duplicate ? ": probe, sent before" : ": probe");
    if (sighting->has_reply)
        wmem_strbuf_append_printf(text, ", answered in frame %u", sighting->reply_frame);
    else if (sighting->no_reply)
        wmem_strbuf_append(text, ", not answered");
}

static void append_answered(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    if (obs->has_probe) {
        wmem_strbuf_append(text, " in ");
        append_ms(text, obs->rtt_ns);
    } else if (obs->has_ttl) {
        wmem_strbuf_append(text, " to a probe that is not in the capture");
    } else {
        wmem_strbuf_append(text, " to which probe is not known");
    }
}

/* What traceroute marks. */
static void append_error(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    char mark[TF_MARK_LEN];

    if (tf_reply_mark(obs, mark)[0] == '\0')
        return;
    const char *words = tf_icmp_words(obs);
    wmem_strbuf_append_printf(text, ": %s (%s)", words != NULL ? words : "another ICMP error",
                              mark);
}

static void append_reply_end(wmem_strbuf_t *text, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;
    const bool destination = obs->kind == TF_KIND_DESTINATION_REPLY;

    wmem_strbuf_append_printf(text, ": answered%s", obs->duplicate ? " again" : "");
    if (obs->tcp_flags != 0)
        wmem_strbuf_append_printf(text, " with %s", tcp_answer(obs->tcp_flags));
    wmem_strbuf_append(text, destination ? " by the destination, " : " by ");
    append_responder(text, obs);
    if (destination || !obs->has_probe)
        wmem_strbuf_append(text, ",");
    append_answered(text, obs);
    append_labels(text, &obs->mpls);
    if (sighting->late)
        wmem_strbuf_append(text, ", late");
    append_error(text, obs);
}

const char *summary_sentence(wmem_allocator_t *pool, const struct sighting *sighting)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);

    if (sighting->forged) {
        wmem_strbuf_append_printf(text, "forged? It names path %u, but does not know its key",
                                  sighting->obs.path_id);
        return wmem_strbuf_get_str(text);
    }
    append_place(text, &sighting->obs);
    if (sighting->obs.kind == TF_KIND_PROBE)
        append_probe_end(text, sighting);
    else
        append_reply_end(text, sighting);
    return wmem_strbuf_get_str(text);
}
