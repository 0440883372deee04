/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host that is asked by UDP or echo. */
#ifndef TRACEFLOW_TESTS_ASKED_H
#define TRACEFLOW_TESTS_ASKED_H

#include "host.h"
#include "sealed.h"
#include "sim.h"

enum { IDENT = 0x4321, REPLY_TTL = 61 };

struct answered {
    enum host_answer answer;
    size_t len;
    uint8_t reply[SIM_PACKET_MAX];
};

/** The answer of a host with these traits that has no connections. */
struct answered ask_with(const struct traits *traits, const uint8_t *packet, size_t len);

/**
 * The same of one that is open for UDP at 7 and 53 to 55, of which 54 drops; any protocol of port 9
 * drops; 80 is open for TCP.
 */
struct answered ask(const uint8_t *packet, size_t len);

/** A datagram from 192.0.2.1 or 2001:db8::1, port 40000, to 198.51.100.9 or 2001:db8::9. */
struct packet udp_to(uint8_t version, uint16_t port, struct bytes data);

/** An echo request between the same two; identifier 0xabcd, sequence number 0x0102. */
struct packet echo_of(uint8_t version, struct bytes data);

#endif
