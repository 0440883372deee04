/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Last attempts of a fixed number of paths: not beside others that the same router answers. */
#ifndef TRACEFLOW_PROBER_PLAN_LAST_H
#define TRACEFLOW_PROBER_PLAN_LAST_H

#include "plan_state.h"

void plan_last_init(struct plan *plan);
void plan_last_clear(struct plan *plan);

/** Whether a silent cell may be asked again now, as far as this would be its last attempt. */
bool plan_last_allows(const struct plan *plan, unsigned path, unsigned ttl);

/** A probe has been sent, whatever for. */
void plan_last_sent(struct plan *plan, const struct sent *sent);

/** A cell, which is as it was before, has been answered. */
void plan_last_answered(struct plan *plan, const struct cell *cell,
                        const struct tf_observation *obs);

/** A last attempt has not been answered. */
void plan_last_unanswered(struct plan *plan, unsigned ttl);

/** Let time pass, up to plan->now_ns. */
void plan_last_advance(struct plan *plan);

/** When a cell that was not allowed may be; INT64_MAX if none waits for a time. */
int64_t plan_last_wake_ns(const struct plan *plan);

#endif
