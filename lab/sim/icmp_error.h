/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP and ICMPv6 errors as routers make them, with all their ways of quoting. */
#ifndef TRACEFLOW_LAB_ICMP_ERROR_H
#define TRACEFLOW_LAB_ICMP_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"

struct icmp_error {
    uint8_t type; /* ICMP or ICMPv6, by the packet's version */
    uint8_t code;
    uint32_t mtu; /* Fragmentation Needed (RFC 1191 section 4), Packet Too Big; otherwise 0 */
    struct tf_addr from;
    uint8_t ttl;    /* of the error itself */
    uint16_t ident; /* … its Identification (IPv4) */
    const struct quoting *quoting;
};

/**
 * Build the IP packet of an error about a packet of len bytes, as it came in at the router.
 *
 * The packet has a whole IP header (the caller decoded it). The error goes to the packet's source.
 * With extensions the quote is zero-padded to at least 128 bytes, and to whole words of RFC 4884
 * section 5.3 to 5.4; without the length field to exactly 128. All checksums are right, whatever
 * faults the quote has. buf holds SIM_PACKET_MAX bytes.
 *
 * Returns the length, or 0 where no error may be sent: about an ICMP error, an IPv4 fragment other
 * than the first, or to or from an address that stands for no single host (RFC 1122 section 3.2.2,
 * RFC 4443 section 2.4 (e)).
 */
size_t icmp_error_build(uint8_t *buf, const struct icmp_error *error, const uint8_t *packet,
                        size_t len);

#endif
