/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed number of paths: which cell to ask next. */
#ifndef TRACEFLOW_PROBER_PLAN_FIXED_H
#define TRACEFLOW_PROBER_PLAN_FIXED_H

#include "plan_state.h"

enum fixed_choice { FIXED_FIRST, FIXED_REPETITION };

/**
 * A TTL that was never sent: path by path, so that consecutive probes go to different routers.
 * Beyond the shortest length, behind silence, it counts as a repetition. Returns false if there is
 * none of that kind now.
 */
bool plan_fixed_choose(struct plan *plan, int64_t now_ns, enum fixed_choice choice,
                       struct sent *sent);

/** When there may be one without an observation; INT64_MAX if never. */
int64_t plan_fixed_wake_ns(const struct plan *plan, int64_t now_ns);

/** Nothing behind the path's end is of interest any more. */
void plan_fixed_cut(struct plan *plan, struct way *way);

#endif
