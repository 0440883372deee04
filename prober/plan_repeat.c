/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answered probes that are sent again: do flows keep their ways? */
#include "plan_repeat.h"

#include "plan_rate.h"

enum { CONTEST_ANSWERS = 5, CONTEST_PROBES = 10 };

void plan_repeat_answered(struct plan *plan, struct cell *cell, unsigned ttl, uint16_t node)
{
    if (cell->contest == CONTEST_NONE && node != cell->node) {
        cell->contest = CONTEST_OPEN;
        plan->contests++;
        return;
    }
    if (cell->contest != CONTEST_OPEN)
        return;
    if (cell->contests++ == 0)
        cell->latest = node;
    if (node == cell->latest && cell->contests < CONTEST_ANSWERS)
        return;
    if (node == cell->latest)
        cell->node = node;
    else
        plan->view.levels[ttl].is_unstable = true;
    cell->contest = CONTEST_OVER;
    plan->contests--;
}

static bool may_repeat(const struct plan *plan, unsigned path, unsigned ttl)
{
    const struct cell *cell = &plan->ways[path].cells[ttl];

    return cell->state == CELL_ANSWERED && !cell->is_repeating &&
           cell->attempts < PLAN_ATTEMPTS_MAX && plan_is_free(plan, path, ttl) &&
           plan_rate_allows(plan, path, ttl);
}

static bool is_contested(const struct plan *plan, const struct cell *cell, unsigned ttl)
{
    return cell->contest == CONTEST_OPEN && cell->repeats < CONTEST_PROBES &&
           !plan->view.levels[ttl].is_unstable;
}

static bool choose_contested(const struct plan *plan, struct sent *sent)
{
    if (plan->contests == 0)
        return false;
    for (unsigned i = 0; i < plan->open; i++)
        for (unsigned ttl = plan->options.first_ttl; ttl <= plan->top; ttl++) {
            const struct cell *cell = &plan->ways[i].cells[ttl];
            if (!is_contested(plan, cell, ttl) || !may_repeat(plan, i, ttl))
                continue;
            *sent = (struct sent){ .path = (uint16_t)i, .ttl = (uint8_t)ttl };
            return true;
        }
    return false;
}

/* The flow at a node whose next cell was repeated least. */
static bool choose_flow(const struct plan *plan, unsigned ttl, unsigned node, struct sent *sent)
{
    unsigned least = UINT8_MAX;

    for (unsigned i = 0; i < plan->open; i++) {
        const struct way *way = &plan->ways[i];
        if (way->places[ttl - 1].node != node || way->places[ttl].node == PLACE_OVER ||
            way->cells[ttl].repeats >= least || !may_repeat(plan, i, ttl))
            continue;
        least = way->cells[ttl].repeats;
        *sent = (struct sent){ .path = (uint16_t)i, .ttl = (uint8_t)ttl };
    }
    return least < UINT8_MAX;
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

/* Whether it is still to be found out if a node balances flows or packets. */
static bool is_doubtful(const struct plan *plan, unsigned ttl, unsigned number)
{
    const struct view *view = &plan->view;
    const struct node *node = view_node(view, ttl, number);

    return node->named > 1 && node->flows >= view->alone.first &&
           repeats_behind(plan, ttl, number) < stop_repeats(&view->rule, node->named);
}

static bool choose_at_balancer(const struct plan *plan, struct sent *sent)
{
    const struct view *view = &plan->view;

    for (unsigned ttl = plan->options.first_ttl; ttl <= view->last; ttl++) {
        if (view->levels[ttl].is_unstable)
            continue;
        for (unsigned i = NODE_FIRST; i < view->levels[ttl - 1].nodes->len; i++) {
            if (!is_doubtful(plan, ttl - 1, i) || !choose_flow(plan, ttl, i, sent))
                continue;
            view_node(view, ttl - 1, i)->repeats++;
            return true;
        }
    }
    return false;
}

bool plan_repeat_choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (!choose_contested(plan, sent) &&
        !(plan->options.automatic && choose_at_balancer(plan, sent)))
        return false;
    sent->attempt = plan_cell(plan, sent)->attempts;
    sent->sent_ns = now_ns;
    return true;
}
