/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the flows through a node say of its next hops. */
#include "plan_node.h"

#include "plan_loss.h"

enum { SILENCE_KNOWN = 2, SILENCE_MARGIN = 3 };

bool node_is_loss(const struct view *view, unsigned ttl, const struct node *from)
{
    const struct level *level = &view->levels[ttl];
    const unsigned silent = from != NULL ? from->silent : level->silent;
    const unsigned answered = from != NULL ? from->flows : level->answered;

    return loss_explains(level->silence, silent, silent + answered);
}

/* A few lost packets are no router: silence is one only if it is met about as often as others. */
static bool has_silent_hop(const struct view *view, unsigned ttl, const struct node *node)
{
    return node->silent >= SILENCE_KNOWN && !node_is_loss(view, ttl, node) &&
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
    node->has_silent_hop = has_silent_hop(view, ttl + 1, node);
    node->is_lossy = node_is_loss(view, ttl + 1, node);
    if (node->has_silent_hop) {
        node->hops++;
        node->flows += node->silent;
    } else if (node->pending > 0) {
        node->pending += node->silent; /* whether it is lost packets will show soon */
    }
    node->needs = stop_flows(&view->rule, node->hops);
}

/* The share that the rarest responder of a TTL has in its samples, leaving out those that end
 * paths. */
static double rarest_share(const struct level *level)
{
    unsigned fewest = level->samples;

    for (guint i = 0; i < level->responders->len; i++) {
        const struct responder *responder = &g_array_index(level->responders, struct responder, i);
        if (!responder->is_end && responder->samples > 0)
            fewest = MIN(fewest, responder->samples);
    }
    return fewest > 0 ? (double)fewest / level->samples : 1;
}

/*
 * Behind a balancer of packets each answer is a sample, whoever sent it: its flow and its place
 * before say nothing. Shares are not equal where branches are not equally long, so one more
 * responder may be as rare as the rarest here, or as the rarest before. How rare that is shows only
 * by and by: so no more samples are asked for at once than half of those that there are.
 */
static void count_samples(struct view *view, unsigned ttl, struct node *node)
{
    const struct level *level = &view->levels[ttl];
    const struct level *next = &view->levels[ttl + 1];
    const double before = level->is_unstable ? rarest_share(level) : 1;
    const double share = MIN(rarest_share(next), before);

    node->flows = next->samples;
    node->named = next->responders->len;
    node->hops = node->named;
    node->hop = NODE_FIRST;
    node->needs = MAX(stop_flows(&view->rule, node->hops),
                      MIN(stop_samples(&view->rule, share), node->flows + node->flows / 2 + 1));
}

void node_count_level(struct view *view, unsigned ttl)
{
    for (unsigned from = 0; from < view->levels[ttl].nodes->len; from++) {
        struct node *node = view_node(view, ttl, from);
        if (view->levels[ttl + 1].is_unstable && node->flows + node->pending > 0)
            count_samples(view, ttl, node);
        else
            count_hops(view, ttl, from);
    }
}

bool node_is_settled(const struct node *node)
{
    return node->flows >= node->needs;
}
