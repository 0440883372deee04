/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes and links of a trace, collected flow by flow. */
#include "graph.h"

/* One responder on one path, or one link on one path: to is version 0 for a responder. */
struct sighting {
    struct tf_addr from;
    struct tf_addr to;
    uint16_t path_id;
};

static gint compare_sightings(gconstpointer a, gconstpointer b)
{
    const struct sighting *x = a;
    const struct sighting *y = b;
    const int from = tf_addr_compare(&x->from, &y->from);
    if (from != 0)
        return from;
    const int to = tf_addr_compare(&x->to, &y->to);
    return to != 0 ? to : x->path_id - y->path_id;
}

/* The one responder of a hop, or NULL if it has none or several. */
static const struct tf_addr *only_responder(const struct tf_hop *hop)
{
    if (hop == NULL || hop->n_replies == 0)
        return NULL;
    for (size_t i = 1; i < hop->n_replies; i++)
        if (!tf_addr_equal(&hop->replies[i].responder, &hop->replies[0].responder))
            return NULL;
    return &hop->replies[0].responder;
}

static void sight_responders(GArray *sightings, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);

    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
        const struct sighting sighting = { .from = hop->replies[i].responder,
                                           .path_id = path->path_id };
        g_array_append_val(sightings, sighting);
    }
}

static void sight_link(GArray *sightings, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *from = only_responder(tf_path_hop(path, ttl));
    const struct tf_addr *to = only_responder(tf_path_hop(path, (uint8_t)(ttl + 1)));
    if (from == NULL || to == NULL)
        return;

    const struct sighting sighting = { .from = *from, .to = *to, .path_id = path->path_id };
    g_array_append_val(sightings, sighting);
}

static GArray *collect(const struct tf_trace *trace,
                       void (*sight)(GArray *, const struct tf_path *, uint8_t),
                       uint8_t short_of_end)
{
    GArray *sightings = g_array_new(FALSE, FALSE, sizeof(struct sighting));

    for (size_t i = 0; i < trace->n_paths; i++)
        for (int ttl = 1; ttl <= tf_path_last_ttl(trace->paths[i]) - short_of_end; ttl++)
            sight(sightings, trace->paths[i], (uint8_t)ttl);
    g_array_sort(sightings, compare_sightings);
    return sightings;
}

static GArray *build_links(const struct tf_trace *trace)
{
    GArray *links = g_array_new(FALSE, FALSE, sizeof(struct link));
    g_autoptr(GArray) sightings = collect(trace, sight_link, 1);

    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);
        struct link *last = links->len > 0 ? &g_array_index(links, struct link, links->len - 1)
                                           : NULL;

        if (last == NULL || !tf_addr_equal(&last->from, &seen->from) ||
            !tf_addr_equal(&last->to, &seen->to)) {
            const struct link link = { .from = seen->from,
                                       .to = seen->to,
                                       .path_ids = g_array_new(FALSE, FALSE, sizeof(uint16_t)) };
            g_array_append_val(links, link);
            last = &g_array_index(links, struct link, links->len - 1);
        }
        const guint n_ids = last->path_ids->len;
        if (n_ids == 0 || g_array_index(last->path_ids, uint16_t, n_ids - 1) != seen->path_id)
            g_array_append_val(last->path_ids, seen->path_id);
    }
    return links;
}

/* Links are sorted by from, as nodes are by address: *at moves on with the nodes. */
static unsigned count_next_hops(const GArray *links, const struct tf_addr *from, guint *at)
{
    unsigned count = 0;

    for (; *at < links->len; (*at)++) {
        const int order = tf_addr_compare(&g_array_index(links, struct link, *at).from, from);
        if (order > 0)
            break;
        count += order == 0;
    }
    return count;
}

static GArray *build_nodes(const struct tf_trace *trace, const GArray *links)
{
    GArray *nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
    g_autoptr(GArray) sightings = collect(trace, sight_responders, 0);
    const struct sighting *previous = NULL;
    guint link = 0;

    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);

        if (previous == NULL || !tf_addr_equal(&previous->from, &seen->from)) {
            const struct node node = { .addr = seen->from,
                                       .flows = 1,
                                       .next_hops = count_next_hops(links, &seen->from, &link) };
            g_array_append_val(nodes, node);
        } else if (previous->path_id != seen->path_id) {
            g_array_index(nodes, struct node, nodes->len - 1).flows++;
        }
        previous = seen;
    }
    return nodes;
}

struct graph *graph_new(const struct tf_trace *trace)
{
    struct graph *graph = g_new0(struct graph, 1);

    graph->links = build_links(trace);
    graph->nodes = build_nodes(trace, graph->links);
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
