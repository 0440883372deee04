/* SPDX-License-Identifier: GPL-2.0-or-later */
/* promise CONFIDENCE MAX-PATHS FIRST LAST [SHAPE]: trace through the networks of these seeds in
 * memory, with as many paths as statistics want; a line each: seed, probes, paths, links, missed
 * links, next hops, missed next hops.
 *
 * A link is two nodes and the TTL of the first; a next hop is two nodes. With SHAPE (as of
 * lab/kernel: 1,1,2,2/1,1,2) it is always that network, and the seed is that of its hashing. */
#include <glib.h>
#include <stdio.h>

#include "random_network.h"
#include "rehearsal.h"
#include "shape.h"
#include "traceflow/time.h"

enum { TTLS = 64 };

/* Pairs of node numbers, as (from << 32 | to). */
struct links {
    GHashTable *at[TTLS + 1]; /* by TTL; [0]: at whatever TTL */
};

static void links_init(struct links *links)
{
    for (size_t ttl = 0; ttl <= TTLS; ttl++)
        links->at[ttl] = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void links_clear(struct links *links)
{
    for (size_t ttl = 0; ttl <= TTLS; ttl++)
        g_hash_table_unref(links->at[ttl]);
}

static void links_add(struct links *links, size_t ttl, uint32_t from, uint32_t to)
{
    const uint64_t pair = (uint64_t)from << 32 | to;

    g_hash_table_add(links->at[ttl], g_memdup2(&pair, sizeof pair));
    g_hash_table_add(links->at[0], g_memdup2(&pair, sizeof pair));
}

static unsigned missing(GHashTable *all, GHashTable *seen)
{
    GHashTableIter iter;
    void *pair;
    unsigned count = 0;

    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &pair, NULL))
        count += !g_hash_table_contains(seen, pair);
    return count;
}

/* A router that has the destination among its next hops goes straight there
 * (traceflow-topology(5)).
 */
static bool is_taken(const struct topology *topology, const struct next_hops *hops, uint32_t to)
{
    bool has_host = false;

    for (size_t i = 0; i < hops->count; i++)
        has_host = has_host || topology->nodes[hops->at[i].node].kind == NODE_HOST;
    return !has_host || topology->nodes[to].kind == NODE_HOST;
}

/* What flows can take: every router of these networks has a hash seed of its own, so each choice is
 * free. */
static void true_links(const struct topology *topology, struct links *links)
{
    g_autofree bool *here = g_new0(bool, topology->n_nodes);

    here[topology->first] = true;
    for (size_t ttl = 1; ttl < TTLS; ttl++) {
        bool *next = g_new0(bool, topology->n_nodes);
        for (uint32_t from = 0; from < topology->n_nodes; from++) {
            const struct next_hops *hops = &topology->nodes[from].traits.next;
            for (size_t i = 0; here[from] && i < hops->count; i++) {
                const uint32_t to = hops->at[i].node;
                if (!is_taken(topology, hops, to))
                    continue;
                links_add(links, ttl, from, to);
                next[to] = true;
            }
        }
        g_free(here);
        here = next;
    }
}

static uint32_t node_at(const struct topology *topology, const struct tf_path *path, size_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);

    if (hop == NULL || hop->n_replies == 0)
        return NODE_NONE;
    return topology_find(topology, &hop->replies[0].responder);
}

static void seen_links(const struct topology *topology, const struct tf_trace *trace,
                       struct links *links)
{
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        for (size_t ttl = 1; ttl < MIN(tf_path_length(path), TTLS); ttl++) {
            const uint32_t from = node_at(topology, path, ttl);
            const uint32_t to = node_at(topology, path, ttl + 1);
            if (from != NODE_NONE && to != NODE_NONE)
                links_add(links, ttl, from, to);
        }
    }
}

static void report(uint64_t seed, const struct topology *topology,
                   const struct rehearsal *rehearsal)
{
    const struct tf_trace *trace = tf_trace_set_get(rehearsal->traces, 0);
    struct links real;
    struct links seen;
    unsigned all = 0;
    unsigned missed = 0;

    links_init(&real);
    links_init(&seen);
    true_links(topology, &real);
    seen_links(topology, trace, &seen);
    for (size_t ttl = 1; ttl <= TTLS; ttl++) {
        all += g_hash_table_size(real.at[ttl]);
        missed += missing(real.at[ttl], seen.at[ttl]);
    }
    printf("%" G_GUINT64_FORMAT " %u %zu %u %u %u %u\n", seed, rehearsal->sent, trace->n_paths, all,
           missed, g_hash_table_size(real.at[0]), missing(real.at[0], seen.at[0]));
    links_clear(&real);
    links_clear(&seen);
}

/* The only host. */
static struct tf_addr destination(const struct topology *topology)
{
    struct tf_addr dst = { 0 };

    for (uint32_t node = 0; node < topology->n_nodes; node++)
        if (topology->nodes[node].kind == NODE_HOST)
            topology_address(topology, node, 4, 0, &dst);
    return dst;
}

static bool play(uint64_t seed, const struct plan_options *options, const char *shape)
{
    struct topology *topology = shape != NULL ? shape_network(shape, seed) : random_network(seed);
    const struct tf_addr dst = destination(topology);
    struct rehearsal rehearsal = rehearse(topology, &dst, options, seed);
    const bool done = rehearsal.done;

    if (done)
        report(seed, topology, &rehearsal);
    rehearsal_end(&rehearsal);
    topology_free(topology);
    return done;
}

static uint64_t number(const char *text)
{
    return g_ascii_strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    const struct plan_options options = { .automatic = true,
                                          .confidence = (uint8_t)number(argv[1]),
                                          .paths = (uint16_t)number(argv[2]),
                                          .first_ttl = 1,
                                          .max_ttl = TTLS,
                                          .attempts = 3,
                                          .gap_limit = 8,
                                          .timeout_ns = TF_NS_PER_S };

    for (uint64_t seed = number(argv[3]); seed <= number(argv[4]); seed++)
        if (!play(seed, &options, argv[5])) {
            fprintf(stderr, "promise: seed %" G_GUINT64_FORMAT ": the plan does not end\n", seed);
            return 1;
        }
    return 0;
}
