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

#include <glib.h>

#include "retry.h"
#include "traceflow/time.h"

enum {
    SCOUT_AHEAD = 8,
    WINDOW_START = 64,
    WINDOW_MAX = 1024,
    QUIET_RTTS = 4, /* silence of so many round-trip times says that nothing comes soon */
    LAST_WAIT_RTTS = 10,
    NO_END = UINT8_MAX + 1,
};

static const int64_t quiet_min_ns = 10 * TF_NS_PER_MS;
static const int64_t quiet_unknown_ns =
    100 * TF_NS_PER_MS; /* before the first round-trip time is known */
static const int64_t retry_margin_ns = 12 *
                                       TF_NS_PER_MS; /* a token a second, counted in kernel ticks */

enum cell_state {
    CELL_UNSENT,
    CELL_WAITING,
    CELL_DUE, /* timed out, to be asked again */
    CELL_ANSWERED,
    CELL_SILENT, /* given up, or behind the path's end */
};

struct cell {
    enum cell_state state;
    uint8_t attempts;
    bool in_flight;
    bool in_wave;    /* the last attempt is one that retry.h counts */
    int64_t sent_ns; /* of the last attempt */
};

struct way {
    uint16_t next_ttl; /* the lowest that was never sent */
    uint16_t end;      /* TTL of the reply that ends it, or NO_END */
    uint8_t top;       /* highest TTL answered */
    unsigned waiting;  /* cells in that state */
    bool one_by_one;
    struct cell *cells; /* by TTL */
};

/* A probe in one of the queues: valid as long as the cell still waits for this attempt. */
struct sent {
    uint16_t path;
    uint8_t ttl;
    uint8_t attempt;
    int64_t sent_ns;
};

struct plan {
    struct plan_options options;
    struct way *ways; /* by path ID - 1 */
    struct retry retry;
    GQueue flight;   /* struct sent, oldest first: what fills the window */
    GQueue awaiting; /* … what will be asked again */
    GQueue last;     /* … what will not */
    GQueue due;      /* … what timed out */
    unsigned in_flight;
    unsigned window;
    uint16_t cursor;
    uint8_t top;           /* highest TTL answered on any path */
    uint8_t reach;         /* highest TTL at which the way was seen to go on */
    uint16_t shortest_end; /* of the paths that reached the destination */
    int64_t rtt_max_ns;    /* 0: none measured */
    int64_t next_send_ns;
};

struct plan *plan_new(const struct plan_options *options)
{
    struct plan *plan = g_new0(struct plan, 1);

    plan->options = *options;
    plan->ways = g_new0(struct way, options->paths);
    for (unsigned i = 0; i < options->paths; i++) {
        plan->ways[i] = (struct way){
            .next_ttl = options->first_ttl,
            .end = NO_END,
            .top = (uint8_t)(options->first_ttl - 1),
            .cells = g_new0(struct cell, options->max_ttl + 1),
        };
    }
    plan->retry = retry_begin(options->timeout_ns + retry_margin_ns);
    plan->window = WINDOW_START;
    plan->top = (uint8_t)(options->first_ttl - 1);
    plan->shortest_end = NO_END;
    plan->next_send_ns = INT64_MIN;
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
    for (unsigned i = 0; i < plan->options.paths; i++)
        g_free(plan->ways[i].cells);
    free_queue(&plan->flight);
    free_queue(&plan->awaiting);
    free_queue(&plan->last);
    free_queue(&plan->due);
    g_free(plan->ways);
    g_free(plan);
}

static struct cell *cell_of(const struct plan *plan, const struct sent *sent)
{
    return &plan->ways[sent->path].cells[sent->ttl];
}

static bool is_current(const struct plan *plan, const struct sent *sent, enum cell_state state)
{
    const struct cell *cell = cell_of(plan, sent);

    return cell->state == state && cell->attempts == sent->attempt + 1;
}

static void push(GQueue *queue, const struct sent *sent)
{
    g_queue_push_tail(queue, g_memdup2(sent, sizeof *sent));
}

/* The oldest entry that still counts; those before it are dropped. NULL if there is none. */
static const struct sent *oldest(const struct plan *plan, GQueue *queue, enum cell_state state)
{
    const struct sent *head = NULL;

    while ((head = g_queue_peek_head(queue)) != NULL && !is_current(plan, head, state))
        g_free(g_queue_pop_head(queue));
    return head;
}

static void set_state(struct way *way, struct cell *cell, enum cell_state state)
{
    way->waiting = way->waiting - (cell->state == CELL_WAITING) + (state == CELL_WAITING);
    cell->state = state;
}

static void land(struct plan *plan, struct cell *cell)
{
    if (cell->in_flight)
        plan->in_flight--;
    cell->in_flight = false;
}

/* How long an answer normally takes at the most: what is out for longer does not fill the window.
 */
static int64_t quiet_ns(const struct plan *plan)
{
    const int64_t quiet = plan->rtt_max_ns == 0 ? quiet_unknown_ns
                                                : MAX(QUIET_RTTS * plan->rtt_max_ns, quiet_min_ns);

    return MIN(quiet, plan->options.timeout_ns);
}

/*
 * The last attempt is waited for half the timeout, or ten times the slowest answer so far if that
 * is longer: a host that has answered in microseconds does not need seconds.
 */
static int64_t last_wait_ns(const struct plan *plan)
{
    const int64_t timeout_ns = plan->options.timeout_ns;

    if (plan->rtt_max_ns == 0)
        return timeout_ns;
    return CLAMP(LAST_WAIT_RTTS * plan->rtt_max_ns, timeout_ns / 2, timeout_ns);
}

static void expire_flight(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = g_queue_peek_head(&plan->flight)) != NULL) {
        struct cell *cell = cell_of(plan, head);
        const bool stale = !cell->in_flight || cell->attempts != head->attempt + 1;
        if (!stale && now_ns < head->sent_ns + quiet_ns(plan))
            return;
        if (!stale)
            land(plan, cell);
        g_free(g_queue_pop_head(&plan->flight));
    }
}

static void expire_awaiting(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = oldest(plan, &plan->awaiting, CELL_WAITING)) != NULL &&
           now_ns >= head->sent_ns + plan->retry.wave_ns) {
        set_state(&plan->ways[head->path], cell_of(plan, head), CELL_DUE);
        g_queue_push_tail(&plan->due, g_queue_pop_head(&plan->awaiting));
    }
}

static void expire_last(struct plan *plan, int64_t now_ns)
{
    const struct sent *head = NULL;

    while ((head = oldest(plan, &plan->last, CELL_WAITING)) != NULL &&
           now_ns >= head->sent_ns + last_wait_ns(plan)) {
        set_state(&plan->ways[head->path], cell_of(plan, head), CELL_SILENT);
        g_free(g_queue_pop_head(&plan->last));
    }
}

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
    *at_ns = frontier->sent_ns + (is_repetition(plan, way) ? plan->retry.wave_ns : quiet_ns(plan));
    return now_ns >= *at_ns ? OPENING_NOW : OPENING_LATER;
}

static void mark_sent(struct plan *plan, const struct sent *sent)
{
    struct way *way = &plan->ways[sent->path];
    struct cell *cell = cell_of(plan, sent);
    const bool is_last = sent->attempt + 1 >= plan->options.attempts;

    set_state(way, cell, CELL_WAITING);
    land(plan, cell);
    cell->attempts = (uint8_t)(sent->attempt + 1);
    cell->sent_ns = sent->sent_ns;
    cell->in_flight = true;
    cell->in_wave = false;
    plan->in_flight++;
    push(&plan->flight, sent);
    push(is_last ? &plan->last : &plan->awaiting, sent);
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
        const bool current = is_current(plan, due, CELL_DUE);
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
    cell_of(plan, sent)->in_wave = true;
    return true;
}

static void sooner(int64_t *until_ns, int64_t at_ns)
{
    *until_ns = MIN(*until_ns, at_ns);
}

/* When something may change without an observation; INT64_MAX if nothing will. */
static int64_t next_event(struct plan *plan, int64_t now_ns)
{
    const struct sent *awaiting = oldest(plan, &plan->awaiting, CELL_WAITING);
    const struct sent *last = oldest(plan, &plan->last, CELL_WAITING);
    int64_t until_ns = INT64_MAX;
    int64_t at_ns = 0;

    if (awaiting != NULL)
        sooner(&until_ns, awaiting->sent_ns + plan->retry.wave_ns);
    if (last != NULL)
        sooner(&until_ns, last->sent_ns + last_wait_ns(plan));
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
    return head->sent_ns + quiet_ns(plan);
}

enum plan_step plan_next(struct plan *plan, int64_t now_ns, struct probe_spec *spec,
                         int64_t *until_ns)
{
    struct sent sent;

    expire_flight(plan, now_ns);
    expire_awaiting(plan, now_ns);
    expire_last(plan, now_ns);
    retry_advance(&plan->retry, now_ns);

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
            set_state(way, cell, CELL_SILENT);
        land(plan, cell);
    }
}

static void take_answer(struct plan *plan, struct way *way, uint8_t ttl)
{
    struct cell *cell = &way->cells[ttl];
    if (cell->state == CELL_UNSENT || cell->state == CELL_ANSWERED)
        return;

    if (cell->in_wave)
        retry_answered(&plan->retry, cell->sent_ns);
    set_state(way, cell, CELL_ANSWERED);
    land(plan, cell);
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
