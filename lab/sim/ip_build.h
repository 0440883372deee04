/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP packets from fields, their checksums made right; and whether those of others are. */
#ifndef TRACEFLOW_LAB_IP_BUILD_H
#define TRACEFLOW_LAB_IP_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"
#include "traceflow/ip.h"

/** An IPv4 or IPv6 header, by src's version; dst has the same. */
struct ip_build {
    struct tf_addr src;
    struct tf_addr dst;
    uint8_t protocol;
    uint8_t tos; /* IPv6: traffic class */
    uint8_t ttl;
    uint16_t ident; /* IPv4; DF is clear, as an Identification has a meaning then (RFC 6864) */
};

/** Length of the header that ip_build writes: no options, no extension headers. */
size_t ip_build_header_len(uint8_t version);

/**
 * Make an IP packet of payload_len bytes that stand at packet + ip_build_header_len.
 *
 * Writes the header, and the checksum of UDP, TCP, ICMP or ICMPv6, whose header is whole. Returns
 * the packet's length, 65,535 at most.
 */
size_t ip_build(uint8_t *packet, const struct ip_build *fields, size_t payload_len);

/**
 * Whether the checksum of the UDP, TCP, ICMP or ICMPv6 in a whole, unfragmented packet is right; of
 * another protocol: true. A UDP checksum of zero is right in IPv4 (RFC 768) and wrong in IPv6 (RFC
 * 8200 section 8.1).
 */
bool ip_checksum_holds(const struct tf_ip *ip);

/**
 * Whether an address stands for a single host of the network: neither unspecified, loopback,
 * multicast nor class E with its broadcast (RFC 1122 section 3.2.1.3, RFC 4291 section 2.4).
 */
bool ip_is_single_host(const struct tf_addr *addr);

#endif
