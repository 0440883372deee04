/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cells that were never probed must be. */
#ifndef TRACEFLOW_CORE_INFER_H
#define TRACEFLOW_CORE_INFER_H

#include "stability.h"
#include "traceflow/trace.h"

/** Set hop.inferred, path.inferred_end and path.inferred_reached; the rule is at the head of the
 * source. */
void infer(struct tf_trace *trace, const struct stability *stability);

#endif
