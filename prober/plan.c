/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a run with a fixed number of paths.
 *
 * All paths and TTLs are in flight together, but a probe behind the destination is a probe wasted.
 * So one path scouts ahead, and the others follow as deep as answers prove the network to be: to
 * the shortest path length once the destination has answered, then one TTL at a time. Where answers
 * stay away, a path waits a few round-trip times, not a timeout, before it looks behind the
 * silence; only beyond the shortest length, where a silent cell may well be a destination that
 * limits its rate, it waits the timeout out.
 *
 * In flight is at most a window of probes, which starts small and grows with every answer, so the
 * pace follows what the network returns. What stays silent is asked again (retry.h), up to the
 * number of attempts.
 *
 * A path that returns replies of unknown TTL is asked one TTL at a time: then it is clear what they
 * answer.
 */
#include "plan.h"

#include "plan_state.h"

enum { SCOUT_AHEAD = 8, WINDOW_MAX = 1024 };

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
    if (way->one_by_one && way->waiting > 0)
        return OPENING_NEVER; /* the end of that wait comes by its own timer */

    const struct cell *frontier = &way->cells[ttl - 1];
    if (ttl == plan->options.first_ttl || frontier->state != CELL_WAITING)
        return OPENING_NOW;
    if (ttl <= proven_depth(plan) || (is_scout && ttl <= way->top + SCOUT_AHEAD))
        return OPENING_NOW;
    *at_ns = frontier->sent_ns +
             (is_repetition(plan, way) ? plan->retry.wave_ns : plan_quiet_ns(plan));
    return now_ns >= *at_ns ? OPENING_NOW : OPENING_LATER;
}

static void mark_sent(struct plan *plan, const struct sent *sent)
{
    struct way *way = &plan->ways[sent->path];
    struct cell *cell = plan_cell(plan, sent);
    const bool is_last = sent->attempt + 1 >= plan->options.attempts;

    plan_set_state(way, cell, CELL_WAITING);
    plan_land(plan, cell);
    cell->attempts = (uint8_t)(sent->attempt + 1);
    cell->sent_ns = sent->sent_ns;
    cell->in_flight = true;
    cell->in_wave = false;
    plan->in_flight++;
    plan_push(&plan->flight, sent);
    plan_push(is_last ? &plan->last : &plan->awaiting, sent);
    plan->next_send_ns = sent->sent_ns + plan->options.interval_ns;
}

enum choice { CHOICE_FIRST, CHOICE_REPETITION };

/* A TTL that was never sent: path by path, so that consecutive probes go to different routers. */
static bool choose_new(struct plan *plan, int64_t now_ns, enum choice choice, struct sent *sent)
{
    int64_t at_ns = 0;

    for (unsigned i = 0; i < plan->options.paths; i++) {
        const unsigned path = (plan->cursor + i) % plan->options.paths;
        struct way *way = &plan->ways[path];
        if (next_opening(plan, path, now_ns, &at_ns) != OPENING_NOW)
            continue;
        if (is_repetition(plan, way) != (choice == CHOICE_REPETITION))
            continue;
        if (choice == CHOICE_REPETITION && !retry_allows(&plan->retry, (uint8_t)way->next_ttl))
            continue;
        plan->cursor = (uint16_t)path;
        *sent = (struct sent){ .path = (uint16_t)path,
                               .ttl = (uint8_t)way->next_ttl++,
                               .sent_ns = now_ns };
        return true;
    }
    return false;
}

static bool may_repeat(const struct plan *plan, const struct sent *due)
{
    const struct way *way = &plan->ways[due->path];

    return retry_allows(&plan->retry, due->ttl) && !(way->one_by_one && way->waiting > 0);
}

/* A TTL to be asked again: the first in the queue that the present wave has room for. */
static bool choose_due(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    GList *next = NULL;

    for (GList *item = plan->due.head; item != NULL; item = next) {
        struct sent *due = item->data;
        const bool current = plan_is_current(plan, due, CELL_DUE);
        const bool chosen = current && may_repeat(plan, due);

        next = item->next;
        if (chosen)
            *sent = (struct sent){ .path = due->path,
                                   .ttl = due->ttl,
                                   .attempt = (uint8_t)(due->attempt + 1),
                                   .sent_ns = now_ns };
        if (chosen || !current) {
            g_free(due);
            g_queue_delete_link(&plan->due, item);
        }
        if (chosen)
            return true;
    }
    return false;
}

static bool choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (choose_new(plan, now_ns, CHOICE_FIRST, sent)) {
        mark_sent(plan, sent);
        return true;
    }
    if (!choose_due(plan, now_ns, sent) && !choose_new(plan, now_ns, CHOICE_REPETITION, sent))
        return false;
    retry_sent(&plan->retry, sent->ttl, now_ns);
    mark_sent(plan, sent);
    plan_cell(plan, sent)->in_wave = true;
    return true;
}

static void sooner(int64_t *until_ns, int64_t at_ns)
{
    *until_ns = MIN(*until_ns, at_ns);
}

/* When something may change without an observation; INT64_MAX if nothing will. */
static int64_t next_event(struct plan *plan, int64_t now_ns)
{
    const struct sent *awaiting = plan_oldest(plan, &plan->awaiting, CELL_WAITING);
    const struct sent *last = plan_oldest(plan, &plan->last, CELL_WAITING);
    int64_t until_ns = INT64_MAX;
    int64_t at_ns = 0;

    if (awaiting != NULL)
        sooner(&until_ns, awaiting->sent_ns + plan->retry.wave_ns);
    if (last != NULL)
        sooner(&until_ns, last->sent_ns + plan_last_wait_ns(plan));
    if (plan->retry.limited && plan->retry.sent > 0)
        sooner(&until_ns, retry_wave_end(&plan->retry));
    for (unsigned path = 0; path < plan->options.paths; path++)
        if (next_opening(plan, path, now_ns, &at_ns) == OPENING_LATER)
            sooner(&until_ns, at_ns);
    return until_ns;
}

/* Pace: the interval that was asked for, or else the window. Returns 0 where a probe may go out. */
static int64_t held_until(const struct plan *plan, int64_t now_ns)
{
    if (plan->options.interval_ns > 0)
        return now_ns < plan->next_send_ns ? plan->next_send_ns : 0;
    if (plan->in_flight < plan->window)
        return 0;
    const struct sent *head = g_queue_peek_head((GQueue *)&plan->flight);
    return head->sent_ns + plan_quiet_ns(plan);
}

enum plan_step plan_next(struct plan *plan, int64_t now_ns, struct probe_spec *spec,
                         int64_t *until_ns)
{
    struct sent sent;

    plan_expire(plan, now_ns);
    *until_ns = held_until(plan, now_ns);
    if (*until_ns != 0)
        return PLAN_WAIT;
    if (choose(plan, now_ns, &sent)) {
        *spec = (struct probe_spec){ .path_id = (uint16_t)(sent.path + 1),
                                     .ttl = sent.ttl,
                                     .attempt = sent.attempt };
        return PLAN_SEND;
    }
    *until_ns = next_event(plan, now_ns);
    return *until_ns == INT64_MAX ? PLAN_DONE : PLAN_WAIT;
}

/* Nothing behind the path's end is of interest any more. */
static void cut_behind_end(struct plan *plan, struct way *way)
{
    for (int ttl = way->end + 1; ttl < way->next_ttl; ttl++) {
        struct cell *cell = &way->cells[ttl];
        if (cell->state == CELL_WAITING || cell->state == CELL_DUE)
            plan_set_state(way, cell, CELL_SILENT);
        plan_land(plan, cell);
    }
}

static void take_answer(struct plan *plan, struct way *way, uint8_t ttl)
{
    struct cell *cell = &way->cells[ttl];
    if (cell->state == CELL_UNSENT || cell->state == CELL_ANSWERED)
        return;

    if (cell->in_wave)
        retry_answered(&plan->retry, cell->sent_ns);
    plan_set_state(way, cell, CELL_ANSWERED);
    plan_land(plan, cell);
    way->top = MAX(way->top, ttl);
    plan->top = MAX(plan->top, ttl);
    plan->window = MIN(plan->window + 1, WINDOW_MAX);
}

void plan_observe(struct plan *plan, const struct tf_observation *obs)
{
    if (obs->kind == TF_KIND_PROBE || obs->path_id == 0 || obs->path_id > plan->options.paths)
        return;
    struct way *way = &plan->ways[obs->path_id - 1];
    if (!obs->has_ttl) {
        way->one_by_one = true;
        return;
    }
    if (obs->ttl >= way->next_ttl || obs->ttl < plan->options.first_ttl)
        return; /* of a probe that was never sent */

    if (obs->has_probe)
        plan->rtt_max_ns = CLAMP(obs->rtt_ns, plan->rtt_max_ns, plan->options.timeout_ns);
    take_answer(plan, way, obs->ttl);
    if (!tf_observation_ends_path(obs)) {
        plan->reach = MAX(plan->reach, obs->ttl);
        return;
    }
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        plan->shortest_end = MIN(plan->shortest_end, obs->ttl);
    if (obs->ttl < way->end) {
        way->end = obs->ttl;
        cut_behind_end(plan, way);
    }
}
