/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel lets into a live capture. */
#ifndef TRACEFLOW_PROBER_FILTER_H
#define TRACEFLOW_PROBER_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/addr.h"

/** What will be sent. */
struct filter_scope {
    bool ipv4;
    bool ipv6;
    uint8_t protocol; /* TF_IP_PROTO_UDP, _TCP, or _ICMP for either version's echo */
    uint16_t src_base;
    uint16_t dst_base;
    uint16_t paths;
    unsigned labels; /* MPLS labels before each probe */
    bool one_run;    /* and it is this one: */
    uint32_t run_id;
    struct tf_addr src;
    struct tf_addr dst;
};

/**
 * The filter in pcap-filter(7) syntax; g_free() it.
 *
 * Of the probes, those of the run if there is only one, since two programs that trace to one
 * destination share its ports; else all that bear our magic. Of what comes back, all that might be
 * an answer: ICMP errors, and what has a probe's ports or identifier in reverse.
 */
char *filter_text(const struct filter_scope *scope);

#endif
