/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of the Info column, and of the line that heads the tree. */
#include "summary.h"

#include <wsutil/utf8_entities.h>

#include "traceflow/report.h"
#include "traceflow/time.h"

static void append_place(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    wmem_strbuf_append_printf(text, "path %u", obs->path_id);
    if (obs->has_ttl)
        wmem_strbuf_append_printf(text, " TTL %u", obs->ttl);
    else
        wmem_strbuf_append(text, " TTL unknown");
    if (obs->has_attempt && obs->attempt > 0)
        wmem_strbuf_append_printf(text, " attempt %u", obs->attempt);
}

static void append_probe(wmem_strbuf_t *text, const struct sighting *sighting)
{
    if (sighting->has_reply)
        wmem_strbuf_append_printf(text, " " UTF8_RIGHTWARDS_ARROW " reply in %u",
                                  sighting->reply_frame);
    if (sighting->obs.duplicate)
        wmem_strbuf_append(text, ", repeated");
}

static void append_rtt(wmem_strbuf_t *text, int64_t rtt_ns)
{
    const double rtt_ms = (double)rtt_ns / (double)TF_NS_PER_MS;
    const int decimals = rtt_ms < 1 ? 3 : rtt_ms < 10 ? 2 : 1;

    wmem_strbuf_append_printf(text, ", %.*f ms", decimals, rtt_ms);
}

static void append_labels(wmem_strbuf_t *text, const struct tf_mpls_stack *stack)
{
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        wmem_strbuf_append_printf(text, "%s%u", i == 0 ? ", MPLS " : "/", stack->entry[i].label);
}

static void append_reply(wmem_strbuf_t *text, const struct tf_observation *obs)
{
    char responder[TF_ADDR_TEXT_LEN];
    char mark[TF_MARK_LEN];

    wmem_strbuf_append_printf(text, " from %s", tf_addr_text(&obs->responder, responder));
    if (tf_reply_mark(obs, mark)[0] != '\0')
        wmem_strbuf_append_printf(text, " %s", mark);
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        wmem_strbuf_append(text, ", destination");
    if (obs->has_probe)
        append_rtt(text, obs->rtt_ns);
    append_labels(text, &obs->mpls);
    if (obs->duplicate)
        wmem_strbuf_append(text, ", duplicate");
}

const char *summary_text(wmem_allocator_t *pool, const struct sighting *sighting)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);

    append_place(text, &sighting->obs);
    if (sighting->obs.kind == TF_KIND_PROBE)
        append_probe(text, sighting);
    else
        append_reply(text, &sighting->obs);
    return wmem_strbuf_finalize(text);
}
