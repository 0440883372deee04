/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What TTLs tell: routers that do not lower them, hidden hops, loops and tunnels. */
#include "findings_parts.h"
#include "hash.h"
#include "path.h"
#include "tally.h"

static struct place_seen place_of(const struct tf_path *path, const struct tf_observation *reply)
{
    return (struct place_seen){ path->path_id, reply->ttl, reply->frame };
}

/* Whoever refuses a packet does so at any TTL. */
static bool is_refusal(const struct tf_observation *reply)
{
    return reply->kind == TF_KIND_HOP_REPLY && tf_observation_ends_path(reply);
}

/* Where packets of one flow take several ways, the next TTL is that of another way. */
static bool answers_next_too(const struct tf_path *path, const struct tf_observation *reply)
{
    const struct tf_addr *next = reply->ttl < UINT8_MAX
                                     ? path_seen_at(path, (uint8_t)(reply->ttl + 1))
                                     : NULL;

    return !path->unstable && next != NULL && tf_addr_equal(next, &reply->responder) &&
           !is_refusal(&path_cell(path, reply->ttl + 1)->replies[0]);
}

static bool has_labels(const struct tf_path *path, unsigned ttl)
{
    return path_seen_at(path, (uint8_t)ttl) != NULL &&
           path_cell(path, ttl)->replies[0].mpls.depth > 0;
}

/* In a tunnel whose routers show their labels it is the label's TTL that falls: each quotes a TTL
 * one higher than the one before, and none is hidden. */
static bool is_due_in_tunnel(const struct tf_path *path, const struct tf_observation *reply)
{
    if (reply->mpls.depth == 0 || reply->quoted_ttl > reply->ttl)
        return false;

    for (unsigned ttl = reply->ttl - reply->quoted_ttl + 1U; ttl < reply->ttl; ttl++)
        if (path_seen_at(path, (uint8_t)ttl) != NULL && !has_labels(path, ttl))
            return false;
    return true;
}

/* The responder before a reply of the destination, if another. */
static const struct tf_addr *hop_before_end(const struct tf_path *path,
                                            const struct tf_observation *reply)
{
    const struct tf_addr *before = path_seen_at(path, (uint8_t)(reply->ttl - 1));

    return before == NULL || tf_addr_equal(before, &reply->responder) ? NULL : before;
}

/* Those, as a set of struct tf_addr, from whom some probe came to the destination with a TTL of 1:
 * what has more there came by a shorter way. */
static GHashTable *last_hops_new(const struct tf_trace *trace)
{
    GHashTable *last_hops = g_hash_table_new(hash_addr, equal_addr);

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t end = tf_path_reached(path) ? tf_path_end(path) : 0;
        if (end == 0 || path_seen_at(path, end) == NULL)
            continue;
        const struct tf_observation *reply = &path_cell(path, end)->replies[0];
        const struct tf_addr *before = hop_before_end(path, reply);
        if (before != NULL && reply->has_quote && reply->quoted_ttl == 1)
            g_hash_table_add(last_hops, (gpointer)before);
    }
    return last_hops;
}

/* A hop that a probe reached with more TTL than it should have: of the destination only where the
 * hop before is known to be another, and packets keep to one way. */
static bool is_too_high(const struct tf_path *path, const struct tf_observation *reply,
                        GHashTable *last_hops)
{
    if (!reply->has_quote || reply->quoted_ttl < 2 || is_refusal(reply) ||
        is_due_in_tunnel(path, reply))
        return false;
    const struct tf_addr *before = hop_before_end(path, reply);
    return reply->kind == TF_KIND_HOP_REPLY ||
           (!path->unstable && before != NULL && !g_hash_table_contains(last_hops, before));
}

/* Time Exceeded from the destination's own address: from behind a translation of it. */
static bool borrows_destination(const struct tf_observation *reply)
{
    return reply->kind == TF_KIND_HOP_REPLY && !is_refusal(reply) &&
           tf_addr_equal(&reply->responder, &reply->flow.dst);
}

static void look_at_quote(struct tally *tally, const struct tf_path *path,
                          const struct tf_observation *reply, GHashTable *last_hops)
{
    const struct place_seen place = place_of(path, reply);
    struct sign sign = { .addr = reply->responder };
    const bool next_too = reply->kind == TF_KIND_HOP_REPLY && answers_next_too(path, reply);

    if (reply->has_quote && reply->quoted_ttl == 0) {
        sign.kind = next_too ? TF_FINDING_SPENT_TTL : TF_FINDING_QUOTE;
    } else if (is_too_high(path, reply, last_hops)) {
        sign.kind = TF_FINDING_HIDDEN_HOPS;
        sign.value = (uint32_t)reply->quoted_ttl << 1 | (reply->mpls.depth > 0);
    } else if (borrows_destination(reply)) {
        sign.kind = TF_FINDING_DESTINATION_NAT;
    } else if (next_too) {
        sign.kind = TF_FINDING_SAME_RESPONDER;
    } else {
        return;
    }
    tally_add(tally, &sign, &place);
}

/* Hops in a row that show labels; the other end is kept as the sign's other and value. */
static void look_for_tunnels(struct tally *tally, const struct tf_path *path)
{
    const unsigned last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        unsigned end = ttl;
        while (end <= last && has_labels(path, end))
            end++;
        if (end == ttl)
            continue;
        const struct sign sign = { .kind = TF_FINDING_MPLS,
                                   .addr = *path_seen_at(path, (uint8_t)ttl),
                                   .other = *path_seen_at(path, (uint8_t)(end - 1)),
                                   .value = end - ttl };
        const struct place_seen place = place_of(path, &path_cell(path, ttl)->replies[0]);
        tally_add(tally, &sign, &place);
        ttl = end;
    }
}

/* A loop ends with the path's last answer: how long ago did the same router answer? */
static unsigned period_of(const struct tf_path *path, unsigned last)
{
    const struct tf_addr *at_last = path_seen_at(path, (uint8_t)last);
    unsigned different = 0;

    for (unsigned back = 1; at_last != NULL && back < last; back++) {
        const struct tf_addr *before = path_seen_at(path, (uint8_t)(last - back));
        if (before == NULL)
            continue;
        if (tf_addr_equal(before, at_last))
            return different > 0 ? back : 0;
        different++;
    }
    return 0;
}

struct loop {
    unsigned begin;
    unsigned period;
    unsigned repeated; /* answers that came from whom they came a period before */
};

static struct loop follow_back(const struct tf_path *path, unsigned last, unsigned period)
{
    struct loop loop = { .begin = last - period, .period = period };

    for (unsigned ttl = last - period; ttl > 0; ttl--) {
        const struct tf_addr *here = path_seen_at(path, (uint8_t)ttl);
        const struct tf_addr *later = path_seen_at(path, (uint8_t)(ttl + period));
        if (here != NULL && later != NULL && !tf_addr_equal(here, later))
            break;
        if (here == NULL || later == NULL)
            continue;
        loop.repeated++;
        loop.begin = ttl;
    }
    return loop;
}

static void look_for_loop(struct tally *tally, const struct tf_path *path)
{
    const unsigned last = tf_path_length(path);
    const unsigned period = path->unstable || tf_path_end(path) != 0 || last == 0
                                ? 0
                                : period_of(path, last);
    if (period == 0)
        return;
    const struct loop loop = follow_back(path, last, period);
    if (loop.repeated < 2)
        return;

    const struct tf_observation *reply = &path_cell(path, loop.begin)->replies[0];
    const struct sign sign = { .kind = TF_FINDING_LOOP,
                               .addr = reply->responder,
                               .value = period << 16 | loop.repeated };
    const struct place_seen place = place_of(path, reply);
    tally_add(tally, &sign, &place);
}

static char *tunnel_text(const struct counted *counted)
{
    char last[TF_ADDR_TEXT_LEN];

    return g_strdup_printf("MPLS labels on %u hop%s, up to %s, %u flow%s", counted->sign.value,
                           counted->sign.value == 1 ? "" : "s",
                           tf_addr_text(&counted->sign.other, last), counted->flows,
                           counted->flows == 1 ? "" : "s");
}

static char *text_of(const struct counted *counted)
{
    const uint32_t value = counted->sign.value;

    switch (counted->sign.kind) {
    case TF_FINDING_SPENT_TTL:
        return g_strdup_printf("answers two TTLs in a row, the first time with a quoted TTL of 0: "
                               "the router before it passes on packets whose TTL is spent, %u "
                               "time%s",
                               counted->times, counted->times == 1 ? "" : "s");
    case TF_FINDING_QUOTE:
        return g_strdup_printf("quotes a TTL of 0, %u time%s", counted->times,
                               counted->times == 1 ? "" : "s");
    case TF_FINDING_HIDDEN_HOPS:
        return g_strdup_printf(
            "hidden hops: probes arrive with TTL %u where 1 is due, %s, %u "
            "time%s",
            value >> 1, (value & 1) != 0 ? "in an MPLS tunnel" : "hops before do not lower it",
            counted->times, counted->times == 1 ? "" : "s");
    case TF_FINDING_DESTINATION_NAT:
        return g_strdup_printf("a hop answers by the destination's address: from behind a "
                               "translation of it (NAT), %u flow%s",
                               counted->flows, counted->flows == 1 ? "" : "s");
    case TF_FINDING_SAME_RESPONDER:
        return g_strdup_printf("answers two TTLs in a row: a router near it does not lower the "
                               "TTL, %u flow%s",
                               counted->flows, counted->flows == 1 ? "" : "s");
    case TF_FINDING_LOOP:
        return g_strdup_printf("forwarding loop of %u hops, seen again in %u answers, %u flow%s",
                               value >> 16, value & UINT16_MAX, counted->flows,
                               counted->flows == 1 ? "" : "s");
    default: return tunnel_text(counted);
    }
}

void find_in_ttls(GPtrArray *findings, const struct tf_trace *trace)
{
    struct tally *tally = tally_new();
    GHashTable *last_hops = last_hops_new(trace);

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t last = tf_path_last_ttl(path);
        for (unsigned ttl = 1; ttl <= last; ttl++)
            if (path_seen_at(path, (uint8_t)ttl) != NULL)
                look_at_quote(tally, path, &path_cell(path, ttl)->replies[0], last_hops);
        look_for_tunnels(tally, path);
        look_for_loop(tally, path);
    }
    tally_report(tally, findings, text_of);
    tally_free(tally);
    g_hash_table_destroy(last_hops);
}
