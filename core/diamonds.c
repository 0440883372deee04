/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diamonds: where paths part, and where all of them meet again.
 *
 * The convergence of a responder is its immediate post-dominator in the graph of all paths together
 * (ways.h). That graph has walks which no flow takes, but what lies on each of its walks lies on
 * each flow. Width and length are measured along the flows.
 */
#include "diamonds.h"

#include "ways.h"

/* Responders in a diamond, its convergence included, by their distance from the divergence. */
struct inside {
    guint diamond;
    unsigned distance;
    guint responder;
};

struct search {
    const struct ways *ways;
    GArray *list;    /* struct diamond */
    guint *index;    /* by responder: of its diamond in list, plus 1 */
    GArray *insides; /* struct inside */
};

static guint reach_diamond(struct search *search, guint divergence, guint convergence)
{
    if (search->index[divergence] == 0) {
        const struct diamond diamond = {
            .divergence = *ways_addr(search->ways, divergence),
            .convergence = *ways_addr(search->ways, convergence),
            .ttl = ways_lowest_ttl(search->ways, divergence),
            .shortest = UINT_MAX,
        };
        g_array_append_val(search->list, diamond);
        search->index[divergence] = search->list->len;
    }
    return search->index[divergence] - 1;
}

/* How many steps further on a path a responder stands, or 0. */
static guint distance_to(const struct way *way, guint from, guint responder)
{
    for (guint i = from + 1; i < way->n_steps; i++)
        if (way->steps[i].responder == responder)
            return i - from;
    return 0;
}

/* Measure the diamond that begins at a step of a path; returns how many steps to go on. */
static guint measure(struct search *search, const struct way *way, guint from)
{
    const guint divergence = way->steps[from].responder;
    const guint convergence = ways_convergence(search->ways, divergence);
    const guint steps = convergence != WAYS_NONE ? distance_to(way, from, convergence) : 0;
    if (steps == 0)
        return 1;

    const guint at = reach_diamond(search, divergence, convergence);
    struct diamond *diamond = &g_array_index(search->list, struct diamond, at);
    const unsigned hops = way->steps[from + steps].ttl - way->steps[from].ttl;
    diamond->longest = MAX(diamond->longest, hops);
    diamond->shortest = MIN(diamond->shortest, hops);
    for (guint i = 1; i <= steps; i++) {
        const struct inside inside = { .diamond = at,
                                       .distance = way->steps[from + i].ttl - way->steps[from].ttl,
                                       .responder = way->steps[from + i].responder };
        g_array_append_val(search->insides, inside);
    }
    return steps;
}

static gint compare_insides(gconstpointer a, gconstpointer b)
{
    const struct inside *x = a;
    const struct inside *y = b;

    if (x->diamond != y->diamond)
        return x->diamond < y->diamond ? -1 : 1;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->responder > y->responder) - (x->responder < y->responder);
}

static void measure_widths(struct search *search)
{
    unsigned width = 0;

    g_array_sort(search->insides, compare_insides);
    for (guint i = 0; i < search->insides->len; i++) {
        const struct inside *inside = &g_array_index(search->insides, struct inside, i);
        const struct inside *previous = i > 0 ? inside - 1 : NULL;
        struct diamond *diamond = &g_array_index(search->list, struct diamond, inside->diamond);

        if (previous == NULL || previous->diamond != inside->diamond ||
            previous->distance != inside->distance)
            width = 1;
        else
            width += previous->responder != inside->responder;
        diamond->width = MAX(diamond->width, width);
    }
}

static gint compare_diamonds(gconstpointer a, gconstpointer b)
{
    const struct diamond *x = a;
    const struct diamond *y = b;

    return x->ttl != y->ttl ? x->ttl - y->ttl : tf_addr_compare(&x->divergence, &y->divergence);
}

static void search_paths(struct search *search)
{
    for (guint i = 0; i < ways_count(search->ways); i++) {
        const struct way way = ways_get(search->ways, i);
        guint at = 0;
        while (at < way.n_steps)
            at += measure(search, &way, at);
    }
}

struct diamonds *diamonds_new(const struct tf_trace *trace)
{
    struct diamonds *diamonds = g_new0(struct diamonds, 1);
    struct ways *ways = ways_new(trace);
    struct search search = {
        .ways = ways,
        .list = g_array_new(FALSE, FALSE, sizeof(struct diamond)),
        .index = g_new0(guint, ways_responders(ways)),
        .insides = g_array_new(FALSE, FALSE, sizeof(struct inside)),
    };

    search_paths(&search);
    measure_widths(&search);
    g_array_sort(search.list, compare_diamonds);
    diamonds->list = search.list;
    for (guint i = 0; i < search.list->len; i++) {
        const struct diamond *diamond = &g_array_index(search.list, struct diamond, i);
        diamonds->width = MAX(diamonds->width, diamond->width);
        diamonds->length = MAX(diamonds->length, diamond->longest);
    }
    g_free(search.index);
    g_array_unref(search.insides);
    ways_free(ways);
    return diamonds;
}

void diamonds_free(struct diamonds *diamonds)
{
    if (diamonds == NULL)
        return;
    g_array_unref(diamonds->list);
    g_free(diamonds);
}
