/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The levels of the view: their responders, nodes and links, and how they are emptied. */
#include "plan_state.h"

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

void view_sample(struct view *view, unsigned ttl, uint16_t node)
{
    struct level *level = &view->levels[ttl];

    level->samples++;
    g_array_index(level->responders, struct responder, node - NODE_FIRST).samples++;
}

void view_clear_level(struct view *view, unsigned ttl)
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
    level->arrived = 0;
    level->answered = 0;
    level->silent = 0;
    level->tries = 0;
}

void view_clear_links(struct view *view, unsigned ttl)
{
    GArray *links = view->levels[ttl].links;

    g_array_set_size(links, 0);
    g_array_set_size(links, view->levels[ttl].nodes->len * view->levels[ttl + 1].nodes->len);
}
