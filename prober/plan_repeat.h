/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answered probes that are sent again: do flows keep their ways? */
#ifndef TRACEFLOW_PROBER_PLAN_REPEAT_H
#define TRACEFLOW_PROBER_PLAN_REPEAT_H

#include "plan_state.h"

void plan_repeat_init(struct plan *plan);
void plan_repeat_clear(struct plan *plan);

/**
 * Take a further answer of an answered cell into account, from a responder of the cell's TTL.
 *
 * The first that differs opens a contest: the cell is asked again. If what follows agrees with
 * itself, the path has changed, or the one answer was not true; if not, packets are balanced one by
 * one, and the TTL is unstable from then on.
 */
void plan_repeat_answered(struct plan *plan, struct way *way, unsigned ttl, uint16_t node);

/**
 * A cell of a fixed number of paths was answered for the first time. Where the first balancer shows
 * itself, a few cells are repeated: there are no others that would tell what it balances.
 */
void plan_repeat_first(struct plan *plan, const struct way *way, unsigned ttl);

/** The view is new: work out which balancers are still to be told apart. */
void plan_repeat_decide(struct plan *plan);

/** A cell that is to be asked again now. Returns false if there is none. */
bool plan_repeat_choose(struct plan *plan, int64_t now_ns, struct sent *sent);

#endif
