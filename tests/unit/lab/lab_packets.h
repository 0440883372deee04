/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets for tests of the simulator: made from a few fields, checked and told in words; checksums
 * are computed here, not by the code under test. */
#ifndef TRACEFLOW_TESTS_LAB_PACKETS_H
#define TRACEFLOW_TESTS_LAB_PACKETS_H

#include "flow.h"
#include "support.h"

/** What a field leaves 0 or NULL has the value in parentheses. */
struct lab_probe {
    const char *dst;
    const char *src;   /* (192.0.2.1 or 2001:db8:a::1, as in a topology that names no source) */
    uint8_t protocol;  /* IPv4's number, of ICMP also for ICMPv6 (UDP) */
    uint8_t ttl;       /* (64) */
    uint8_t tos;       /* or traffic class */
    uint16_t ident;    /* IPv4 */
    bool df;           /* IPv4 */
    uint16_t src_port; /* of ICMP echo: the identifier (33481) */
    uint16_t dst_port; /* of ICMP echo: the sequence number (33480) */
    size_t payload;    /* bytes behind the transport header */
};

/** A UDP datagram, TCP SYN or echo request, all checksums right. */
struct packet lab_packet(const struct lab_probe *probe);

/** The flow of a packet that can be decoded. */
struct flow lab_flow(const struct packet *packet);

/** Make the checksums right that a packet has; a UDP checksum of 0 stays. */
void lab_seal(struct packet *packet);

/** The name of a checksum that is wrong in a whole packet, or NULL. */
const char *lab_wrong_checksum(const uint8_t *packet, size_t len);

/**
 * A packet in words, valid until the next call:
 *   SRC/TTL icmp TYPE/CODE {SRC:PORT > DST:PORT PROTOCOL ttl N tos N}   an error and its quote
 *   SRC/TTL echo reply IDENT, SRC/TTL udp PORT > PORT, SRC/TTL tcp PORT > PORT FLAGS
 * where the ports of an echo are identifier and sequence number, and " mtu N" follows the code if
 * it is not 0.
 */
const char *lab_words(const uint8_t *packet, size_t len);

/** The quote of an ICMP error without extensions: its length, or 0. */
size_t lab_quote(const uint8_t *packet, size_t len, const uint8_t **quote);

#endif
