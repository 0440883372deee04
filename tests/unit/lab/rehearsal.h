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

/** The destination, and the probes: TF_IP_PROTO_UDP, _TCP (to port 443), _ICMP or _ICMPV6. */
struct rehearsal_to {
    struct tf_addr addr;
    uint8_t protocol;
    bool is_anonymous; /* its own UDP answers do not say which probe they mean */
};

/**
 * Trace from the topology's source to an address: probes as they go over the wire, replies through
 * core's matching, as live tracing does. A SYN/ACK is reset at once, as the source's kernel does
 * it. The seed is that of the simulator's chance and of the run ID.
 */
struct rehearsal rehearse_to(const struct topology *topology, const struct rehearsal_to *to,
                             const struct plan_options *options, uint64_t seed);

/** … with UDP. */
struct rehearsal rehearse(const struct topology *topology, const struct tf_addr *dst,
                          const struct plan_options *options, uint64_t seed);

void rehearsal_end(struct rehearsal *rehearsal);

#endif
