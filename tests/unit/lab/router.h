/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated router that sends ICMP errors: what they are about, and what comes out. */
#ifndef TRACEFLOW_TESTS_ROUTER_H
#define TRACEFLOW_TESTS_ROUTER_H

#include "icmp_error.h"
#include "sealed.h"
#include "sim.h"

/** An error as built, 0xa5 after its end; len 0: none. */
struct built {
    uint8_t bytes[SIM_PACKET_MAX];
    size_t len;
};

/** A probe of either family as it expires: 28 or 48 bytes of headers, 16 of payload. */
struct packet expiring_probe(uint8_t version);

/** The same, len bytes long in all; no byte of the payload is zero. */
struct packet expiring_datagram(uint8_t version, size_t len);

/** Time Exceeded of a version. */
uint8_t time_exceeded_type(uint8_t version);

/** From 203.0.113.5 or 2001:db8::5, with TTL 250 and Identification 0xbeef. */
struct icmp_error error_of(uint8_t version, uint8_t type, const struct quoting *quoting);

/** Build it about a packet whose end is guarded. */
struct built build_error(const struct icmp_error *error, const uint8_t *packet, size_t len);

#endif
