/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inferred cells: what was never probed, because all that is known leaves one way on.
 *
 * TTL by TTL, from the source: every node of a TTL learns its next hops from all flows through it,
 * then gives the only one to the flows that were not probed there. A next hop counts if one flow
 * showed both ends of the link; a flow that was itself led to the node by inference can only add
 * doubt. So does silence behind the node (a way into silence is another way), an answer by several,
 * and an end. Where the network may have changed, nothing is inferred.
 */
#include "infer.h"

#include <glib.h>
#include <string.h>

#include "hash.h"
#include "path.h"

/* What is known to follow a node at a TTL. */
struct way_on {
    struct tf_addr from; /* version 0: the source */
    struct tf_addr next;
    bool observed; /* one flow showed both ends of the link */
    bool doubtful; /* another next hop, or silence */
    bool ends;
    bool reaches; /* if ends: the destination */
};

/* A link at a TTL, seen by one flow; from is version 0 for any. Hashed as bytes. */
struct step {
    struct tf_addr from;
    struct tf_addr to;
    uint8_t ttl; /* of to */
};

struct inference {
    struct tf_trace *trace;
    const struct stability *stability;
    GHashTable *ways;  /* of one TTL: struct way_on, by its first member */
    GHashTable *steps; /* struct step: what was observed */
    uint8_t *ends;     /* by path: its observed end, or 0 */
    uint8_t last;      /* highest TTL known */
};

static guint hash_step(gconstpointer step)
{
    return hash_bytes(step, sizeof(struct step));
}

static gboolean equal_steps(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct step)) == 0;
}

static struct way_on *reach_way(struct inference *inference, const struct tf_addr *from)
{
    struct way_on *way = g_hash_table_lookup(inference->ways, from);

    if (way == NULL) {
        way = g_new0(struct way_on, 1);
        way->from = *from;
        g_hash_table_insert(inference->ways, way, way);
    }
    return way;
}

static void add_step(struct inference *inference, const struct tf_addr *from,
                     const struct tf_addr *to, uint8_t ttl)
{
    const struct step step = { .from = *from, .to = *to, .ttl = ttl };

    g_hash_table_add(inference->steps, g_memdup2(&step, sizeof step));
}

static bool has_step(const struct inference *inference, const struct tf_addr *from,
                     const struct tf_addr *to, uint8_t ttl)
{
    const struct step step = { .from = *from, .to = *to, .ttl = ttl };

    return g_hash_table_contains(inference->steps, &step);
}

/* Where there are no paths, less is enough: neither of the two meets packets at two distances. */
static bool is_trusted(const struct inference *inference, const struct tf_path *path, uint8_t ttl)
{
    const struct stability *stability = inference->stability;
    const unsigned next = ttl + 1U;
    if (!stability->by_packet)
        return stability_trusts(stability, path, ttl);

    return (stability->sole[ttl] || stability->sole[next]) && !stability->levels[ttl].strays &&
           !stability->levels[next].strays;
}

static void learn_next(struct inference *inference, const struct tf_path *path, uint8_t ttl,
                       struct way_on *way)
{
    static const struct tf_addr any = { 0 };
    const struct tf_addr *to = path_seen_at(path, (uint8_t)(ttl + 1));
    const bool observed = path_inferred_at(path, ttl) == NULL;
    if (to == NULL || !is_trusted(inference, path, ttl)) {
        way->doubtful = true;
        return;
    }

    way->doubtful |= way->next.version != 0 && !tf_addr_equal(&way->next, to);
    way->next = *to;
    way->observed |= observed;
    if (observed && !has_step(inference, &way->from, to, (uint8_t)(ttl + 1))) {
        add_step(inference, &way->from, to, (uint8_t)(ttl + 1));
        add_step(inference, &any, to, (uint8_t)(ttl + 1));
    }
}

/* The node of a path at a TTL: version 0 before the first. */
static const struct tf_addr *node_at(const struct tf_path *path, uint8_t ttl, bool is_source)
{
    static const struct tf_addr source = { 0 };

    return is_source ? &source : path_known_at(path, ttl);
}

static void learn(struct inference *inference, size_t index, uint8_t ttl, bool is_source)
{
    const struct tf_path *path = inference->trace->paths[index];
    const uint8_t end = inference->ends[index];
    const struct tf_addr *from = node_at(path, ttl, is_source);
    if (from == NULL || (end != 0 && ttl > end))
        return;

    struct way_on *way = reach_way(inference, from);
    if (end != 0 && ttl == end) {
        way->ends = true;
        way->reaches |= tf_path_reached(path);
    } else if (tf_path_hop(path, (uint8_t)(ttl + 1)) != NULL) {
        learn_next(inference, path, ttl, way);
    }
}

static bool leads_on(const struct way_on *way)
{
    return way->observed && !way->doubtful && !way->ends;
}

/* Whether a change may have left anything else at a TTL. */
static bool is_doubtful(const struct stability *stability, uint8_t ttl)
{
    return !stability->by_packet && stability->loose[ttl];
}

/* One for all cells: a forged capture may have millions of them. */
static struct tf_hop *inferred_hop(struct tf_trace *trace, const struct tf_addr *addr)
{
    if (trace->inferred == NULL)
        trace->inferred = g_hash_table_new_full(hash_addr, equal_addr, NULL, g_free);
    struct tf_hop *hop = g_hash_table_lookup(trace->inferred, addr);
    if (hop != NULL)
        return hop;

    hop = g_new0(struct tf_hop, 1);
    hop->inferred = *addr;
    g_hash_table_insert(trace->inferred, &hop->inferred, hop);
    return hop;
}

static void infer_cell(struct inference *inference, size_t index, uint8_t ttl, bool is_source)
{
    struct tf_path *path = inference->trace->paths[index];
    const uint8_t end = inference->ends[index];
    const struct tf_addr *from = node_at(path, ttl, is_source);
    const struct way_on *way = from == NULL ? NULL : g_hash_table_lookup(inference->ways, from);
    const uint8_t next_ttl = (uint8_t)(ttl + 1);
    if (way == NULL || path->inferred_end != 0 || (end != 0 && next_ttl >= end) ||
        is_doubtful(inference->stability, next_ttl))
        return;

    if (way->ends && way->next.version == 0 && tf_path_length(path) == ttl) {
        path->inferred_end = ttl;
        path->inferred_reached = way->reaches;
    } else if (leads_on(way) && tf_path_hop(path, next_ttl) == NULL && path_was_probed(path)) {
        path_infer_hop(path, next_ttl, inferred_hop(inference->trace, &way->next));
    }
}

static void infer_ttl(struct inference *inference, uint8_t ttl, bool is_source)
{
    g_hash_table_remove_all(inference->ways);
    for (size_t i = 0; i < inference->trace->n_paths; i++)
        learn(inference, i, ttl, is_source);
    for (size_t i = 0; i < inference->trace->n_paths; i++)
        infer_cell(inference, i, ttl, is_source);
}

/* A responder that follows others, but was never seen to follow the one that was inferred before
 * it: take the inferred ones back. */
static void take_back_contradicted(const struct inference *inference, struct tf_path *path)
{
    static const struct tf_addr any = { 0 };

    for (size_t ttl = 1; ttl + 1 < path->n_hops; ttl++) {
        const struct tf_addr *from = path_inferred_at(path, (uint8_t)ttl);
        const struct tf_addr *to = path_seen_at(path, (uint8_t)(ttl + 1));
        if (from == NULL || to == NULL || has_step(inference, from, to, (uint8_t)(ttl + 1)) ||
            !has_step(inference, &any, to, (uint8_t)(ttl + 1)))
            continue;
        for (size_t back = ttl; path_inferred_at(path, (uint8_t)back) != NULL; back--)
            path_forget_inferred(path, (uint8_t)back);
    }
}

static void forget(struct tf_path *path)
{
    path->inferred_end = 0;
    for (size_t ttl = 0; ttl < path->n_hops; ttl++)
        path_forget_inferred(path, (uint8_t)ttl);
}

static void prepare(struct inference *inference)
{
    for (size_t i = 0; i < inference->trace->n_paths; i++) {
        struct tf_path *path = inference->trace->paths[i];
        forget(path);
        inference->ends[i] = tf_path_end(path);
        inference->last = MAX(inference->last, tf_path_last_ttl(path));
    }
}

void infer(struct tf_trace *trace, const struct stability *stability)
{
    g_autofree uint8_t *ends = g_new0(uint8_t, trace->n_paths);
    struct inference inference = {
        .trace = trace,
        .stability = stability,
        .ways = g_hash_table_new_full(hash_addr, equal_addr, NULL, g_free),
        .steps = g_hash_table_new_full(hash_step, equal_steps, g_free, NULL),
        .ends = ends,
    };

    prepare(&inference);
    const uint8_t first = tf_trace_ttls(trace).first;
    for (unsigned ttl = first - 1U; ttl <= inference.last && ttl < UINT8_MAX; ttl++)
        infer_ttl(&inference, (uint8_t)ttl, ttl + 1U == first);
    for (size_t i = 0; i < trace->n_paths; i++)
        take_back_contradicted(&inference, trace->paths[i]);
    g_hash_table_destroy(inference.ways);
    g_hash_table_destroy(inference.steps);
}
