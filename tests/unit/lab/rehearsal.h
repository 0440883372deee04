/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole trace in memory: the prober's plan against the lab's simulator, on a simulated clock. */
#ifndef TRACEFLOW_TESTS_REHEARSAL_H
#define TRACEFLOW_TESTS_REHEARSAL_H

#include "plan.h"
#include "topology.h"
#include "traceflow/trace.h"

struct rehearsal {
    bool done;        /* the plan came to its end */
    unsigned sent;    /* probes */
    int64_t ended_ns; /* simulated time; the trace begins at 0 */
    struct tf_trace_set *traces;
};

/**
 * Trace from the topology's source to an address: probes as they go over the wire, replies through
 * core's matching, as live tracing does. The seed is that of the simulator's chance and of the run
 * ID.
 */
struct rehearsal rehearse(const struct topology *topology, const struct tf_addr *dst,
                          const struct plan_options *options, uint64_t seed);

void rehearsal_end(struct rehearsal *rehearsal);

#endif
