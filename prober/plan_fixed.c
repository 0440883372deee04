/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fixed number of paths, every TTL of each.
 *
 * All paths and TTLs are in flight together, but a probe behind the destination is a probe wasted.
 * So one path scouts ahead, and the others follow as deep as answers prove the network to be: to
 * the shortest path length once the destination has answered, then one TTL at a time. Where answers
 * stay away, a path waits a few round-trip times, not a timeout, before it looks behind the
 * silence; only beyond the shortest length, where a silent cell may well be a destination that
 * limits its rate, it waits the timeout out.
 */
#include "plan_fixed.h"

enum { SCOUT_AHEAD = 8 };

/* The highest TTL that it makes sense to probe on a path. */
static int limit_of(const struct plan *plan, const struct way *way)
{
    const int before_end = way->end - 1;
    const int before_gap = plan->top + plan->options.gap_limit;

    return MIN(MIN(before_end, before_gap), plan->options.max_ttl);
}

/* How deep the network is known to be, seen from any path. */
static int proven_depth(const struct plan *plan)
{
    return plan->shortest_end != NO_END ? plan->shortest_end : plan->reach;
}

enum opening { OPENING_NEVER, OPENING_NOW, OPENING_LATER };

/*
 * Beyond the shortest length, and with no answer from the TTL before, the destination may be what
 * is silent: to look one TTL further is to ask it again, and counts as a repetition.
 */
static bool is_repetition(const struct plan *plan, const struct way *way)
{
    return way->next_ttl > plan->shortest_end &&
           way->cells[way->next_ttl - 1].state != CELL_ANSWERED;
}

/* Whether a path may probe its next TTL, and if only later, when. */
static enum opening next_opening(const struct plan *plan, unsigned path, int64_t now_ns,
                                 int64_t *at_ns)
{
    const struct way *way = &plan->ways[path];
    const bool is_scout = path == 0;
    const int ttl = way->next_ttl;
    if (ttl > limit_of(plan, way))
        return OPENING_NEVER;
    if (!plan_is_free(plan, path, (unsigned)ttl))
        return OPENING_NEVER; /* the end of that wait comes by its own timer */

    const struct cell *frontier = &way->cells[ttl - 1];
    if (frontier->state == CELL_DUE && is_repetition(plan, way))
        return OPENING_NEVER; /* its own turn comes first */
    if (ttl == plan->options.first_ttl || frontier->state != CELL_WAITING)
        return OPENING_NOW;
    if (ttl <= proven_depth(plan) || (is_scout && ttl <= way->top + SCOUT_AHEAD))
        return OPENING_NOW;
    *at_ns = frontier->sent_ns +
             (is_repetition(plan, way) ? plan->retry.wave_ns : plan_quiet_ns(plan));
    return now_ns >= *at_ns ? OPENING_NOW : OPENING_LATER;
}

bool plan_fixed_choose(struct plan *plan, int64_t now_ns, enum fixed_choice choice,
                       struct sent *sent)
{
    int64_t at_ns = 0;

    for (unsigned i = 0; i < plan->open; i++) {
        const unsigned path = (plan->cursor + i) % plan->open;
        struct way *way = &plan->ways[path];
        if (next_opening(plan, path, now_ns, &at_ns) != OPENING_NOW)
            continue;
        if (is_repetition(plan, way) != (choice == FIXED_REPETITION))
            continue;
        if (choice == FIXED_REPETITION && !retry_allows(&plan->retry, (uint8_t)way->next_ttl))
            continue;
        plan->cursor = (uint16_t)path;
        *sent = (struct sent){ .path = (uint16_t)path,
                               .ttl = (uint8_t)way->next_ttl++,
                               .sent_ns = now_ns };
        return true;
    }
    return false;
}

int64_t plan_fixed_wake_ns(const struct plan *plan, int64_t now_ns)
{
    int64_t until_ns = INT64_MAX;
    int64_t at_ns = 0;

    for (unsigned path = 0; path < plan->open; path++)
        if (next_opening(plan, path, now_ns, &at_ns) == OPENING_LATER)
            until_ns = MIN(until_ns, at_ns);
    return until_ns;
}

void plan_fixed_cut(struct plan *plan, struct way *way)
{
    for (int ttl = way->end + 1; ttl < way->next_ttl; ttl++) {
        struct cell *cell = &way->cells[ttl];
        if (cell->state == CELL_WAITING || cell->state == CELL_DUE)
            plan_set_state(way, cell, CELL_CUT);
        plan_land(plan, cell);
    }
}
