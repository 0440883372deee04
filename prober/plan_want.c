/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cells are wanted.
 *
 * A flow is asked at every TTL at which its way is open, and only there: behind a node with a
 * choice, behind silence, and behind a node that still needs flows. Elsewhere there is one way on,
 * and its place is inferred (plan_view.c). Where a flow was observed behind an inferred place, over
 * a link that no flow has shown at both ends, the inferred cell is asked after all.
 *
 * Where a flow is to be asked depends on where it was before, which takes a round trip for each
 * TTL. It is asked sooner where that cannot be wasted: wherever it may turn out to be, it will be
 * needed.
 */
#include "plan_want.h"

#include <string.h>

enum { SCOUT_AHEAD = 2 };

void wants_begin(struct wants *wants)
{
    wants->list = g_array_new(FALSE, FALSE, sizeof(struct want));
    wants->wake_ns = INT64_MAX;
}

void wants_end(struct wants *wants)
{
    g_array_unref(wants->list);
}

static void want(struct plan *plan, struct wants *wants, unsigned path, unsigned ttl)
{
    const struct want wanted = { .path = (uint16_t)path,
                                 .ttl = (uint8_t)ttl,
                                 .rank = wants->ranks[ttl]++,
                                 .lot = g_rand_int(plan->rand) };

    plan->ways[path].places[ttl].is_wanted = true;
    g_array_append_val(wants->list, wanted);
}

/* Where packets of a flow part, its end is that of one packet. */
bool want_is_behind_end(const struct plan *plan, const struct way *way, unsigned ttl)
{
    return ttl > way->end && !plan->view.levels[ttl].is_unstable;
}

/* Whether a cell can be asked for the first time, or again after it was thought to be behind the
 * end. */
static bool is_askable(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];
    const bool is_unsent = cell->state == CELL_UNSENT ||
                           (cell->state == CELL_CUT && cell->attempts < plan->options.attempts);

    return is_unsent && !way->places[ttl].is_wanted && !want_is_behind_end(plan, way, ttl);
}

/* The flows whose place before is known: those that were observed there come first. */
static void want_placed(struct plan *plan, struct wants *wants, unsigned ttl, bool inferred)
{
    struct view *view = &plan->view;

    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *from = &plan->ways[i].places[ttl - 1];
        if (from->node >= PLACE_OVER || from->is_inferred != inferred ||
            !is_askable(plan, &plan->ways[i], ttl))
            continue;
        struct node *node = view_node(view, ttl - 1, from->node);
        if (node->is_end)
            continue;
        if (!view_is_choice(view, ttl - 1, from->node) && !view_has_room(node, 0))
            continue;
        want(plan, wants, i, ttl);
        node->pending++;
    }
}

/* Whether a flow is needed at a TTL wherever it was before. */
static bool is_needed_anyway(const struct view *view, unsigned ttl, unsigned unplaced)
{
    const struct level *before = &view->levels[ttl - 1];
    bool any = false;

    for (unsigned i = 0; i < before->nodes->len; i++) {
        const struct node *node = view_node(view, ttl - 1, i);
        if (node->arrived == 0)
            continue;
        if (node->is_end)
            return false;
        if (!view_is_choice(view, ttl - 1, i) && !view_has_room(node, unplaced))
            return false;
        any = true;
    }
    return any;
}

/* Where nobody answers, it is not worth the timeout to know whether one will after all. */
static bool looks_silent(const struct plan *plan, struct wants *wants, const struct way *way,
                         unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];
    const bool is_wanted = way->places[ttl].is_wanted; /* it is sent about now */
    const int64_t at_ns = (is_wanted ? plan->now_ns : cell->sent_ns) + plan_quiet_ns(plan);
    if ((!plan_is_asked(cell) && !is_wanted) || plan->view.levels[ttl].answered > 0)
        return false;

    if (!is_wanted && (cell->attempts > 1 || cell->state == CELL_DUE || plan->now_ns >= at_ns))
        return true;
    wants->wake_ns = MIN(wants->wake_ns, at_ns);
    return false;
}

/* Whether a cell is about to be answered, if it is answered at once. */
static bool is_on_its_way(const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];

    return way->places[ttl].is_wanted ? cell->attempts == 0
                                      : cell->state == CELL_WAITING && cell->attempts == 1;
}

static void want_unplaced(struct plan *plan, struct wants *wants, unsigned ttl)
{
    const struct view *view = &plan->view;
    unsigned unplaced = 0;

    for (unsigned i = 0; i < plan->open; i++)
        unplaced += plan->ways[i].places[ttl - 1].node == PLACE_UNKNOWN &&
                    plan_is_asked(&plan->ways[i].cells[ttl]);
    for (unsigned i = 0; i < plan->open; i++) {
        const struct way *way = &plan->ways[i];
        const bool is_scouting = i == 0 && ttl <= way->top + (unsigned)SCOUT_AHEAD;
        if (way->places[ttl - 1].node != PLACE_UNKNOWN || !is_askable(plan, way, ttl))
            continue;
        const bool is_next = is_on_its_way(way, ttl - 1);
        if (!is_scouting && !(is_next && is_needed_anyway(view, ttl, unplaced)) &&
            !(unplaced < view->alone.first && looks_silent(plan, wants, way, ttl - 1)))
            continue;
        want(plan, wants, i, ttl);
        unplaced++;
    }
}

static void count_confirming(struct plan *plan, unsigned ttl)
{
    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *place = &plan->ways[i].places[ttl];
        const bool asked = plan->ways[i].places[ttl - 1].is_wanted ||
                           plan_is_asked(&plan->ways[i].cells[ttl - 1]);
        if (place->node < PLACE_OVER && asked)
            view_node(&plan->view, ttl, place->node)->confirming++;
    }
}

/* Links from an inferred place that no flow has shown yet: one flow is asked about each. */
static void want_confirmed(struct plan *plan, struct wants *wants, unsigned ttl)
{
    struct view *view = &plan->view;
    if (view->levels[ttl].is_unstable || view->levels[ttl - 1].is_unstable)
        return;

    count_confirming(plan, ttl);
    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *from = &plan->ways[i].places[ttl - 1];
        const struct place *to = &plan->ways[i].places[ttl];
        if (!from->is_inferred || from->node == NODE_SILENCE || to->node >= PLACE_OVER ||
            to->is_inferred || to->node == NODE_SILENCE)
            continue;
        struct node *node = view_node(view, ttl, to->node);
        if (*view_link(view, ttl - 1, from->node, to->node) & LINK_OBSERVED ||
            node->confirming > 0 || !is_askable(plan, &plan->ways[i], ttl - 1))
            continue;
        node->confirming++;
        want(plan, wants, i, ttl - 1);
    }
}

void wants_decide(struct plan *plan, struct wants *wants)
{
    g_array_set_size(wants->list, 0);
    memset(wants->ranks, 0, sizeof wants->ranks);
    wants->wake_ns = INT64_MAX;
    for (unsigned ttl = plan->options.first_ttl; ttl <= plan->view.last; ttl++) {
        if (!plan->view.levels[ttl].is_mute) {
            want_placed(plan, wants, ttl, false);
            want_placed(plan, wants, ttl, true);
            want_unplaced(plan, wants, ttl);
        }
        if (ttl > plan->options.first_ttl)
            want_confirmed(plan, wants, ttl);
    }
}
