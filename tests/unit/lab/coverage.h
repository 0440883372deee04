/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace against the truth: which links of the network it found, and whether all that it says is
 * so. */
#ifndef TRACEFLOW_TESTS_COVERAGE_H
#define TRACEFLOW_TESTS_COVERAGE_H

#include "topology.h"
#include "traceflow/trace.h"
#include "truth.h"

/** Links are from a TTL's node to the next TTL's, those of the source included. */
struct coverage {
    unsigned links;         /* that flows of the network take */
    unsigned missed;        /* of them: no flow that takes it has an answer of its far end */
    unsigned false_answers; /* cells that another node answered than the flow's way has there */
    unsigned holes;         /* cells before the end without answer, though asked */
};

/**
 * Judge a trace by the ways that its flows, and many others, really have. The topology balances by
 * flow, does not change, and its nodes answer from their first address.
 */
struct coverage coverage_of(const struct topology *topology, const struct truth_query *query,
                            const struct tf_trace *trace);

#endif
