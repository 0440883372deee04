/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a run: what to send next, of three kinds, in this order.
 *
 * Answered cells that are asked once more (plan_repeat.c) come first: they are few, and if flows
 * turn out to mean nothing, less is to be asked. Then those that were never asked: which ones is
 * decided in plan_auto.c or, for a fixed number of paths, plan_fixed.c. Then silent ones, in waves
 * (retry.h), up to the number of attempts.
 *
 * In flight is at most a window of probes, which starts small and grows with every answer, so the
 * pace follows what the network returns.
 *
 * Some paths can bear one probe at a time only (plan_alone.c).
 */
#include "plan.h"

#include "plan_auto.h"
#include "plan_dispute.h"
#include "plan_fixed.h"
#include "plan_last.h"
#include "plan_rate.h"
#include "plan_repeat.h"
#include "plan_state.h"

enum { WINDOW_MAX = 1024 };

static struct cell *mark_sent(struct plan *plan, const struct sent *sent)
{
    struct cell *cell = plan_cell(plan, sent);

    plan_land(plan, cell);
    cell->attempts = (uint8_t)(sent->attempt + 1);
    cell->sent_ns = sent->sent_ns;
    cell->in_flight = true;
    cell->in_wave = false;
    plan->in_flight++;
    plan->sent++;
    plan_push(&plan->flight, sent);
    plan_last_sent(plan, sent);
    plan->next_send_ns = sent->sent_ns + plan->options.interval_ns;
    return cell;
}

static void mark_asked(struct plan *plan, const struct sent *sent)
{
    const bool is_last = sent->attempt + 1 >= plan->options.attempts;

    plan_set_state(&plan->ways[sent->path], mark_sent(plan, sent), CELL_WAITING);
    plan_push(is_last ? &plan->last : &plan->awaiting, sent);
}

static void mark_repeated(struct plan *plan, const struct sent *sent)
{
    struct cell *cell = mark_sent(plan, sent);

    cell->repeats++;
    cell->repeating++;
    plan->ways[sent->path].waiting++;
    plan_push(&plan->repeated, sent);
}

/* A TTL to be asked again: the first in the queue that the present wave has room for. */
static bool choose_due(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    GList *next = NULL;

    for (GList *item = plan->due.head; item != NULL; item = next) {
        struct sent *due = item->data;
        const bool current = plan_is_current(plan, due, CELL_DUE);
        const bool chosen = current && plan_rate_allows(plan, due->path, due->ttl) &&
                            plan_last_allows(plan, due->path, due->ttl) &&
                            plan_is_free(plan, due->path, due->ttl);

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

static bool choose_new(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (plan->options.automatic)
        return plan_auto_choose(plan, now_ns, sent);
    return plan_fixed_choose(plan, now_ns, FIXED_FIRST, sent);
}

static bool choose_again(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    return choose_due(plan, now_ns, sent) ||
           (!plan->options.automatic && plan_fixed_choose(plan, now_ns, FIXED_REPETITION, sent));
}

static bool repeat(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (!plan_repeat_choose(plan, now_ns, sent))
        return false;
    mark_repeated(plan, sent);
    if (plan->retry.limited)
        plan_rate_sent(plan, sent);
    return true;
}

static bool choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (repeat(plan, now_ns, sent))
        return true;
    if (choose_new(plan, now_ns, sent)) {
        mark_asked(plan, sent);
        if (plan->options.automatic && plan->retry.limited)
            plan_rate_sent(plan, sent);
        return true;
    }
    if (repeat(plan, now_ns, sent)) /* which has been found out just now */
        return true;
    if (!choose_again(plan, now_ns, sent))
        return false;
    mark_asked(plan, sent);
    plan_rate_sent(plan, sent);
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
    const struct sent *repeated = plan_oldest_repeated(plan);
    int64_t until_ns = plan->options.automatic ? plan_auto_wake_ns(plan)
                                               : plan_fixed_wake_ns(plan, now_ns);

    sooner(&until_ns, plan_alone_wake_ns(plan));
    if (awaiting != NULL)
        sooner(&until_ns, awaiting->sent_ns + plan->retry.wave_ns);
    if (last != NULL)
        sooner(&until_ns, last->sent_ns + plan_last_wait_ns(plan));
    if (repeated != NULL)
        sooner(&until_ns, repeated->sent_ns + plan_last_wait_ns(plan));
    if (plan->retry.limited && plan->retry.sent > 0)
        sooner(&until_ns, retry_wave_end(&plan->retry));
    if (plan->retry.limited &&
        (plan->due.length > 0 || plan->repeats->len > 0 || plan_auto_wants(plan)))
        sooner(&until_ns, plan_rate_wake_ns(plan));
    sooner(&until_ns, plan_last_wake_ns(plan));
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

    plan->now_ns = now_ns;
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

static uint16_t responder_of(struct plan *plan, const struct tf_observation *obs)
{
    const struct responder responder = { .addr = obs->responder,
                                         .is_end = tf_observation_ends_path(obs) };

    const uint16_t node = view_responder(&plan->view, obs->ttl, &responder);
    view_sample(&plan->view, obs->ttl, node);
    return node;
}

static void take_first_answer(struct plan *plan, struct way *way, uint8_t ttl)
{
    struct cell *cell = &way->cells[ttl];

    plan_set_state(way, cell, CELL_ANSWERED);
    cell->tries = cell->attempts;
    plan_land(plan, cell);
    way->top = MAX(way->top, ttl);
    plan->top = MAX(plan->top, ttl);
    plan->window = MIN(plan->window + 1, WINDOW_MAX);
    plan_auto_wake(plan->chosen);
}

static void take_further_answer(struct plan *plan, struct way *way, uint8_t ttl, uint16_t node)
{
    struct cell *cell = &way->cells[ttl];

    if (cell->repeating > 0)
        plan_end_repeats(way, cell, 1);
    if (cell->repeating == 0)
        plan_land(plan, cell);
    plan_repeat_answered(plan, way, ttl, node);
    plan_auto_wake(plan->chosen);
}

/* Answers to a probe that has been answered say nothing about the network. */
static void take_answer(struct plan *plan, struct way *way, const struct tf_observation *obs)
{
    struct cell *cell = &way->cells[obs->ttl];
    if (cell->attempts == 0 || obs->duplicate)
        return;

    const uint16_t node = responder_of(plan, obs);
    plan->answered++;
    if (!plan->options.automatic)
        plan_last_answered(plan, cell, obs);
    if (cell->in_wave)
        retry_answered(&plan->retry, cell->sent_ns, cell->is_apart);
    cell->in_wave = false;
    if (cell->state == CELL_ANSWERED) {
        take_further_answer(plan, way, obs->ttl, node);
        return;
    }
    cell->node = node;
    take_first_answer(plan, way, obs->ttl);
    if (!plan->options.automatic)
        plan_repeat_first(plan, way, obs->ttl);
}

/* A reply of unknown TTL. A destination's tells that several probes of the path have met there. */
static void take_unplaced(struct plan *plan, struct way *way, const struct tf_observation *obs)
{
    if (obs->kind != TF_KIND_DESTINATION_REPLY) {
        way->one_by_one = true;
        plan_wait_until_closed(plan);
        return;
    }
    way->spoiled = true;
    plan->is_anonymous = plan->is_anonymous || !plan->options.has_state;
}

static void take_end(struct plan *plan, struct way *way, const struct tf_observation *obs)
{
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        plan->shortest_end = MIN(plan->shortest_end, obs->ttl);
    if (obs->ttl >= way->end)
        return;
    way->end = obs->ttl;
    if (!plan->options.automatic)
        plan_fixed_cut(plan, way);
}

void plan_observe(struct plan *plan, const struct tf_observation *obs)
{
    if (obs->kind == TF_KIND_PROBE || obs->path_id == 0 || obs->path_id > plan->open)
        return;
    struct way *way = &plan->ways[obs->path_id - 1];
    if (!obs->has_ttl) {
        take_unplaced(plan, way, obs);
        return;
    }
    if (obs->ttl < plan->options.first_ttl || obs->ttl > plan->options.max_ttl ||
        way->cells[obs->ttl].attempts == 0)
        return; /* of a probe that was never sent */

    if (obs->has_probe)
        plan->rtt_max_ns = CLAMP(obs->rtt_ns, plan->rtt_max_ns, plan->options.timeout_ns);
    take_answer(plan, way, obs);
    if (tf_observation_ends_path(obs)) {
        if (!obs->duplicate) /* else the same probe went on, or ended, by another's word */
            take_end(plan, way, obs);
        return;
    }
    plan->reach = MAX(plan->reach, obs->ttl);
    way->top_hop = MAX(way->top_hop, obs->ttl);
    if (obs->duplicate && obs->ttl == way->end)
        plan_dispute_end(plan, way, obs);
}
