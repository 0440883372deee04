/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from a trace's observations and is kept in it. */
#ifndef TRACEFLOW_CORE_SETTLE_H
#define TRACEFLOW_CORE_SETTLE_H

#include "traceflow/trace.h"

/** Work out anew which paths are stable, and what the cells that were not probed must be. */
void settle(struct tf_trace *trace);

#endif
