/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many flows are to begin. */
#ifndef TRACEFLOW_PROBER_PLAN_LACK_H
#define TRACEFLOW_PROBER_PLAN_LACK_H

#include "plan_state.h"

/** So many, beside those that have begun; the view is up to date, and what is wanted is in it. */
unsigned plan_lacking(const struct plan *plan);

#endif
