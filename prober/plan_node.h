/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the flows through a node say of its next hops. */
#ifndef TRACEFLOW_PROBER_PLAN_NODE_H
#define TRACEFLOW_PROBER_PLAN_NODE_H

#include "plan_view.h"

/** Count the next hops of a TTL's nodes, and what they need, once the cells behind were looked at.
 */
void node_count_level(struct view *view, unsigned ttl);

/**
 * Whether lost packets explain the silence at a TTL: of the cells behind a node of the TTL before,
 * or of all if from is NULL.
 */
bool node_is_loss(const struct view *view, unsigned ttl, const struct node *from);

/** Whether flows through a node have shown all next hops, as far as the rule wants to know. */
bool node_is_settled(const struct node *node);

#endif
