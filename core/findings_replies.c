/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replies tell: unreachable destinations, contradictions, duplicates and latecomers. */
#include "findings_parts.h"
#include "path.h"
#include "tally.h"
#include "traceflow/icmp_words.h"
#include "traceflow/report.h"
#include "traceflow/time.h"

static void count_reply(struct tally *tally, const struct tf_path *path, enum tf_finding_kind kind,
                        const struct tf_observation *reply)
{
    const struct sign sign = { .kind = kind, .addr = reply->responder };
    const struct place_seen place = { path->path_id, reply->ttl, reply->frame };

    tally_add(tally, &sign, &place);
}

/* An ICMP error that traceroute would mark: type and code are the sign's value. */
static void look_for_errors(struct tally *tally, const struct tf_path *path,
                            const struct tf_observation *reply)
{
    char mark[TF_MARK_LEN];
    const struct sign sign = { .kind = TF_FINDING_UNREACHABLE,
                               .addr = reply->responder,
                               .other = { .version = reply->flow.dst.version },
                               .value = (uint32_t)reply->icmp_type << 8 | reply->icmp_code };
    const struct place_seen place = { path->path_id, reply->ttl, reply->frame };

    if (!reply->duplicate && tf_reply_mark(reply, mark)[0] != '\0')
        tally_add(tally, &sign, &place);
}

static bool is_late(const struct tf_hop *hop, const struct tf_observation *reply)
{
    if (!reply->has_probe || reply->duplicate)
        return false;
    if (reply->rtt_ns > TF_NS_PER_S)
        return true;
    for (unsigned i = 0; i < hop->sent; i++)
        if (hop->probes[i].frame > reply->probe_frame && hop->probes[i].frame < reply->frame &&
            hop->probes[i].time_ns - (reply->time_ns - reply->rtt_ns) > TF_PAIR_NS)
            return true;
    return false;
}

/* Contradictions are of a TTL: nobody can say which of the responders it was. */
static void look_for_contradictions(struct tally *tally, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = path_cell(path, ttl);
    const struct sign sign = { .kind = TF_FINDING_CONTRADICTED, .value = ttl };

    for (size_t i = 0; i < hop->n_replies; i++)
        for (size_t j = 0; j < i; j++)
            if (replies_contradict(&hop->replies[i], &hop->replies[j])) {
                const struct place_seen place = { path->path_id, ttl, hop->replies[i].frame };
                tally_add(tally, &sign, &place);
                break;
            }
}

static void look_at_hop(struct tally *tally, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);

    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
        const struct tf_observation *reply = &hop->replies[i];
        look_for_errors(tally, path, reply);
        if (reply->duplicate)
            count_reply(tally, path, TF_FINDING_DUPLICATES, reply);
        if (is_late(hop, reply))
            count_reply(tally, path, TF_FINDING_LATE, reply);
    }
    if (hop != NULL && hop->contradicted)
        look_for_contradictions(tally, path, ttl);
}

/* The words for a sign of look_for_errors, and its mark. */
static char *error_text(const struct counted *counted)
{
    char mark[TF_MARK_LEN];
    const struct tf_observation reply = {
        .kind = TF_KIND_HOP_REPLY,
        .flow = { .dst = { .version = counted->sign.other.version } },
        .has_icmp = true,
        .icmp_type = (uint8_t)(counted->sign.value >> 8),
        .icmp_code = (uint8_t)counted->sign.value,
    };
    const char *words = tf_icmp_words(&reply);

    return g_strdup_printf("%s (%s), %u flow%s", words != NULL ? words : "ICMP error",
                           tf_reply_mark(&reply, mark), counted->flows,
                           counted->flows == 1 ? "" : "s");
}

static char *text_of(const struct counted *counted)
{
    const unsigned times = counted->times;

    switch (counted->sign.kind) {
    case TF_FINDING_UNREACHABLE: return error_text(counted);
    case TF_FINDING_CONTRADICTED:
        return g_strdup_printf("contradicted: %u answer%s to probes that another answer "
                               "contradicts; none of them is believed",
                               times, times == 1 ? "" : "s");
    case TF_FINDING_DUPLICATES:
        return g_strdup_printf("%u duplicate answer%s", times, times == 1 ? "" : "s");
    default:
        return g_strdup_printf("%u late answer%s: after more than a second, or after the probe was "
                               "repeated",
                               times, times == 1 ? "" : "s");
    }
}

void find_in_replies(GPtrArray *findings, const struct tf_trace *trace)
{
    struct tally *tally = tally_new();

    for (size_t i = 0; i < trace->n_paths; i++) {
        const uint8_t last = tf_path_last_ttl(trace->paths[i]);
        for (unsigned ttl = 1; ttl <= last; ttl++)
            look_at_hop(tally, trace->paths[i], (uint8_t)ttl);
    }
    tally_report(tally, findings, text_of);
    tally_free(tally);
}
