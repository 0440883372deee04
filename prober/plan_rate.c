/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routers that limit their rate, by name.
 *
 * That rates are limited shows in waves of repetitions (retry.h), which are kept small from then
 * on, and spread over TTLs that are unlikely to be one router's. Where it is known who may answer,
 * that is done better: each router is left alone for a second, at whatever TTL it was asked. Of
 * those behind a balancer, any may answer: so half of them may be asked together.
 */
#include "plan_rate.h"

#include "traceflow/encoding.h"

enum {
    ATTEMPTS_MORE = 4,
    NEAR = 2, /* TTLs at which one router may be met, on branches of unequal length */
};

/* Who answers. */
struct answerer {
    struct tf_addr addr;
    int64_t free_ns; /* when it may be asked again */
    bool is_lossy;   /* it has left a probe unanswered, or may have */
};

/* Those that may answer a cell: the next hops of a node, or all of a TTL. */
struct candidates {
    const struct level *level;
    const struct node *from; /* NULL: unknown */
    unsigned ttl;
    unsigned number;
};

void plan_rate_init(struct plan *plan)
{
    plan->answerers = g_array_new(FALSE, FALSE, sizeof(struct answerer));
}

void plan_rate_clear(struct plan *plan)
{
    g_array_unref(plan->answerers);
}

static struct candidates candidates_of(const struct plan *plan, unsigned path, unsigned ttl)
{
    const struct view *view = &plan->view;
    const unsigned number = plan->ways[path].places[ttl - 1].node;
    struct candidates candidates = { .level = &view->levels[ttl], .ttl = ttl, .number = number };

    if (plan->options.automatic && ttl <= view->last && number < PLACE_OVER &&
        view_node(view, ttl - 1, number)->named > 0)
        candidates.from = view_node(view, ttl - 1, number);
    return candidates;
}

/* The address of the responder of that index, or NULL if it cannot answer the cell. */
static const struct tf_addr *candidate(const struct plan *plan, const struct candidates *candidates,
                                       guint i)
{
    const GArray *responders = candidates->level->responders;
    const unsigned to = NODE_FIRST + i;
    const bool is_known = candidates->from != NULL && to < candidates->level->nodes->len;

    if (is_known && *view_link(&plan->view, candidates->ttl - 1, candidates->number, to) == 0)
        return NULL;
    return &g_array_index(responders, struct responder, i).addr;
}

static struct answerer *find(const struct plan *plan, const struct tf_addr *addr)
{
    for (guint i = 0; i < plan->answerers->len; i++) {
        struct answerer *answerer = &g_array_index(plan->answerers, struct answerer, i);
        if (tf_addr_equal(&answerer->addr, addr))
            return answerer;
    }
    return NULL;
}

static struct answerer *find_or_add(struct plan *plan, const struct tf_addr *addr)
{
    const struct answerer fresh = { .addr = *addr, .free_ns = INT64_MIN };
    struct answerer *known = find(plan, addr);
    if (known != NULL)
        return known;

    g_array_append_val(plan->answerers, fresh);
    return &g_array_index(plan->answerers, struct answerer, plan->answerers->len - 1);
}

struct counts {
    unsigned all;
    unsigned free;
    unsigned lossy;
};

static struct counts count(const struct plan *plan, unsigned path, unsigned ttl)
{
    const struct candidates candidates = candidates_of(plan, path, ttl);
    struct counts counts = { 0 };

    for (guint i = 0; i < candidates.level->responders->len; i++) {
        const struct tf_addr *addr = candidate(plan, &candidates, i);
        if (addr == NULL)
            continue;
        const struct answerer *answerer = find(plan, addr);
        counts.all++;
        counts.free += answerer == NULL || plan->now_ns >= answerer->free_ns;
        counts.lossy += answerer != NULL && answerer->is_lossy;
    }
    return counts;
}

static bool is_last(const struct plan *plan, unsigned path, unsigned ttl)
{
    const struct cell *cell = &plan->ways[path].cells[ttl];

    return cell->state != CELL_ANSWERED && cell->attempts + 1 >= plan->options.attempts;
}

static bool is_busy(const struct plan *plan, const struct level *level)
{
    for (guint i = 0; i < level->responders->len; i++) {
        const struct answerer *answerer = find(
            plan, &g_array_index(level->responders, struct responder, i).addr);
        if (answerer != NULL && plan->now_ns < answerer->free_ns)
            return true;
    }
    return false;
}

/* Where nobody knows who will answer, it may be any of those that were met nearby. */
static bool is_near_busy(const struct plan *plan, unsigned ttl)
{
    const unsigned from = ttl > plan->options.first_ttl + (unsigned)NEAR ? ttl - NEAR
                                                                         : plan->options.first_ttl;
    const unsigned to = MIN(ttl + NEAR, plan->view.last);

    for (unsigned near = from; near <= to; near++)
        if (is_busy(plan, &plan->view.levels[near]))
            return true;
    return false;
}

bool plan_rate_allows(const struct plan *plan, unsigned path, unsigned ttl)
{
    if (!plan->retry.limited)
        return true;

    const struct counts counts = count(plan, path, ttl);
    if (!plan->options.automatic || counts.all == 0)
        return retry_allows(&plan->retry, (uint8_t)ttl);
    if (candidates_of(plan, path, ttl).from == NULL)
        return counts.free == counts.all && !is_near_busy(plan, ttl);
    if (is_last(plan, path, ttl))
        return counts.free == counts.all;
    return counts.free * 2 > counts.all;
}

bool plan_rate_concerns(const struct plan *plan, unsigned path, unsigned ttl)
{
    return plan->options.automatic && plan->retry.limited && count(plan, path, ttl).lossy > 0;
}

/* Of several, the first that is free stands for the one that will answer. Returns how many are
 * asked, as far as can be told. */
static unsigned occupy(struct plan *plan, const struct sent *sent, bool all)
{
    const struct candidates candidates = candidates_of(plan, sent->path, sent->ttl);
    unsigned occupied = 0;

    for (guint i = 0; i < candidates.level->responders->len; i++) {
        const struct tf_addr *addr = candidate(plan, &candidates, i);
        struct answerer *answerer = addr != NULL ? find_or_add(plan, addr) : NULL;
        if (answerer == NULL || sent->sent_ns < answerer->free_ns ||
            (occupied > 0 && !all && candidates.from != NULL))
            continue;
        answerer->free_ns = sent->sent_ns + retry_limited_ns(&plan->retry);
        occupied++;
    }
    return occupied;
}

/* Only where one router alone could answer, and was left alone, does silence tell of loss. */
void plan_rate_sent(struct plan *plan, const struct sent *sent)
{
    struct cell *cell = plan_cell(plan, sent);
    const bool by_name = plan->options.automatic && plan->retry.limited;
    const unsigned candidates = by_name ? count(plan, sent->path, sent->ttl).all : 0;
    const bool is_again = candidates == 0 && (sent->attempt > 0 || !plan->options.automatic);

    if (candidates > 0)
        occupy(plan, sent, cell->attempts >= plan->options.attempts);
    cell->in_wave = candidates == 1 || is_again;
    cell->is_apart = candidates == 1;
    if (candidates == 1)
        retry_sent_apart(&plan->retry, sent->sent_ns);
    if (is_again)
        retry_sent(&plan->retry, sent->ttl, sent->sent_ns);
}

bool plan_rate_asks_on(const struct plan *plan, const struct sent *sent)
{
    return plan->options.automatic && plan->retry.limited &&
           sent->attempt + 1 < plan->options.attempts + ATTEMPTS_MORE &&
           sent->attempt + 1 < TF_ATTEMPTS_MAX && count(plan, sent->path, sent->ttl).all > 0;
}

void plan_rate_timed_out(struct plan *plan, const struct sent *sent)
{
    const struct candidates candidates = candidates_of(plan, sent->path, sent->ttl);

    for (guint i = 0; i < candidates.level->responders->len; i++) {
        const struct tf_addr *addr = candidate(plan, &candidates, i);
        if (addr != NULL)
            find_or_add(plan, addr)->is_lossy = true;
    }
}

int64_t plan_rate_wake_ns(const struct plan *plan)
{
    int64_t wake_ns = INT64_MAX;

    for (guint i = 0; i < plan->answerers->len; i++) {
        const int64_t free_ns = g_array_index(plan->answerers, struct answerer, i).free_ns;
        if (free_ns > plan->now_ns)
            wake_ns = MIN(wake_ns, free_ns);
    }
    return wake_ns;
}
