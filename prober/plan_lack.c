/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many flows are to begin.
 *
 * When all that known flows can give is under way, new ones are begun: as many as the neediest TTL
 * lacks at least, so that too many are never begun, but several rounds may be needed.
 */
#include "plan_lack.h"

enum {
    SILENT_SHARE = 16, /* of all flows, one at least meets silence that is worth following */
    STALE_AFTER = 2,   /* times the flows that would have shown a node of that TTL */
    PATIENCE = 8,      /* of the flows expected to be needed, so much less is begun */
};

/* Whether further flows can be expected to come to a node. */
static bool is_within_reach(const struct plan *plan, unsigned ttl, unsigned number)
{
    const struct view *view = &plan->view;
    const struct level *level = &view->levels[ttl];
    const struct node *node = view_node(view, ttl, number);
    const unsigned width = level->nodes->len - NODE_FIRST + (level->silent > 0);
    if (node->arrived == 0 || node->is_end)
        return false;

    if (number == NODE_SILENCE && node->arrived * SILENT_SHARE < plan->open)
        return false;
    if (number == NODE_SILENCE && node->arrived * 2 * width < level->answered + level->silent)
        return false; /* a few lost packets are no router */
    return level->arrived - node->latest < STALE_AFTER * stop_flows(&view->rule, width);
}

/* The flows that a TTL's nodes lack, beyond those under way to them. */
static unsigned lacking(const struct plan *plan, unsigned ttl)
{
    const struct view *view = &plan->view;
    const unsigned arrived = view->levels[ttl].arrived;
    unsigned missing = 0;
    unsigned patient = 0;
    unsigned coming = 0;

    if (view->levels[ttl + 1].is_mute)
        return 0;
    for (unsigned i = 0; i < plan->open; i++)
        coming += plan->ways[i].places[ttl].node == PLACE_UNKNOWN;
    for (unsigned i = 0; i < view->levels[ttl].nodes->len; i++) {
        const struct node *node = view_node(view, ttl, i);
        if (!is_within_reach(plan, ttl, i) || !view_has_room(node, 0))
            continue;
        const unsigned deficit = node->needs - node->flows - node->pending;
        missing += deficit;
        patient = MAX(patient, deficit * arrived / (node->arrived * PATIENCE));
        if (view->levels[ttl + 1].is_unstable)
            break; /* there all share their samples */
    }
    if (coming == 0)
        return MAX(missing, patient);
    return missing > coming ? missing - coming : 0;
}

unsigned plan_lacking(const struct plan *plan)
{
    unsigned most = plan->open == 0 ? plan->view.rule.first : 0;

    for (unsigned ttl = plan->options.first_ttl - 1; plan->open > 0 && ttl < plan->view.last; ttl++)
        most = MAX(most, lacking(plan, ttl));
    return MIN(most, (unsigned)plan->options.paths - plan->open);
}
