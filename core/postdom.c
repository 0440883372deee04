/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Immediate post-dominators: the iteration of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance
 * Algorithm", 2001) on the reversed graph, from the exit.
 */
#include "postdom.h"

#include <stdbool.h>

static const guint UNKNOWN = G_MAXUINT;

/* Steps up the tree, over all iterations; networks need some thousands. */
enum { EFFORT_MAX = 50 * 1000 * 1000 };

/* Edges grouped by one of their ends: those of a node are others[begins[node]..begins[node + 1]].
 */
struct adjacency {
    guint *begins;
    guint *others;
};

struct postdom {
    guint n_all;           /* nodes and the exit, which is the last of them */
    struct adjacency from; /* who leads to a node */
    struct adjacency to;   /* where a node leads */
    guint *order;          /* places in reverse postorder -> node */
    guint *place;          /* node -> its place, or UNKNOWN */
    guint n_ordered;
    guint *tree;  /* place -> place of the immediate post-dominator, or UNKNOWN */
    guint effort; /* spent */
};

static guint node_of(const struct postdom *postdom, guint end)
{
    return end == POSTDOM_EXIT ? postdom->n_all - 1 : end;
}

/* Count, add up, and fill in from behind. */
static struct adjacency group(const struct postdom *postdom, const struct edge *edges,
                              guint n_edges, bool by_from)
{
    struct adjacency adjacency = { g_new0(guint, postdom->n_all + 1), g_new0(guint, n_edges) };

    for (guint i = 0; i < n_edges; i++)
        adjacency.begins[node_of(postdom, by_from ? edges[i].from : edges[i].to)]++;
    for (guint i = 0; i < postdom->n_all; i++)
        adjacency.begins[i + 1] += adjacency.begins[i];
    for (guint i = 0; i < n_edges; i++) {
        const guint key = node_of(postdom, by_from ? edges[i].from : edges[i].to);
        const guint other = node_of(postdom, by_from ? edges[i].to : edges[i].from);
        adjacency.others[--adjacency.begins[key]] = other;
    }
    return adjacency;
}

static void adjacency_clear(struct adjacency *adjacency)
{
    g_free(adjacency->begins);
    g_free(adjacency->others);
}

/* Depth first from the exit against the edges; a node is placed when all behind it is. */
static void order_nodes(struct postdom *postdom)
{
    g_autofree guint *next = g_memdup2(postdom->from.begins, postdom->n_all * sizeof(guint));
    g_autofree bool *seen = g_new0(bool, postdom->n_all);
    g_autofree guint *stack = g_new(guint, postdom->n_all);
    guint depth = 0;
    guint at = postdom->n_all;

    stack[depth++] = postdom->n_all - 1;
    seen[postdom->n_all - 1] = true;
    while (depth > 0) {
        const guint node = stack[depth - 1];
        if (next[node] == postdom->from.begins[node + 1]) {
            postdom->order[--at] = node;
            depth--;
            continue;
        }
        const guint other = postdom->from.others[next[node]++];
        if (!seen[other])
            stack[depth++] = other;
        seen[other] = true;
    }
    postdom->n_ordered = postdom->n_all - at;
    for (guint i = 0; i < postdom->n_ordered; i++) {
        postdom->order[i] = postdom->order[at + i];
        postdom->place[postdom->order[i]] = i;
    }
}

static guint common(struct postdom *postdom, guint a, guint b)
{
    while (a != b && postdom->effort < EFFORT_MAX) {
        postdom->effort++;
        if (a > b)
            a = postdom->tree[a];
        else
            b = postdom->tree[b];
    }
    return a;
}

/* What all known ways from a place have in common. */
static guint meeting(struct postdom *postdom, guint place)
{
    const guint node = postdom->order[place];
    guint found = UNKNOWN;

    for (guint i = postdom->to.begins[node]; i < postdom->to.begins[node + 1]; i++) {
        const guint next = postdom->place[postdom->to.others[i]];
        if (next == UNKNOWN || postdom->tree[next] == UNKNOWN)
            continue;
        found = found == UNKNOWN ? next : common(postdom, next, found);
    }
    return found;
}

static void iterate(struct postdom *postdom)
{
    bool changed = true;

    postdom->tree[0] = 0;
    while (changed && postdom->effort < EFFORT_MAX) {
        changed = false;
        for (guint place = 1; place < postdom->n_ordered; place++) {
            const guint found = meeting(postdom, place);
            postdom->effort++;
            changed |= found != postdom->tree[place];
            postdom->tree[place] = found;
        }
    }
}

static guint *read_tree(const struct postdom *postdom)
{
    const guint n_nodes = postdom->n_all - 1;
    guint *result = g_new0(guint, n_nodes);

    for (guint node = 0; node < n_nodes; node++) {
        const guint place = postdom->place[node];
        const guint above = place != UNKNOWN ? postdom->tree[place] : UNKNOWN;
        result[node] = postdom->effort >= EFFORT_MAX || above == UNKNOWN || above == 0
                           ? UNKNOWN
                           : postdom->order[above];
    }
    return result;
}

static guint *new_unknown(guint n)
{
    guint *numbers = g_new0(guint, n);

    for (guint i = 0; i < n; i++)
        numbers[i] = UNKNOWN;
    return numbers;
}

guint *postdom_new(const struct edge *edges, guint n_edges, guint n_nodes)
{
    struct postdom postdom = { .n_all = n_nodes + 1 };

    postdom.from = group(&postdom, edges, n_edges, false);
    postdom.to = group(&postdom, edges, n_edges, true);
    postdom.order = g_new0(guint, postdom.n_all);
    postdom.place = new_unknown(postdom.n_all);
    postdom.tree = new_unknown(postdom.n_all);
    order_nodes(&postdom);
    iterate(&postdom);
    guint *result = read_tree(&postdom);
    adjacency_clear(&postdom.from);
    adjacency_clear(&postdom.to);
    g_free(postdom.order);
    g_free(postdom.place);
    g_free(postdom.tree);
    return result;
}
