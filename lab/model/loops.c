/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loops in which no TTL ever ends: all routers of them have ttl=keep.
 *
 * An edge is a next hop of a router in one of its states (at the beginning, after a change) with
 * ttl=keep. Routers without edges to others that have edges are taken away until none is left, or
 * only loops and what leads to them. States are not told apart by time: a file whose changes keep
 * out of each other's way by luck is refused as well.
 */
#include "addresses.h"
#include "check.h"

#define NO_EDGE UINT32_MAX

struct edge {
    uint32_t from;
    uint32_t to;
    uint32_t next_to;          /* the next edge to the same node, or NO_EDGE */
    const char *change;        /* NULL: at the beginning */
    const struct route *route; /* NULL: by the key next */
};

struct graph {
    const struct reading *reading;
    GArray *edges;    /* struct edge */
    GHashTable *seen; /* lists of next hops whose edges are there: changes share them */
    uint32_t *out;    /* of each node: how many edges lead on */
    uint32_t *in;     /* of each node: the first edge that leads to it */
};

static struct edge *edge_at(const struct graph *graph, uint32_t edge)
{
    return &g_array_index(graph->edges, struct edge, edge);
}

/* Add an edge for each next hop; pattern says all but where it leads. */
static void add_next_hops(struct graph *graph, struct edge pattern, const struct next_hops *next)
{
    if (next->count == 0 || !g_hash_table_add(graph->seen, next->at))
        return;
    for (size_t i = 0; i < next->count; i++) {
        struct edge edge = pattern;
        edge.to = next->at[i].node;
        if (edge.to == NODE_INTO_GENERATED) /* and never back */
            continue;
        edge.next_to = graph->in[edge.to];
        graph->in[edge.to] = graph->edges->len;
        graph->out[edge.from]++;
        g_array_append_val(graph->edges, edge);
    }
}

static void add_state(struct graph *graph, uint32_t node, const char *change,
                      const struct traits *traits)
{
    struct edge pattern = { .from = node, .change = change };

    if (traits->ttl != TTL_KEEP)
        return;
    add_next_hops(graph, pattern, &traits->next);
    for (size_t i = 0; i < traits->n_routes; i++) {
        pattern.route = &traits->routes[i];
        add_next_hops(graph, pattern, &traits->routes[i].via);
    }
}

static void add_edges(struct graph *graph)
{
    const struct topology *topology = graph->reading->topology;

    for (uint32_t i = 0; i < topology->n_nodes; i++)
        add_state(graph, i, NULL, &topology->nodes[i].traits);
    for (size_t i = 0; i < topology->n_changes; i++)
        add_state(graph, topology->changes[i].node, topology->changes[i].id,
                  &topology->changes[i].traits);
}

/* Take away routers that lead nowhere: out becomes 0 of all but loops and what leads to them. */
static void peel(struct graph *graph)
{
    const size_t n_nodes = graph->reading->topology->n_nodes;
    g_autofree uint32_t *ends = g_new(uint32_t, n_nodes);
    size_t count = 0;

    for (uint32_t i = 0; i < n_nodes; i++)
        if (graph->out[i] == 0)
            ends[count++] = i;
    while (count > 0) {
        uint32_t edge = graph->in[ends[--count]];
        for (; edge != NO_EDGE; edge = edge_at(graph, edge)->next_to)
            if (--graph->out[edge_at(graph, edge)->from] == 0)
                ends[count++] = edge_at(graph, edge)->from;
    }
}

/* Follow the first edges among what is left, from an edge that is in a loop. */
static void refuse_loop(const struct graph *graph, const uint32_t *first, const struct edge *start)
{
    const struct node *nodes = graph->reading->topology->nodes;
    g_autoptr(GString) path = g_string_new(nodes[start->from].id);
    g_autofree char *change = g_strconcat("change ", start->change, NULL);
    struct reading at = *graph->reading;
    char prefix[PREFIX_TEXT_LEN];
    g_autofree char *route = g_strconcat(
        "route ", start->route == NULL ? "" : prefix_text(&start->route->to, prefix), NULL);
    uint32_t node = start->from;

    do {
        node = edge_at(graph, first[node])->to;
        g_string_append_printf(path, " -> %s", nodes[node].id);
    } while (node != start->from);
    at.group = start->change == NULL ? at.node_group[start->from] : change;
    refuse(&at, start->route == NULL ? "next" : route, "loop without TTL: %s", path->str);
}

/* Whether anything is left; if so, one loop of it is refused. */
static bool find_loop(const struct graph *graph)
{
    const size_t n_nodes = graph->reading->topology->n_nodes;
    g_autofree uint32_t *first = g_new(uint32_t, n_nodes);
    g_autofree bool *passed = g_new0(bool, n_nodes);
    uint32_t node = 0;

    for (uint32_t i = graph->edges->len; i-- > 0;)
        if (graph->out[edge_at(graph, i)->to] > 0)
            first[edge_at(graph, i)->from] = i;
    while (node < n_nodes && graph->out[node] == 0)
        node++;
    if (node == n_nodes)
        return false;
    for (; !passed[node]; node = edge_at(graph, first[node])->to)
        passed[node] = true;
    refuse_loop(graph, first, edge_at(graph, first[node]));
    return true;
}

bool check_loops(const struct reading *reading)
{
    const size_t n_nodes = reading->topology->n_nodes;
    g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(struct edge));
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autofree uint32_t *out = g_new0(uint32_t, n_nodes);
    g_autofree uint32_t *in = g_new(uint32_t, n_nodes);
    struct graph graph = { .reading = reading, .edges = edges, .seen = seen, .out = out, .in = in };

    for (size_t i = 0; i < n_nodes; i++)
        in[i] = NO_EDGE;
    add_edges(&graph);
    peel(&graph);
    return !find_loop(&graph);
}
