/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As many paths as the stop rule wants: which cells to ask, which to ask again, when to begin a
 * path. */
#ifndef TRACEFLOW_PROBER_PLAN_AUTO_H
#define TRACEFLOW_PROBER_PLAN_AUTO_H

#include "plan_state.h"

struct plan_auto;

/** Never NULL. The functions below do nothing for NULL, and then return false or INT64_MAX. */
struct plan_auto *plan_auto_new(void);
void plan_auto_free(struct plan_auto *chosen);

/** Something has changed: what is wanted is to be worked out anew. */
void plan_auto_wake(struct plan_auto *chosen);

/** Take the next cell that may be asked now. Returns false if there is none. */
bool plan_auto_choose(struct plan *plan, int64_t now_ns, struct sent *sent);

/** Whether there are cells that could not be asked yet. */
bool plan_auto_wants(const struct plan *plan);

/** When plan_auto_choose may find more without an observation. */
int64_t plan_auto_wake_ns(const struct plan *plan);

#endif
