/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: named checks, bytes before a guard page, builders of packets. */
#ifndef TRACEFLOW_TESTS_SUPPORT_H
#define TRACEFLOW_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "traceflow/addr.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/** Bytes of a table's row: BYTES(1, 2, 3). Tables that use it live at file scope. */
struct bytes {
    const uint8_t *at;
    size_t len;
};
#define BYTES(...)                                                                                 \
    {                                                                                              \
        (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })                 \
    }

/** Fail the test unless the condition holds, with a message as printf: name the row first. */
#define check(condition, ...) check_at((condition), #condition, __FILE__, __LINE__, __VA_ARGS__)
void check_at(bool holds, const char *condition, const char *file, int line, const char *format,
              ...) __attribute__((format(printf, 5, 6)));

/**
 * A copy of len bytes (up to 16 KiB) whose last byte is the last of a page; the page behind cannot
 * be read. Valid until the next call.
 */
const uint8_t *guarded(const uint8_t *bytes, size_t len);

/** Pseudo-random numbers, the same in every run: start with any seed. */
uint32_t next_random(uint32_t *state);

/** An address from text; the test fails where it is none. */
struct tf_addr addr(const char *text);

/** A packet, or a part of one, under construction. */
struct packet {
    uint8_t bytes[2048];
    size_t len;
};

void append(struct packet *packet, const void *bytes, size_t len);

/** A UDP datagram; the checksum is taken as given. */
struct packet build_udp(uint16_t src_port, uint16_t dst_port, uint16_t checksum,
                        struct bytes payload);

/** A TCP segment without payload; the checksum is 0. options.len is a multiple of 4. */
struct tcp_fields {
    uint16_t src_port;
    uint16_t dst_port;
    uint32_t seq;
    uint32_t ack;
    uint8_t flags;
    struct bytes options;
};
struct packet build_tcp(const struct tcp_fields *fields);

/** An ICMP or ICMPv6 message: type, code, a zero checksum, four zero bytes, the body. */
struct packet build_icmp(uint8_t type, uint8_t code, struct bytes body);

/** IPv4 or IPv6, by the addresses; header checksum and lengths are right. */
struct ip_fields {
    struct tf_addr src;
    struct tf_addr dst;
    uint8_t protocol;
    uint8_t ttl;
    uint16_t ident;      /* IPv4 */
    uint32_t flow_label; /* IPv6 */
};
struct packet build_ip(const struct ip_fields *fields, const struct packet *payload);

/** Make the checksum of an IPv4 header right again. */
void seal_ipv4(uint8_t *header);

/** Ethernet around an IP packet. */
struct packet build_ethernet(const struct packet *ip);

/** A probe of wire format version 1, IPv4 or IPv6, as its sender's capture holds it. */
struct probe_fields {
    uint8_t protocol; /* TF_IP_PROTO_UDP (or 0), _TCP, _ICMP or _ICMPV6, by the addresses */
    struct tf_addr src;
    struct tf_addr dst;
    uint16_t src_base;
    uint16_t dst_base;
    uint32_t run_id;
    uint16_t path_id;
    uint8_t attempt;
    uint8_t ttl;
};
struct packet build_probe(const struct probe_fields *fields);

/** The transport checksum that an IPv4 or IPv6 packet should have, whatever it has now. */
uint16_t right_checksum(const struct packet *ip);

/** Where that checksum stands in the packet. */
uint8_t *checksum_field(struct packet *ip);

/** Where the transport header of a packet made by build_ip begins. */
size_t ip_header_len(const struct packet *ip);

#endif
