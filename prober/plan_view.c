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

#include "plan_state.h"

enum { SILENCE_KNOWN = 2, SILENCE_MARGIN = 3 };

static const struct place unknown = { .node = PLACE_UNKNOWN };
static const struct place over = { .node = PLACE_OVER };

struct node *view_node(const struct view *view, unsigned ttl, unsigned node)
{
    return &g_array_index(view->levels[ttl].nodes, struct node, node);
}

uint8_t *view_link(const struct view *view, unsigned ttl, unsigned from, unsigned to)
{
    const unsigned width = view->levels[ttl + 1].nodes->len;

    return &g_array_index(view->levels[ttl].links, uint8_t, from * width + to);
}

static void init_level(struct level *level)
{
    level->responders = g_array_new(FALSE, TRUE, sizeof(struct responder));
    level->nodes = g_array_new(FALSE, TRUE, sizeof(struct node));
    level->links = g_array_new(FALSE, TRUE, sizeof(uint8_t));
}

void view_init(struct plan *plan)
{
    static const unsigned none[STOP_WIDTHS + 1];
    const struct responder source = { .is_end = false };
    struct view *view = &plan->view;

    view->levels = g_new0(struct level, plan->options.max_ttl + 1);
    for (unsigned ttl = plan->options.first_ttl - 1; ttl <= plan->options.max_ttl; ttl++)
        init_level(&view->levels[ttl]);
    view_responder(view, plan->options.first_ttl - 1, &source);
    view->alone = stop_rule_for(plan->options.confidence, none);
    view->rule = view->alone;
}

void view_clear(struct plan *plan)
{
    struct view *view = &plan->view;

    for (unsigned ttl = plan->options.first_ttl - 1; ttl <= plan->options.max_ttl; ttl++) {
        g_array_unref(view->levels[ttl].responders);
        g_array_unref(view->levels[ttl].nodes);
        g_array_unref(view->levels[ttl].links);
    }
    g_free(view->levels);
}

uint16_t view_responder(struct view *view, unsigned ttl, const struct responder *responder)
{
    GArray *responders = view->levels[ttl].responders;

    for (guint i = 0; i < responders->len; i++) {
        const struct responder *known = &g_array_index(responders, struct responder, i);
        if (tf_addr_equal(&known->addr, &responder->addr) && known->is_end == responder->is_end)
            return (uint16_t)(NODE_FIRST + i);
    }
    g_array_append_vals(responders, responder, 1);
    return (uint16_t)(NODE_FIRST + responders->len - 1);
}

unsigned view_needs(const struct view *view, const struct node *node)
{
    return stop_flows(&view->rule, node->hops);
}

bool view_is_mute(const struct view *view, unsigned ttl)
{
    const struct level *level = &view->levels[ttl];

    return level->silent >= view->alone.first && level->answered == 0;
}

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

static void clear_level(struct view *view, unsigned ttl)
{
    struct level *level = &view->levels[ttl];
    bool is_end = true;

    g_array_set_size(level->nodes, 0);
    g_array_set_size(level->nodes, NODE_FIRST + level->responders->len);
    for (guint i = 0; i < level->responders->len; i++) {
        const bool ends = g_array_index(level->responders, struct responder, i).is_end;
        view_node(view, ttl, NODE_FIRST + i)->is_end = ends;
        is_end = is_end && ends;
    }
    if (level->is_unstable && !is_end)
        view_node(view, ttl, NODE_FIRST)->is_end = false;
    level->answered = 0;
    level->silent = 0;
}

static void clear_links(struct view *view, unsigned ttl)
{
    GArray *links = view->levels[ttl].links;

    g_array_set_size(links, 0);
    g_array_set_size(links, view->levels[ttl].nodes->len * view->levels[ttl + 1].nodes->len);
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
    if (cell->state == CELL_SILENT)
        return (struct place){ .node = NODE_SILENCE };
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
                         (from->node != PLACE_UNKNOWN && !goes_on(view, ttl - 1, from));

    way->places[ttl] = is_over ? over : place;
    if (is_over)
        return;
    level->answered += cell->state == CELL_ANSWERED;
    level->silent += cell->state == CELL_SILENT;
    if (from->node == PLACE_UNKNOWN)
        return;
    struct node *node = view_node(view, ttl - 1, from->node);
    if (cell->state == CELL_WAITING || cell->state == CELL_DUE)
        node->pending++;
    if (place.node == PLACE_UNKNOWN)
        return;
    node->repeats += cell->repeats;
    if (cell->state == CELL_ANSWERED)
        add_link(view, ttl - 1, from, cell->node);
    else
        node->silent++;
}

/* A few lost packets are no router: silence is one only if it is met about as often as others. */
static bool has_silent_hop(const struct node *node)
{
    return node->silent >= SILENCE_KNOWN &&
           node->silent * SILENCE_MARGIN * (node->named + 1) >= node->flows + node->silent;
}

static void count_hops(struct view *view, unsigned ttl, unsigned from)
{
    struct node *node = view_node(view, ttl, from);
    const unsigned width = view->levels[ttl + 1].nodes->len;

    for (unsigned to = NODE_FIRST; to < width; to++)
        if (*view_link(view, ttl, from, to) & LINK_OBSERVED) {
            node->named++;
            node->hop = (uint16_t)to;
        }
    node->hops = node->named;
    if (has_silent_hop(node)) {
        node->hops++;
        node->flows += node->silent;
    } else if (node->pending > 0) {
        node->pending += node->silent; /* whether it is lost packets will show soon */
    }
}

bool view_expects_silence(const struct view *view, unsigned ttl, unsigned from)
{
    return has_silent_hop(view_node(view, ttl, from));
}

/* Behind a balancer of packets each answer is a sample, whoever sent it: its flow and its place
 * before say nothing. */
static void count_samples(struct view *view, unsigned ttl, struct node *node)
{
    const struct level *next = &view->levels[ttl + 1];

    node->flows = next->samples;
    node->named = next->responders->len;
    node->hops = node->named;
    node->hop = NODE_FIRST;
}

static void count_level(struct view *view, unsigned ttl)
{
    for (unsigned from = 0; from < view->levels[ttl].nodes->len; from++) {
        struct node *node = view_node(view, ttl, from);
        if (view->levels[ttl + 1].is_unstable && node->flows + node->pending > 0)
            count_samples(view, ttl, node);
        else
            count_hops(view, ttl, from);
    }
}

static bool is_settled(const struct view *view, const struct node *node)
{
    return node->flows >= view_needs(view, node);
}

/* Then where a flow must be whose cell says nothing. */
static struct place infer(const struct plan *plan, const struct way *way, unsigned ttl,
                          int64_t now_ns)
{
    const struct view *view = &plan->view;
    const struct place *from = &way->places[ttl - 1];
    const struct cell *cell = &way->cells[ttl];
    if (from->node == PLACE_UNKNOWN)
        return unknown;

    const struct node *node = view_node(view, ttl - 1, from->node);
    const bool is_asked = cell->state == CELL_WAITING || cell->state == CELL_DUE;
    if (is_asked && view_expects_silence(view, ttl - 1, from->node) &&
        (cell->attempts > 1 || now_ns >= cell->sent_ns + plan_quiet_ns(plan)))
        return (struct place){ .node = NODE_SILENCE };
    if (is_asked)
        return unknown;
    if (view_is_mute(view, ttl))
        return (struct place){ .node = NODE_SILENCE, .is_inferred = true };
    if (view->levels[ttl].is_unstable)
        return (struct place){ .node = NODE_FIRST, .is_inferred = true };
    if (from->node == NODE_SILENCE || node->hops != 1 || !is_settled(view, node))
        return unknown;
    return (struct place){ .node = node->hop, .is_inferred = true };
}

/* Counts arrivals; flows come in order, so that elsewhere counts those since the last that came. */
static void arrive(struct view *view, unsigned ttl, const struct place *place)
{
    const unsigned width = view->levels[ttl].nodes->len;
    if (place->node >= PLACE_OVER)
        return;

    for (unsigned i = 0; i < width; i++)
        view_node(view, ttl, i)->elsewhere++;
    view_node(view, ttl, place->node)->elsewhere = 0;
    view_node(view, ttl, place->node)->arrived++;
}

static bool look_at_level(struct plan *plan, unsigned ttl, int64_t now_ns)
{
    struct view *view = &plan->view;
    bool goes_further = false;

    clear_level(view, ttl);
    clear_links(view, ttl - 1);
    for (unsigned i = 0; i < plan->open; i++)
        look_at_cell(plan, &plan->ways[i], ttl);
    count_level(view, ttl - 1);
    for (unsigned i = 0; i < plan->open; i++) {
        struct place *place = &plan->ways[i].places[ttl];
        if (place->node == PLACE_UNKNOWN)
            *place = infer(plan, &plan->ways[i], ttl, now_ns);
        arrive(view, ttl, place);
        goes_further = goes_further || place->node != PLACE_OVER;
    }
    return goes_further;
}

static void look(struct plan *plan, int64_t now_ns)
{
    struct view *view = &plan->view;
    const unsigned source = plan->options.first_ttl - 1;
    const unsigned gap_end = plan->top + plan->options.gap_limit;
    const unsigned limit = MIN(gap_end, plan->options.max_ttl);

    clear_level(view, source);
    view_node(view, source, NODE_FIRST)->arrived = plan->open;
    for (unsigned i = 0; i < plan->open; i++)
        plan->ways[i].places[source] = (struct place){ .node = NODE_FIRST };
    for (view->last = source; view->last < limit;)
        if (!look_at_level(plan, ++view->last, now_ns))
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

/* Counts only grow while places and rule are made to fit each other, so that this comes to an end.
 */
static bool count_balancers(const struct plan *plan, unsigned balancers[STOP_WIDTHS + 1])
{
    const struct view *view = &plan->view;
    unsigned now[STOP_WIDTHS + 1] = { 0 };
    bool more = false;

    for (unsigned ttl = plan->options.first_ttl - 1; ttl < view->last; ttl++)
        for (unsigned i = NODE_FIRST; i < view->levels[ttl].nodes->len; i++) {
            const struct node *node = view_node(view, ttl, i);
            if (is_balancer(view, node))
                now[MIN(node->hops, STOP_WIDTHS)]++;
        }
    for (unsigned width = 2; width <= STOP_WIDTHS; width++) {
        more = more || now[width] > balancers[width];
        balancers[width] = MAX(balancers[width], now[width]);
    }
    return more;
}

void view_update(struct plan *plan, int64_t now_ns)
{
    struct view *view = &plan->view;
    unsigned balancers[STOP_WIDTHS + 1] = { 0 };

    do {
        view->rule = stop_rule_for(plan->options.confidence, balancers);
        look(plan, now_ns);
    } while (count_balancers(plan, balancers));
}
