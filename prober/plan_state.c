/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells, queues and what time does to them. */
#include "plan_state.h"

#include "plan_auto.h"
#include "plan_last.h"
#include "plan_rate.h"
#include "plan_repeat.h"
#include "traceflow/match.h"
#include "traceflow/time.h"

enum {
    WINDOW_START = 64,
    QUIET_RTTS = 4, /* silence of so many round-trip times says that nothing comes soon */
    LAST_WAIT_RTTS = 10,
};

static const int64_t quiet_min_ns = 10 * TF_NS_PER_MS;
static const int64_t quiet_unknown_ns = 100 * TF_NS_PER_MS; /* before the first answer */
static const int64_t open_margin_ns = 2 * TF_NS_PER_MS;     /* between sending and capturing */
static const int64_t retry_margin_ns = 12 * TF_NS_PER_MS;   /* a token a second, in kernel ticks */

void plan_open_way(struct plan *plan)
{
    const struct plan_options *options = &plan->options;
    const size_t ttls = options->max_ttl + 1U;

    plan->ways[plan->open++] = (struct way){
        .next_ttl = options->first_ttl,
        .end = NO_END,
        .top = (uint8_t)(options->first_ttl - 1),
        .top_hop = (uint8_t)(options->first_ttl - 1),
        .cells = g_new0(struct cell, ttls),
        .places = g_new0(struct place, ttls),
    };
}

struct plan *plan_new(const struct plan_options *options)
{
    struct plan *plan = g_new0(struct plan, 1);

    plan->options = *options;
    plan->ways = g_new0(struct way, options->paths);
    plan->retry = retry_begin(options->timeout_ns + retry_margin_ns);
    plan_rate_init(plan);
    plan_last_init(plan);
    plan->rand = g_rand_new_with_seed(options->seed);
    plan_repeat_init(plan);
    plan->window = WINDOW_START;
    plan->top = (uint8_t)(options->first_ttl - 1);
    plan->shortest_end = NO_END;
    plan->next_send_ns = INT64_MIN;
    view_init(plan);
    if (options->automatic)
        plan->chosen = plan_auto_new();
    while (!options->automatic && plan->open < options->paths)
        plan_open_way(plan);
    return plan;
}

static void free_queue(GQueue *queue)
{
    g_queue_clear_full(queue, g_free);
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    for (unsigned i = 0; i < plan->open; i++) {
        g_free(plan->ways[i].cells);
        g_free(plan->ways[i].places);
    }
    free_queue(&plan->flight);
    free_queue(&plan->awaiting);
    free_queue(&plan->last);
    free_queue(&plan->due);
    free_queue(&plan->repeated);
    plan_rate_clear(plan);
    plan_last_clear(plan);
    plan_repeat_clear(plan);
    g_rand_free(plan->rand);
    plan_auto_free(plan->chosen);
    view_clear(plan);
    g_free(plan->ways);
    g_free(plan);
}

struct cell *plan_cell(const struct plan *plan, const struct sent *sent)
{
    return &plan->ways[sent->path].cells[sent->ttl];
}

bool plan_is_current(const struct plan *plan, const struct sent *sent, enum cell_state state)
{
    const struct cell *cell = plan_cell(plan, sent);

    return cell->state == state && cell->attempts == sent->attempt + 1;
}

void plan_push(GQueue *queue, const struct sent *sent)
{
    g_queue_push_tail(queue, g_memdup2(sent, sizeof *sent));
}

const struct sent *plan_oldest(const struct plan *plan, GQueue *queue, enum cell_state state)
{
    const struct sent *head = NULL;

    while ((head = g_queue_peek_head(queue)) != NULL && !plan_is_current(plan, head, state))
        g_free(g_queue_pop_head(queue));
    return head;
}

const struct sent *plan_oldest_repeated(struct plan *plan)
{
    const struct sent *head = NULL;

    while ((head = g_queue_peek_head(&plan->repeated)) != NULL) {
        const struct cell *cell = plan_cell(plan, head);
        if (cell->repeating > 0 && cell->attempts == head->attempt + 1)
            return head;
        g_free(g_queue_pop_head(&plan->repeated));
    }
    return NULL;
}

void plan_set_state(struct way *way, struct cell *cell, enum cell_state state)
{
    way->waiting = way->waiting - (cell->state == CELL_WAITING) + (state == CELL_WAITING);
    cell->state = state;
}

void plan_end_repeats(struct way *way, struct cell *cell, unsigned count)
{
    way->waiting -= count;
    cell->repeating = (uint8_t)(cell->repeating - count);
}

void plan_land(struct plan *plan, struct cell *cell)
{
    if (cell->in_flight)
        plan->in_flight--;
    cell->in_flight = false;
}

int64_t plan_quiet_ns(const struct plan *plan)
{
    const int64_t quiet = plan->rtt_max_ns == 0 ? quiet_unknown_ns
                                                : MAX(QUIET_RTTS * plan->rtt_max_ns, quiet_min_ns);

    return MIN(quiet, plan->options.timeout_ns);
}

/*
 * The last attempt is waited for half the timeout, or ten times the slowest answer so far if that
 * is longer: a host that has answered in microseconds does not need seconds.
 */
int64_t plan_last_wait_ns(const struct plan *plan)
{
    const int64_t timeout_ns = plan->options.timeout_ns;

    if (plan->rtt_max_ns == 0)
        return MAX(timeout_ns, plan->least_wait_ns);
    return MAX(CLAMP(LAST_WAIT_RTTS * plan->rtt_max_ns, timeout_ns / 2, timeout_ns),
               plan->least_wait_ns);
}

void plan_wait_until_closed(struct plan *plan)
{
    plan->least_wait_ns = TF_OPEN_NS + open_margin_ns;
    plan->retry.wave_ns = MAX(plan->retry.wave_ns, plan->least_wait_ns);
}

static void expire_flight(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = g_queue_peek_head(&plan->flight)) != NULL) {
        struct cell *cell = plan_cell(plan, head);
        const bool stale = !cell->in_flight || cell->attempts != head->attempt + 1;
        if (!stale && now_ns < head->sent_ns + plan_quiet_ns(plan))
            return;
        if (!stale)
            plan_land(plan, cell);
        g_free(g_queue_pop_head(&plan->flight));
    }
}

static void expire_awaiting(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = plan_oldest(plan, &plan->awaiting, CELL_WAITING)) != NULL &&
           now_ns >= head->sent_ns + plan->retry.wave_ns) {
        plan_set_state(&plan->ways[head->path], plan_cell(plan, head), CELL_DUE);
        plan_rate_timed_out(plan, head);
        g_queue_push_tail(&plan->due, g_queue_pop_head(&plan->awaiting));
    }
}

static void expire_last(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = plan_oldest(plan, &plan->last, CELL_WAITING)) != NULL &&
           now_ns >= head->sent_ns + plan_last_wait_ns(plan)) {
        const bool asks_on = plan_rate_asks_on(plan, head);

        plan_set_state(&plan->ways[head->path], plan_cell(plan, head),
                       asks_on ? CELL_DUE : CELL_SILENT);
        if (!asks_on)
            plan_last_unanswered(plan, head->ttl);
        plan_auto_wake(plan->chosen);
        struct sent *sent = g_queue_pop_head(&plan->last);
        if (asks_on)
            g_queue_push_tail(&plan->due, sent);
        else
            g_free(sent);
    }
}

static void expire_repeated(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = plan_oldest_repeated(plan)) != NULL &&
           now_ns >= head->sent_ns + plan_last_wait_ns(plan)) {
        struct cell *cell = plan_cell(plan, head);
        plan_end_repeats(&plan->ways[head->path], cell, cell->repeating);
        plan_auto_wake(plan->chosen);
        g_free(g_queue_pop_head(&plan->repeated));
    }
}

void plan_expire(struct plan *plan, int64_t now_ns)
{
    plan_last_advance(plan);
    expire_flight(plan, now_ns);
    expire_awaiting(plan, now_ns);
    expire_last(plan, now_ns);
    expire_repeated(plan, now_ns);
    retry_advance(&plan->retry, now_ns);
}

struct plan_progress plan_progress(const struct plan *plan)
{
    struct plan_progress progress = { .sent = plan->sent,
                                      .answered = plan->answered,
                                      .silent = plan->due.length,
                                      .paths = plan->open };

    for (unsigned i = 0; i < plan->open; i++)
        progress.waiting += plan->ways[i].waiting;
    if (plan->top >= plan->options.first_ttl)
        progress.top = plan->top;
    return progress;
}
