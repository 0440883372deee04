/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes that are under way when fuzz_match begins: without them, no reply has anything to
 * answer. */
#ifndef TRACEFLOW_FUZZ_IN_FLIGHT_H
#define TRACEFLOW_FUZZ_IN_FLIGHT_H

#include <stddef.h>
#include <stdint.h>

/** A probe as it was sent, from its IP header on. */
struct sent_probe {
    uint8_t bytes[72];
    size_t len;
};

/** Where the fields of a probe stand, by IP version. */
struct probe_layout {
    size_t addr_len;
    size_t src;
    size_t dst;
    size_t ttl;
    size_t protocol;
    size_t transport;
};

/**
 * 2 paths, 3 TTLs and 2 attempts of one run, the second path with DF; one of the original's; 2 TTLs
 * of an IPv6 path. Then, for echo and TCP over IPv4, and TCP and echo over IPv6: 2 attempts of 2
 * TTLs of a path each.
 */
enum { IN_FLIGHT = 2 * 3 * 2 + 1 + 2 + 4 * 2 * 2 };

/** The runs that they belong to, by IP version. */
enum { FUZZ_RUN_ID = 0x51ce0bad, FUZZ_RUN_ID_6 = 0x0c0ffee6 };

/** Make them all with core's own encoder. */
void in_flight_make(struct sent_probe probes[IN_FLIGHT]);

/** 4 or 6; and the IP protocol. */
uint8_t probe_version(const struct sent_probe *probe);
uint8_t probe_protocol(const struct sent_probe *probe);

/** Where the checksum stands in the transport header. */
size_t transport_checksum(uint8_t protocol);

const struct probe_layout *probe_layout_of(uint8_t version);

/** Recompute the checksum of an IPv4 header without options. */
void ipv4_fix_checksum(uint8_t *header);

#endif
