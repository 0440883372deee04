/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and prefixes of a topology file, from text and to text. */
#ifndef TRACEFLOW_LAB_ADDRESSES_H
#define TRACEFLOW_LAB_ADDRESSES_H

#include "topology.h"

/* All return false, with nothing written, for what they do not expect. */

/**
 * An address that one node can have: none that is multicast, loopback, unspecified, reserved (IPv4
 * 240.0.0.0/4), IPv4-mapped or, of IPv6, of a link alone.
 */
bool value_address(const char *text, struct tf_addr *addr);

/** "ADDR/BITS", or an address alone; bits of the address beyond the prefix are refused. */
bool value_prefix(const char *text, struct prefix *prefix);

/** "ADDR", "ADDR:PORT" (IPv4), "[ADDR]" or "[ADDR]:PORT"; port 0 if there is none. */
bool value_endpoint(const char *text, struct tf_addr *addr, uint16_t *port);

/** How many bits an address has: 32 or 128. */
uint8_t address_bits(const struct tf_addr *addr);

/** Whether an address can be that of one node (see value_address). */
bool address_is_unicast(const struct tf_addr *addr);

/** Longest text of a prefix, terminating zero included. */
#define PREFIX_TEXT_LEN (TF_ADDR_TEXT_LEN + 4)

/** Write "ADDR/BITS" to buf and return it. */
const char *prefix_text(const struct prefix *prefix, char buf[PREFIX_TEXT_LEN]);

/** Whether two prefixes have an address in common. */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

#endif
