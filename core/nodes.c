/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of a graph: where they answer, what follows them, how sure that is all. */
#include "nodes.h"

#include "estimate.h"
#include "path.h"
#include "sighting.h"

bool node_answers_at(const struct node *node, uint8_t ttl)
{
    return (node->ttls[ttl / 64] >> ttl % 64 & 1) != 0;
}

uint8_t node_lowest_ttl(const struct node *node)
{
    for (unsigned ttl = 1; ttl <= UINT8_MAX; ttl++)
        if (node_answers_at(node, (uint8_t)ttl))
            return (uint8_t)ttl;
    return 0;
}

bool node_has_confidence(const struct node *node)
{
    return node->next_hops > 0;
}

static gint compare_with_node(const struct tf_addr *addr, const struct node *node)
{
    return tf_addr_compare(addr, &node->addr);
}

static struct node *find_node(GArray *nodes, const struct tf_addr *addr)
{
    guint low = 0;
    guint high = nodes->len;

    while (low < high) {
        const guint middle = low + (high - low) / 2;
        const gint order = compare_with_node(addr, &g_array_index(nodes, struct node, middle));
        if (order == 0)
            return &g_array_index(nodes, struct node, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct node *graph_node(const struct graph *graph, const struct tf_addr *addr)
{
    return find_node(graph->nodes, addr);
}

/* Every responder of a path up to its end. */
static void sight_responders(GArray *sightings, const struct tf_path *path)
{
    static const struct tf_addr nobody = { 0 };
    const uint8_t last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        for (size_t i = 0; hop != NULL && i < hop->n_replies; i++)
            sightings_add(sightings, path->path_id, &hop->replies[i].responder, &nobody);
    }
}

/* One node for each responder, with its flows. */
static GArray *list_responders(const struct tf_trace *trace)
{
    GArray *nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
    g_autoptr(GArray) sightings = sightings_new();
    const struct sighting *previous = NULL;
    const struct node source = { .flows = (unsigned)trace->n_paths };

    for (size_t i = 0; i < trace->n_paths; i++)
        sight_responders(sightings, trace->paths[i]);
    sightings_sort_by_path(sightings);
    g_array_append_val(nodes, source);
    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);
        if (previous == NULL || !tf_addr_equal(&previous->from, &seen->from)) {
            const struct node node = { .addr = seen->from, .flows = 1 };
            g_array_append_val(nodes, node);
        } else if (previous->path_id != seen->path_id) {
            g_array_index(nodes, struct node, nodes->len - 1).flows++;
        }
        previous = seen;
    }
    return nodes;
}

static void mark_ttls(GArray *nodes, const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);
    const uint8_t end = tf_path_end(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
            struct node *node = find_node(nodes, &hop->replies[i].responder);
            node->ttls[ttl / 64] |= UINT64_C(1) << ttl % 64;
            node->is_end |= ttl == end;
            node->is_destination |= hop->replies[i].kind == TF_KIND_DESTINATION_REPLY;
        }
    }
}

/* Nodes by their index, and which path met them last, counted from 1. */
struct meetings {
    GArray *nodes;
    size_t *last_path;
    size_t path;
};

/* The node of an address, if this path had not met it before. */
static struct node *meet(const struct meetings *meetings, const struct tf_addr *addr)
{
    struct node *node = find_node(meetings->nodes, addr);
    if (node == NULL)
        return NULL;

    size_t *last_path = &meetings->last_path[node - (struct node *)(void *)meetings->nodes->data];
    if (*last_path == meetings->path)
        return NULL;
    *last_path = meetings->path;
    return node;
}

static void meet_responders(const struct meetings *meetings, const struct tf_path *path)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
        const struct tf_hop *hop = path_cell(path, ttl);
        for (size_t i = 0; i < hop->n_replies; i++)
            meet(meetings, &hop->replies[i].responder);
    }
}

/* Which paths must lead through a node, without its having answered there. */
static void count_inferred(GArray *nodes, const struct tf_trace *trace)
{
    g_autofree size_t *last_path = g_new0(size_t, nodes->len);
    struct meetings meetings = { .nodes = nodes, .last_path = last_path };

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t last = tf_path_last_ttl(path);
        meetings.path = i + 1;
        meet_responders(&meetings, path);
        for (unsigned ttl = 1; ttl <= last; ttl++) {
            const struct tf_addr *addr = path_inferred_at(path, (uint8_t)ttl);
            struct node *node = addr != NULL ? meet(&meetings, addr) : NULL;
            if (node != NULL)
                node->inferred++;
        }
    }
}

/* What follows the source, and every known node, on each path. */
static GArray *sight_next_hops(const struct tf_trace *trace, const struct stability *stability)
{
    static const struct tf_addr source = { 0 };
    const uint8_t first = tf_trace_ttls(trace).first;
    GArray *sightings = sightings_new();

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const struct tf_addr *to = path_seen_at(path, first);
        const uint8_t last = tf_path_last_ttl(path);
        if (to != NULL)
            sightings_add(sightings, path->path_id, &source, to);
        for (unsigned ttl = 1; ttl < last; ttl++)
            if (link_is_seen(path, (uint8_t)ttl, stability))
                sightings_add(sightings, path->path_id, path_known_at(path, (uint8_t)ttl),
                              path_seen_at(path, (uint8_t)(ttl + 1)));
    }
    return sightings;
}

static void count_next_hops(GArray *nodes, GArray *sightings)
{
    sightings_sort_by_link(sightings);
    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);
        const struct sighting *previous = i > 0 ? seen - 1 : NULL;
        if (previous == NULL || !tf_addr_equal(&previous->from, &seen->from) ||
            !tf_addr_equal(&previous->to, &seen->to))
            find_node(nodes, &seen->from)->next_hops++;
    }

    sightings_sort_by_path(sightings);
    for (guint i = 0; i < sightings->len; i++) {
        const struct sighting *seen = &g_array_index(sightings, struct sighting, i);
        const struct sighting *previous = i > 0 ? seen - 1 : NULL;
        if (previous == NULL || !tf_addr_equal(&previous->from, &seen->from) ||
            previous->path_id != seen->path_id)
            find_node(nodes, &seen->from)->told++;
    }
}

GArray *nodes_new(const struct tf_trace *trace, const struct stability *stability)
{
    GArray *nodes = list_responders(trace);
    g_autoptr(GArray) sightings = sight_next_hops(trace, stability);

    for (size_t i = 0; i < trace->n_paths; i++)
        mark_ttls(nodes, trace->paths[i]);
    count_next_hops(nodes, sightings);
    count_inferred(nodes, trace);
    for (guint i = 0; i < nodes->len; i++) {
        struct node *node = &g_array_index(nodes, struct node, i);
        node->is_end &= node->next_hops == 0;
        node->confidence = estimate_confidence(node->next_hops, node->told);
    }
    return nodes;
}
