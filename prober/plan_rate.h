/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routers that limit their rate: which cells may be asked without asking one of them too soon. */
#ifndef TRACEFLOW_PROBER_PLAN_RATE_H
#define TRACEFLOW_PROBER_PLAN_RATE_H

#include "plan_state.h"

void plan_rate_init(struct plan *plan);
void plan_rate_clear(struct plan *plan);

/** Whether a cell may be asked again now, or repeated. Always, while no rate is limited. */
bool plan_rate_allows(const struct plan *plan, unsigned path, unsigned ttl);

/** Whether a cell that was never asked waits its turn, too: who may answer it has left others
 * unanswered. */
bool plan_rate_concerns(const struct plan *plan, unsigned path, unsigned ttl);

/** A probe has been sent that plan_rate_allows was asked for. */
void plan_rate_sent(struct plan *plan, const struct sent *sent);

/**
 * Whether a cell that was asked for the last time is asked on all the same: rates are limited, and
 * who may answer it has answered others.
 */
bool plan_rate_asks_on(const struct plan *plan, const struct sent *sent);

/** A probe has timed out, and will be asked again. */
void plan_rate_timed_out(struct plan *plan, const struct sent *sent);

/** When a cell that was not allowed may be, without an observation; INT64_MAX: by the wave's end.
 */
int64_t plan_rate_wake_ns(const struct plan *plan);

#endif
