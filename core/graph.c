/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of a trace, collected flow by flow. */
#include "graph.h"

#include "nodes.h"
#include "path.h"
#include "sighting.h"

/* A responder that answers two TTLs in a row passes on, or gets, packets whose TTL is spent. */
static bool is_behind_spent_ttl(const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *here = path_seen_at(path, ttl);
    const struct tf_addr *next = ttl < UINT8_MAX ? path_seen_at(path, (uint8_t)(ttl + 1)) : NULL;
    if (here == NULL || next == NULL || !tf_addr_equal(here, next))
        return false;

    const struct tf_observation *reply = &path_cell(path, ttl)->replies[0];
    return reply->has_quote && reply->quoted_ttl == 0;
}

bool link_is_seen(const struct tf_path *path, uint8_t ttl, const struct stability *stability)
{
    const struct tf_addr *from = path_known_at(path, ttl);
    const struct tf_addr *to = path_seen_at(path, (uint8_t)(ttl + 1));

    return from != NULL && to != NULL && !tf_addr_equal(from, to) &&
           !is_behind_spent_ttl(path, (uint8_t)(ttl + 1)) && stability_trusts(stability, path, ttl);
}

static GArray *sight_links(const struct tf_trace *trace, const struct stability *stability)
{
    GArray *sightings = sightings_new();

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t last = tf_path_last_ttl(path);
        for (unsigned ttl = 1; ttl < last; ttl++) {
            const struct tf_addr *from = path_seen_at(path, (uint8_t)ttl);
            if (from != NULL && link_is_seen(path, (uint8_t)ttl, stability))
                sightings_add(sightings, path->path_id, from,
                              path_seen_at(path, (uint8_t)(ttl + 1)));
        }
    }
    sightings_sort_by_link(sightings);
    return sightings;
}

static struct link *last_link(GArray *links)
{
    return links->len > 0 ? &g_array_index(links, struct link, links->len - 1) : NULL;
}

static GArray *build_links(const struct tf_trace *trace, const struct stability *stability)
{
    GArray *links = g_array_new(FALSE, FALSE, sizeof(struct link));
    g_autoptr(GArray) sightings = sight_links(trace, stability);

    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);
        struct link *last = last_link(links);

        if (last == NULL || !tf_addr_equal(&last->from, &seen->from) ||
            !tf_addr_equal(&last->to, &seen->to)) {
            const struct link link = { .from = seen->from,
                                       .to = seen->to,
                                       .path_ids = g_array_new(FALSE, FALSE, sizeof(uint16_t)) };
            g_array_append_val(links, link);
            last = last_link(links);
        }
        const guint n_ids = last->path_ids->len;
        if (n_ids == 0 || g_array_index(last->path_ids, uint16_t, n_ids - 1) != seen->path_id)
            g_array_append_val(last->path_ids, seen->path_id);
    }
    return links;
}

struct graph *graph_new(const struct tf_trace *trace, const struct stability *stability)
{
    struct graph *graph = g_new0(struct graph, 1);

    graph->links = build_links(trace, stability);
    graph->nodes = nodes_new(trace, stability);
    return graph;
}

void graph_free(struct graph *graph)
{
    if (graph == NULL)
        return;
    for (guint i = 0; i < graph->links->len; i++)
        g_array_unref(g_array_index(graph->links, struct link, i).path_ids);
    g_array_unref(graph->links);
    g_array_unref(graph->nodes);
    g_free(graph);
}

bool graph_is_answered(const struct graph *graph)
{
    return graph->nodes->len > 1; /* the source is always there */
}

double graph_confidence(const struct graph *graph)
{
    double of_one = 0;
    double of_two = 0;
    double of_more = 0;

    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct node *node = &g_array_index(graph->nodes, struct node, i);
        const double open = node_has_confidence(node) ? 1 - node->confidence : 0;
        if (node->next_hops == 1)
            of_one = MAX(of_one, open);
        else if (node->next_hops == 2)
            of_two = MAX(of_two, open);
        else
            of_more += open;
    }
    return MAX(1 - of_one - MAX(of_two, of_more), 0);
}

const struct node *graph_weakest(const struct graph *graph)
{
    const struct node *weakest = NULL;

    for (guint i = 0; i < graph->nodes->len; i++) {
        const struct node *node = &g_array_index(graph->nodes, struct node, i);
        if (node_has_confidence(node) &&
            (weakest == NULL || node->confidence < weakest->confidence))
            weakest = node;
    }
    return weakest;
}
