/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answered probes that are sent again: do flows keep their ways?
 *
 * Two repetitions of one cell follow each other directly: so a balancer that takes turns must show
 * itself, where one that draws lots does so most of the time.
 */
#include "plan_repeat.h"

#include "plan_rate.h"
#include "traceflow/encoding.h"

enum { PAIR = 2, FIRST_CELLS = 3, CONTEST_ANSWERS = 5, CONTEST_PROBES = 10 };

/* A cell to be asked again, so many times. */
struct repeat {
    uint16_t path;
    uint8_t ttl;
    uint8_t times;
    bool is_begun;   /* the rest follows */
    bool is_contest; /* it is not for the view to say */
};

void plan_repeat_init(struct plan *plan)
{
    plan->repeats = g_array_new(FALSE, FALSE, sizeof(struct repeat));
}

void plan_repeat_clear(struct plan *plan)
{
    g_array_unref(plan->repeats);
}

static bool is_contested(const struct plan *plan, const struct cell *cell, unsigned ttl)
{
    return cell->contest == CONTEST_OPEN && cell->repeats < CONTEST_PROBES &&
           !plan->view.levels[ttl].is_unstable;
}

static void ask_contested(struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct repeat repeat = {
        .path = (uint16_t)(way - plan->ways), .ttl = (uint8_t)ttl, .times = PAIR, .is_contest = true
    };

    if (is_contested(plan, &way->cells[ttl], ttl))
        g_array_prepend_val(plan->repeats, repeat);
}

static void judge(struct plan *plan, struct cell *cell, unsigned ttl, uint16_t node)
{
    if (cell->contests++ == 0)
        cell->latest = node;
    if (node == cell->latest && cell->contests < CONTEST_ANSWERS)
        return;
    if (node == cell->latest)
        cell->node = node;
    else
        plan->view.levels[ttl].parts = true;
    cell->contest = CONTEST_OVER;
}

void plan_repeat_answered(struct plan *plan, struct way *way, unsigned ttl, uint16_t node)
{
    struct cell *cell = &way->cells[ttl];

    if (cell->contest == CONTEST_OPEN)
        judge(plan, cell, ttl, node);
    if (cell->contest == CONTEST_NONE && node != cell->node)
        cell->contest = CONTEST_OPEN;
    if (cell->repeating == 0)
        ask_contested(plan, way, ttl);
}

static bool may_repeat(const struct plan *plan, const struct repeat *repeat)
{
    const struct cell *cell = &plan->ways[repeat->path].cells[repeat->ttl];

    return cell->state == CELL_ANSWERED && (cell->repeating == 0 || repeat->is_begun) &&
           cell->attempts < TF_ATTEMPTS_MAX && plan_is_free(plan, repeat->path, repeat->ttl) &&
           plan_rate_allows(plan, repeat->path, repeat->ttl);
}

static bool is_hop(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];
    const GArray *responders = plan->view.levels[ttl].responders;

    return cell->state == CELL_ANSWERED &&
           !g_array_index(responders, struct responder, cell->node - NODE_FIRST).is_end;
}

static bool is_several(const struct plan *plan, unsigned ttl)
{
    const GArray *responders = plan->view.levels[ttl].responders;
    unsigned hops = 0;

    for (guint i = 0; i < responders->len; i++)
        hops += !g_array_index(responders, struct responder, i).is_end;
    return hops > 1;
}

static void ask_first(struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct repeat repeat = {
        .path = (uint16_t)(way - plan->ways), .ttl = (uint8_t)ttl, .times = PAIR, .is_contest = true
    };

    if (plan->repeat_cells >= FIRST_CELLS || !is_hop(plan, way, ttl))
        return;
    g_array_append_val(plan->repeats, repeat);
    plan->repeat_cells++;
}

void plan_repeat_first(struct plan *plan, const struct way *way, unsigned ttl)
{
    if (plan->repeat_ttl == ttl)
        ask_first(plan, way, ttl);
    if (plan->repeat_ttl != 0 || !is_several(plan, ttl))
        return;
    plan->repeat_ttl = (uint8_t)ttl;
    for (unsigned i = 0; i < plan->open; i++)
        ask_first(plan, &plan->ways[i], ttl);
}

/* Whether a flow at a node may be asked again for its next cell. */
static bool is_candidate(const struct way *way, unsigned ttl, unsigned node)
{
    const struct cell *cell = &way->cells[ttl];

    return way->places[ttl - 1].node == node && way->places[ttl].node < PLACE_OVER &&
           cell->state == CELL_ANSWERED && cell->repeating == 0 && cell->attempts < TF_ATTEMPTS_MAX;
}

/* How often flows at a node were asked again, by the responder that follows it on them. */
static unsigned *repeats_by_branch(const struct plan *plan, unsigned ttl, unsigned node)
{
    unsigned *repeats = g_new0(unsigned, plan->view.levels[ttl].nodes->len);

    for (unsigned i = 0; i < plan->open; i++) {
        const struct way *way = &plan->ways[i];
        if (way->places[ttl - 1].node == node && way->places[ttl].node < PLACE_OVER)
            repeats[way->places[ttl].node] += way->cells[ttl].repeats;
    }
    return repeats;
}

/* The flow at a node whose next cell was repeated least; of equals, one whose branch was; then any.
 * A branch of which no flow is asked again may be one that is no more. */
static bool choose_flow(const struct plan *plan, unsigned ttl, unsigned node, uint16_t *path)
{
    g_autofree unsigned *by_branch = repeats_by_branch(plan, ttl, node);
    uint64_t least = UINT64_MAX;
    unsigned equals = 0;

    for (unsigned i = 0; i < plan->open; i++) {
        const struct way *way = &plan->ways[i];
        if (!is_candidate(way, ttl, node))
            continue;
        const uint64_t repeats = (uint64_t)way->cells[ttl].repeats << 32 |
                                 by_branch[way->places[ttl].node];
        if (repeats > least)
            continue;
        equals = repeats < least ? 1 : equals + 1;
        least = repeats;
        if (g_rand_int_range(plan->rand, 0, (gint32)equals) == 0)
            *path = (uint16_t)i;
    }
    return equals > 0;
}

static const struct tf_addr *address(const struct view *view, unsigned ttl, unsigned node)
{
    return &g_array_index(view->levels[ttl].responders, struct responder, node - NODE_FIRST).addr;
}

/* Repetitions behind a node's router, at whatever TTL it was met. */
static unsigned repeats_behind(const struct plan *plan, unsigned ttl, unsigned node)
{
    const struct view *view = &plan->view;
    const struct tf_addr *addr = address(view, ttl, node);
    unsigned repeats = 0;

    for (unsigned other = plan->options.first_ttl; other < view->last; other++)
        for (unsigned i = NODE_FIRST; i < view->levels[other].nodes->len; i++)
            if (tf_addr_equal(address(view, other, i), addr))
                repeats += view_node(view, other, i)->repeats;
    return repeats;
}

/* The repetitions that are still to show whether a node balances flows or packets. A pair may spare
 * many flows; more are not asked for before it is known how wide the node is. */
static unsigned missing(const struct plan *plan, unsigned ttl, unsigned number)
{
    const struct view *view = &plan->view;
    const struct node *node = view_node(view, ttl, number);
    if (node->named <= 1 || node->flows < view->alone.first)
        return 0;

    const unsigned enough = stop_repeats(&view->rule, node->named);
    const unsigned wanted = node->flows < node->needs ? MIN(enough, (unsigned)PAIR) : enough;
    const unsigned done = repeats_behind(plan, ttl, number);
    return wanted > done ? wanted - done : 0;
}

static void decide_at(struct plan *plan, unsigned ttl, unsigned number)
{
    const unsigned most = missing(plan, ttl - 1, number);
    struct repeat repeat = { .ttl = (uint8_t)ttl, .times = most < PAIR ? (uint8_t)most : PAIR };

    if (most == 0 || !choose_flow(plan, ttl, number, &repeat.path))
        return;
    view_node(&plan->view, ttl - 1, number)->repeats += repeat.times;
    g_array_append_val(plan->repeats, repeat);
}

static void drop_decided(struct plan *plan)
{
    for (guint i = plan->repeats->len; i > 0; i--) {
        const struct repeat *repeat = &g_array_index(plan->repeats, struct repeat, i - 1);
        if (!repeat->is_begun && !repeat->is_contest)
            g_array_remove_index(plan->repeats, i - 1);
    }
}

void plan_repeat_decide(struct plan *plan)
{
    const struct view *view = &plan->view;

    drop_decided(plan);
    for (unsigned ttl = plan->options.first_ttl; ttl <= view->last; ttl++)
        for (unsigned i = NODE_FIRST;
             !view->levels[ttl].is_unstable && i < view->levels[ttl - 1].nodes->len; i++)
            decide_at(plan, ttl, i);
}

bool plan_repeat_choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    for (guint i = 0; i < plan->repeats->len; i++) {
        struct repeat *repeat = &g_array_index(plan->repeats, struct repeat, i);
        const struct cell *cell = &plan->ways[repeat->path].cells[repeat->ttl];
        if (!may_repeat(plan, repeat))
            continue;
        *sent = (struct sent){
            .path = repeat->path, .ttl = repeat->ttl, .attempt = cell->attempts, .sent_ns = now_ns
        };
        repeat->is_begun = true;
        if (--repeat->times == 0)
            g_array_remove_index(plan->repeats, i);
        return true;
    }
    return false;
}
