/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links as numbers in hash sets: all that flows take, and those that were found. */
#include "coverage.h"

#include <glib.h>

#include "support.h"
#include "traceflow/encoding.h"
#include "truth_paths.h"

enum { FLOWS = 1000 };

static const uint32_t source = UINT32_MAX;

struct judge {
    struct truth truth;
    GHashTable *links;
    GHashTable *found;
    struct coverage coverage;
};

struct link {
    uint32_t ttl;
    uint32_t from;
    uint32_t to;
};

static guint hash_link(gconstpointer key)
{
    const struct link *link = key;

    return link->ttl * 0x9e3779b1U ^ link->from * 0x85ebca6bU ^ link->to * 0xc2b2ae35U;
}

static gboolean equal_links(gconstpointer a, gconstpointer b)
{
    const struct link *one = a;
    const struct link *other = b;

    return one->ttl == other->ttl && one->from == other->from && one->to == other->to;
}

static void add(GHashTable *set, const GArray *nodes, guint i)
{
    const struct link link = { .ttl = i,
                               .from = i > 0 ? g_array_index(nodes, uint32_t, i - 1) : source,
                               .to = g_array_index(nodes, uint32_t, i) };

    if (!g_hash_table_contains(set, &link))
        g_hash_table_add(set, g_memdup2(&link, sizeof link));
}

static void add_all(struct judge *judge, uint16_t port)
{
    g_autoptr(GPtrArray) paths = truth_paths(&judge->truth, port);
    const GArray *nodes = paths->pdata[0];

    for (guint i = 0; i < nodes->len; i++)
        add(judge->links, nodes, i);
}

/* Whether the node itself answered. */
static bool is_answered(struct judge *judge, const struct tf_hop *hop, uint32_t node)
{
    struct tf_addr addr = { 0 };
    bool answered = false;

    topology_address(judge->truth.topology, node, judge->truth.dst.version, 0, &addr);
    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
        const bool same = tf_addr_equal(&hop->replies[i].responder, &addr);
        answered = answered || same;
        judge->coverage.false_answers += !same;
    }
    judge->coverage.holes += hop != NULL && hop->sent > 0 && hop->n_replies == 0;
    return answered;
}

static void judge_path(struct judge *judge, const struct tf_path *path)
{
    g_autoptr(GPtrArray) paths = truth_paths(&judge->truth, path->flow.src_port);
    const GArray *nodes = paths->pdata[0];

    for (guint i = 0; i < nodes->len; i++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)(i + 1));
        if (is_answered(judge, hop, g_array_index(nodes, uint32_t, i)))
            add(judge->found, nodes, i);
    }
    if (tf_path_reached(path))
        judge->coverage.false_answers += tf_path_length(path) != nodes->len;
}

struct coverage coverage_of(const struct topology *topology, const struct truth_query *query,
                            const struct tf_trace *trace)
{
    struct judge judge = { .links = g_hash_table_new_full(hash_link, equal_links, g_free, NULL),
                           .found = g_hash_table_new_full(hash_link, equal_links, g_free, NULL) };

    assert_true(truth_begin(&judge.truth, topology, query, NULL));
    for (unsigned i = 1; i <= FLOWS; i++)
        add_all(&judge, (uint16_t)(TF_BASE_PORT + i));
    for (size_t i = 0; i < trace->n_paths; i++)
        judge_path(&judge, trace->paths[i]);
    judge.coverage.links = g_hash_table_size(judge.links);
    judge.coverage.missed = judge.coverage.links - g_hash_table_size(judge.found);
    truth_end(&judge.truth);
    g_hash_table_destroy(judge.links);
    g_hash_table_destroy(judge.found);
    return judge.coverage;
}
