/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What routers read of a packet to choose among next hops. */
#ifndef TRACEFLOW_LAB_FLOW_H
#define TRACEFLOW_LAB_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/datagram.h"

/** Fields that a packet has not (ports of a later fragment, say) are 0. */
struct flow {
    struct tf_addr src;
    struct tf_addr dst;
    uint8_t protocol;
    uint8_t tos;
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t icmp_id; /* of an echo request or reply */
    uint16_t icmp_checksum;
    uint32_t flow_label;
};

/** The flow of a decoded packet. */
struct flow flow_of(const struct tf_datagram *datagram);

/** Whether an ICMP or ICMPv6 type (by IP version) is an echo request or reply. */
bool flow_is_echo(uint8_t version, uint8_t type);

/** A hash of some fields (enum hash_field): equal seeds give equal hashes, others independent ones.
 */
uint32_t flow_hash(const struct flow *flow, unsigned fields, uint32_t seed);

#endif
