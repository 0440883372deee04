/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the answers so far say about the network.
 *
 * All is worked out anew from the cells whenever they have changed, TTL by TTL: what was inferred
 * is never kept, so that a contradiction, or a stop rule that asks for more, needs no undoing.
 *
 * Nodes are not pooled over TTLs: a router that is met at two TTLs may well be two stories.
 */
#include "plan_view.h"

#include <string.h>

#include "plan_loss.h"
#include "plan_node.h"
#include "plan_state.h"

static const struct place unknown = { .node = PLACE_UNKNOWN };
static const struct place over = { .node = PLACE_OVER };
static const struct place lost = { .node = PLACE_LOST };
static const struct place silence = { .node = NODE_SILENCE };

bool view_is_choice(const struct view *view, unsigned ttl, unsigned node)
{
    if (view->levels[ttl + 1].is_unstable)
        return false;
    return node == NODE_SILENCE || view_node(view, ttl, node)->hops > 1;
}

/* Where packets of one flow part, all of the TTL is one node. */
static uint16_t pooled(const struct level *level, uint16_t node)
{
    return level->is_unstable && node != NODE_SILENCE ? NODE_FIRST : node;
}

static bool goes_on(const struct view *view, unsigned ttl, const struct place *place)
{
    return place->node < PLACE_OVER && !view_node(view, ttl, place->node)->is_end;
}

/* What a cell itself says of its flow's place. */
static struct place observed(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];

    if (cell->state == CELL_ANSWERED)
        return (struct place){ .node = pooled(&plan->view.levels[ttl], cell->node) };
    return unknown;
}

static void add_link(struct view *view, unsigned ttl, const struct place *from, uint16_t responder)
{
    struct node *node = view_node(view, ttl, from->node);
    uint8_t *link = view_link(view, ttl, from->node, responder);

    *link |= from->is_inferred ? LINK_SEEN : LINK_OBSERVED;
    node->flows++;
}

/* First what was observed of the cells of a TTL; what is inferred follows from that. */
static void look_at_cell(struct plan *plan, struct way *way, unsigned ttl)
{
    struct view *view = &plan->view;
    struct level *level = &view->levels[ttl];
    const struct place *from = &way->places[ttl - 1];
    const struct cell *cell = &way->cells[ttl];
    const struct place place = observed(plan, way, ttl);
    const bool is_over = from->node == PLACE_OVER ||
                         (from->node < PLACE_OVER && !goes_on(view, ttl - 1, from));

    way->places[ttl] = is_over ? over : place;
    if (is_over)
        return;
    level->answered += cell->state == CELL_ANSWERED;
    level->silent += cell->state == CELL_SILENT;
    level->tries += cell->state == CELL_ANSWERED ? cell->tries : 0;
    if (from->node >= PLACE_OVER)
        return;
    struct node *node = view_node(view, ttl - 1, from->node);
    if (plan_is_asked(cell))
        node->pending++;
    node->silent += cell->state == CELL_SILENT;
    node->repeats += cell->repeats;
    if (cell->state == CELL_ANSWERED)
        add_link(view, ttl - 1, from, cell->node);
}

/* Where a flow is that is silent, or whose way there is not known. */
static struct place place_silent(const struct view *view, const struct place *from, unsigned ttl)
{
    const bool is_known = from->node < PLACE_OVER;
    const bool lossy = is_known ? view_node(view, ttl - 1, from->node)->is_lossy
                                : node_is_loss(view, ttl, NULL);

    return lossy ? lost : silence;
}

/* Whether a node leaves one way on. */
static bool is_sole_way(const struct place *from, const struct node *node)
{
    return from->node != NODE_SILENCE && node->hops == 1 && node_is_settled(node);
}

/* Then where a flow must be whose cell says nothing. */
static struct place infer(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct view *view = &plan->view;
    const struct place *from = &way->places[ttl - 1];
    const struct cell *cell = &way->cells[ttl];
    if (from->node >= PLACE_OVER)
        return cell->state == CELL_SILENT ? place_silent(view, from, ttl) : *from;

    const struct node *node = view_node(view, ttl - 1, from->node);
    const bool is_asked = plan_is_asked(cell);
    if (is_asked && node->has_silent_hop &&
        (cell->attempts > 1 || plan->now_ns >= cell->sent_ns + plan_quiet_ns(plan)))
        return silence;
    if (is_asked)
        return unknown;
    if (view->levels[ttl].is_mute)
        return (struct place){ .node = NODE_SILENCE, .is_inferred = true };
    if (view->levels[ttl].is_unstable && view->levels[ttl].responders->len > 0)
        return (struct place){ .node = NODE_FIRST, .is_inferred = true };
    if (cell->state == CELL_SILENT && !(node->is_lossy && is_sole_way(from, node)))
        return place_silent(view, from, ttl);
    if (!is_sole_way(from, node))
        return unknown;
    return (struct place){ .node = node->hop, .is_inferred = true };
}

static void arrive(struct view *view, unsigned ttl, const struct place *place)
{
    if (place->node >= PLACE_OVER)
        return;

    struct node *node = view_node(view, ttl, place->node);
    node->arrived++;
    node->latest = ++view->levels[ttl].arrived;
}

/* Where packets of one flow are at different nodes, they may be so one TTL further. */
static bool is_mixed(const struct level *level)
{
    return level->is_unstable && level->responders->len > 1;
}

static bool look_at_level(struct plan *plan, unsigned ttl)
{
    struct view *view = &plan->view;
    struct level *level = &view->levels[ttl];
    bool goes_further = false;

    level->is_unstable = level->parts || is_mixed(&view->levels[ttl - 1]);
    view_clear_level(view, ttl);
    view_clear_links(view, ttl - 1);
    for (unsigned i = 0; i < plan->open; i++)
        look_at_cell(plan, &plan->ways[i], ttl);
    level->silence = level->answered > 0
                         ? loss_chance(level->answered, level->tries, plan->options.attempts)
                         : view->levels[ttl - 1].silence;
    level->is_mute = level->silent >= view->alone.first && level->answered == 0 &&
                     !loss_explains_all(level->silence, level->silent);
    node_count_level(view, ttl - 1);
    for (unsigned i = 0; i < plan->open; i++) {
        struct place *place = &plan->ways[i].places[ttl];
        if (place->node == PLACE_UNKNOWN)
            *place = infer(plan, &plan->ways[i], ttl);
        arrive(view, ttl, place);
        goes_further = goes_further || (place->node != PLACE_OVER && place->node != PLACE_LOST);
    }
    return goes_further;
}

static void look(struct plan *plan)
{
    struct view *view = &plan->view;
    const unsigned source = plan->options.first_ttl - 1;
    const unsigned gap_end = plan->top + plan->options.gap_limit;
    const unsigned limit = MIN(gap_end, plan->options.max_ttl);

    view_clear_level(view, source);
    view->levels[source].arrived = plan->open;
    view_node(view, source, NODE_FIRST)->arrived = plan->open;
    view_node(view, source, NODE_FIRST)->latest = plan->open;
    for (unsigned i = 0; i < plan->open; i++)
        plan->ways[i].places[source] = (struct place){ .node = NODE_FIRST };
    for (view->last = source; view->last < limit;)
        if (!look_at_level(plan, ++view->last))
            break;
}

/*
 * A node that has shown two of four next hops is no balancer of two: only those count that would be
 * settled if they were alone, lest thresholds grow for what is passing.
 */
static bool is_balancer(const struct view *view, const struct node *node)
{
    return node->hops > 1 && node->arrived > 0 && node->pending == 0 &&
           node->flows >= stop_flows(&view->alone, node->hops);
}

static void count_balancers(const struct plan *plan, unsigned balancers[STOP_WIDTHS + 1])
{
    const struct view *view = &plan->view;

    for (unsigned ttl = plan->options.first_ttl - 1; ttl < view->last; ttl++)
        for (unsigned i = NODE_FIRST; i < view->levels[ttl].nodes->len; i++) {
            const struct node *node = view_node(view, ttl, i);
            if (is_balancer(view, node))
                balancers[MIN(node->hops, STOP_WIDTHS)]++;
        }
}

/* Whether the rule fits the places that follow from it. */
static bool fits(const struct plan *plan)
{
    unsigned now[STOP_WIDTHS + 1] = { 0 };

    count_balancers(plan, now);
    return memcmp(now, plan->view.balancers, sizeof now) == 0;
}

/* From no balancers on, counts only grow until they fit, so that this comes to an end. */
static bool grow(struct plan *plan)
{
    struct view *view = &plan->view;
    unsigned now[STOP_WIDTHS + 1] = { 0 };
    bool more = false;

    count_balancers(plan, now);
    for (unsigned width = 2; width <= STOP_WIDTHS; width++) {
        more = more || now[width] > view->balancers[width];
        view->balancers[width] = MAX(view->balancers[width], now[width]);
    }
    return more;
}

void view_update(struct plan *plan)
{
    struct view *view = &plan->view;

    look(plan);
    if (fits(plan))
        return;
    memset(view->balancers, 0, sizeof view->balancers);
    do {
        view->rule = stop_rule_for(plan->options.confidence, view->balancers);
        look(plan);
    } while (grow(plan));
}
