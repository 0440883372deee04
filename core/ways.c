/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stable paths of a trace as walks over numbered responders, and where all ways from one meet.
 */
#include "ways.h"

#include <string.h>

#include "hash.h"
#include "path.h"
#include "postdom.h"

struct responder {
    struct tf_addr addr;
    uint8_t lowest_ttl;
    guint followers; /* at the next TTL */
    guint visited;   /* by which path last, counted from 1 */
};

/* Most paths share most of their edges: whenever there are twice as many as were different before,
 * repetitions are removed. */
struct edges {
    GArray *array; /* struct edge */
    guint limit;
};

struct ways {
    GArray *responders; /* struct responder */
    GArray *steps;      /* struct step, path after path */
    GArray *begins;     /* guint: where each path's steps begin, and where the last one's end */
    struct edges edges;
    struct edges direct; /* those of them without silence between */
    guint *meeting;      /* by responder: immediate post-dominator, or WAYS_NONE */
};

static guint number_of(struct ways *ways, GHashTable *numbers, const struct tf_addr *addr,
                       uint8_t ttl)
{
    const guint *known = g_hash_table_lookup(numbers, addr);
    const guint number = known != NULL ? *known : ways->responders->len;

    if (known == NULL) {
        const struct responder responder = { .addr = *addr, .lowest_ttl = ttl };
        g_array_append_val(ways->responders, responder);
        g_hash_table_insert(numbers, g_memdup2(addr, sizeof *addr),
                            g_memdup2(&number, sizeof number));
    }
    struct responder *responder = &g_array_index(ways->responders, struct responder, number);
    responder->lowest_ttl = MIN(responder->lowest_ttl, ttl);
    return number;
}

static gint compare_edges(gconstpointer a, gconstpointer b)
{
    const struct edge *x = a;
    const struct edge *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static void remove_repetitions(GArray *edges)
{
    guint kept = 0;

    g_array_sort(edges, compare_edges);
    for (guint i = 0; i < edges->len; i++) {
        const struct edge edge = g_array_index(edges, struct edge, i);
        if (kept == 0 || compare_edges(&g_array_index(edges, struct edge, kept - 1), &edge) != 0)
            g_array_index(edges, struct edge, kept++) = edge;
    }
    g_array_set_size(edges, kept);
}

static void add_edge(struct edges *edges, guint from, guint to)
{
    enum { LIMIT_MIN = 4096 };
    const struct edge edge = { .from = from, .to = to };

    if (edges->array->len == edges->limit) {
        remove_repetitions(edges->array);
        edges->limit = MAX(2 * edges->array->len, LIMIT_MIN);
    }
    g_array_append_val(edges->array, edge);
}

static void add_step(struct ways *ways, guint responder, uint8_t ttl)
{
    const guint begin = g_array_index(ways->begins, guint, ways->begins->len - 1);
    const struct step step = { .responder = responder, .ttl = ttl };

    if (ways->steps->len > begin) {
        const struct step *last = &g_array_index(ways->steps, struct step, ways->steps->len - 1);
        if (last->responder == responder)
            return;
        add_edge(&ways->edges, last->responder, responder);
        if (last->ttl + 1 == ttl)
            add_edge(&ways->direct, last->responder, responder);
    }
    g_array_append_val(ways->steps, step);
}

/* Whether a path comes to a responder for the second time, others having been between. */
static bool comes_back(struct ways *ways, guint number)
{
    const guint path = ways->begins->len;
    const guint last = g_array_index(ways->steps, struct step, ways->steps->len - 1).responder;
    struct responder *responder = &g_array_index(ways->responders, struct responder, number);
    const bool again = responder->visited == path && last != number;

    responder->visited = path;
    return again;
}

/* Up to the end, or to where a loop begins anew. */
static void add_path(struct ways *ways, GHashTable *numbers, const struct tf_path *path,
                     uint8_t first)
{
    const uint8_t last = tf_path_last_ttl(path);
    bool loops = false;

    add_step(ways, 0, (uint8_t)(first - 1));
    for (unsigned ttl = first; ttl <= last && !loops; ttl++) {
        const struct tf_addr *addr = path_known_at(path, (uint8_t)ttl);
        if (addr == NULL)
            continue;
        const guint number = number_of(ways, numbers, addr, (uint8_t)ttl);
        loops = comes_back(ways, number);
        if (!loops)
            add_step(ways, number, (uint8_t)ttl);
    }
    if (!loops && tf_path_end(path) != 0)
        add_edge(&ways->edges,
                 g_array_index(ways->steps, struct step, ways->steps->len - 1).responder,
                 POSTDOM_EXIT);
    g_array_append_val(ways->begins, ways->steps->len);
}

/* A responder that nobody follows is an end, too. */
static void finish_edges(struct ways *ways)
{
    g_autofree bool *goes_on = g_new0(bool, ways->responders->len);

    remove_repetitions(ways->edges.array);
    for (guint i = 0; i < ways->edges.array->len; i++) {
        const struct edge *edge = &g_array_index(ways->edges.array, struct edge, i);
        goes_on[edge->from] = true;
    }
    for (guint i = 0; i < ways->responders->len; i++)
        if (!goes_on[i])
            add_edge(&ways->edges, i, POSTDOM_EXIT);
}

static void count_followers(struct ways *ways)
{
    remove_repetitions(ways->direct.array);
    for (guint i = 0; i < ways->direct.array->len; i++) {
        const struct edge *edge = &g_array_index(ways->direct.array, struct edge, i);
        g_array_index(ways->responders, struct responder, edge->from).followers++;
    }
}

struct ways *ways_new(const struct tf_trace *trace)
{
    struct ways *ways = g_new0(struct ways, 1);
    const struct tf_ttl_range ttls = tf_trace_ttls(trace);
    static const struct tf_addr source = { 0 };
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(hash_addr, equal_addr, g_free, g_free);
    const guint none = 0;

    ways->responders = g_array_new(FALSE, FALSE, sizeof(struct responder));
    ways->steps = g_array_new(FALSE, TRUE, sizeof(struct step));
    ways->begins = g_array_new(FALSE, FALSE, sizeof(guint));
    ways->edges.array = g_array_new(FALSE, FALSE, sizeof(struct edge));
    ways->direct.array = g_array_new(FALSE, FALSE, sizeof(struct edge));
    g_array_append_val(ways->begins, none);
    number_of(ways, numbers, &source, 0);
    for (size_t i = 0; i < trace->n_paths; i++)
        if (!trace->paths[i]->unstable)
            add_path(ways, numbers, trace->paths[i], ttls.first);
    finish_edges(ways);
    count_followers(ways);
    ways->meeting = postdom_new((const struct edge *)(const void *)ways->edges.array->data,
                                ways->edges.array->len, ways->responders->len);
    return ways;
}

void ways_free(struct ways *ways)
{
    if (ways == NULL)
        return;
    g_array_unref(ways->responders);
    g_array_unref(ways->steps);
    g_array_unref(ways->begins);
    g_array_unref(ways->edges.array);
    g_array_unref(ways->direct.array);
    g_free(ways->meeting);
    g_free(ways);
}

guint ways_count(const struct ways *ways)
{
    return ways->begins->len - 1;
}

struct way ways_get(const struct ways *ways, guint index)
{
    const guint begin = g_array_index(ways->begins, guint, index);
    const guint end = g_array_index(ways->begins, guint, index + 1);

    return (struct way){ .steps = &g_array_index(ways->steps, struct step, begin),
                         .n_steps = end - begin };
}

guint ways_responders(const struct ways *ways)
{
    return ways->responders->len;
}

static const struct responder *responder_at(const struct ways *ways, guint number)
{
    return &g_array_index(ways->responders, struct responder, number);
}

const struct tf_addr *ways_addr(const struct ways *ways, guint responder)
{
    return &responder_at(ways, responder)->addr;
}

uint8_t ways_lowest_ttl(const struct ways *ways, guint responder)
{
    return responder_at(ways, responder)->lowest_ttl;
}

guint ways_convergence(const struct ways *ways, guint responder)
{
    return responder_at(ways, responder)->followers > 1 ? ways->meeting[responder] : WAYS_NONE;
}
