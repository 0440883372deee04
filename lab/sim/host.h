/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an end system answers to a packet that reached it: echo, UDP and TCP by port. */
#ifndef TRACEFLOW_LAB_HOST_H
#define TRACEFLOW_LAB_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"

enum host_answer {
    HOST_SILENT,
    HOST_PACKET,           /* *reply_len bytes were written */
    HOST_PORT_UNREACHABLE, /* the caller sends the ICMP error */
    HOST_PROTOCOL_UNREACHABLE,
};

/** The open connections of all hosts. Bounded: the oldest give way. */
struct connections;

struct connections *connections_new(uint64_t seed);
void connections_free(struct connections *connections);

/* A packet of len bytes that has reached a host with these traits, for one of its addresses. */
struct host_request {
    const struct traits *traits;
    const uint8_t *packet;
    size_t len;
    int64_t now_ns;
    uint16_t ident; /* of the answer (IPv4) */
};

/**
 * What the host answers, from the packet's destination to its source.
 *
 * TCP keeps its states (RFC 9293 section 3.10.7): a SYN for a port in SYN-RECEIVED whose sequence
 * number is another gets a bare ACK. reply holds SIM_PACKET_MAX bytes.
 */
enum host_answer host_answer(struct connections *connections, const struct host_request *request,
                             uint8_t *reply, size_t *reply_len);

#endif
