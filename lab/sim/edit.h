/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that routers make to packets on their way; every checksum follows (RFC 1624). */
#ifndef TRACEFLOW_LAB_EDIT_H
#define TRACEFLOW_LAB_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"

/** One end of a flow. The port is that of UDP or TCP, or the identifier of an ICMP echo. */
struct endpoint {
    struct tf_addr addr; /* of the packet's own family */
    bool has_port;       /* otherwise the port is left alone */
    uint16_t port;
};

enum edit_end { EDIT_SRC, EDIT_DST };

/**
 * Rewrite one end of an IP packet, or of what an ICMP error quotes of one: fields that were cut off
 * are left out. Does nothing to what is no IP header.
 */
void edit_endpoint(uint8_t *packet, size_t len, enum edit_end end, const struct endpoint *to);

/** Set TTL or hop limit; the packet has a whole IP header. */
void edit_ttl(uint8_t *packet, uint8_t ttl);

/** Set TOS or traffic class. */
void edit_tos(uint8_t *packet, uint8_t tos);

/** Compute the checksum of a whole ICMP or ICMPv6 packet anew, after its body has changed. */
void edit_seal_icmp(uint8_t *packet, size_t len);

#endif
