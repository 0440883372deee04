/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that reports tell of a trace beyond its table, worked out once. */
#ifndef TRACEFLOW_CORE_DIGEST_H
#define TRACEFLOW_CORE_DIGEST_H

#include "diamonds.h"
#include "estimate.h"
#include "graph.h"
#include "traceflow/findings.h"

struct digest {
    const struct tf_trace *trace;
    size_t *representative; /* by path: tf_trace_distinct */
    struct path_count paths;
    struct stability *stability;
    struct graph *graph;
    struct diamonds *diamonds;
    GPtrArray *findings; /* struct tf_finding, by TTL and kind */
};

struct digest *digest_new(const struct tf_trace *trace);
void digest_free(struct digest *digest);

#endif
