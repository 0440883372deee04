/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture told packet by packet: the prober's probes, and what comes back, given to a matcher. */
#ifndef TRACEFLOW_TESTS_EXCHANGE_H
#define TRACEFLOW_TESTS_EXCHANGE_H

#include "support.h"
#include "traceflow/match.h"
#include "traceflow/wire.h"

/** Every packet is a millisecond later than the last, unless now_ns is set in between. */
struct exchange {
    struct tf_match *match;
    uint64_t frame;
    int64_t now_ns;
};

/** A matcher with default options that has seen nothing. */
struct exchange exchange_begin(void);
void exchange_end(struct exchange *exchange);

/** Give it an IP packet, and read what it says; *obs is all zero unless TF_OK. */
TF_MUST_CHECK enum tf_status give(struct exchange *exchange, const struct packet *ip,
                                  struct tf_observation *obs);

/** Give it a probe, which it must recognise. Returns its frame number. */
uint64_t give_probe(struct exchange *exchange, const struct packet *ip);

/** A probe of run 1badcafe from 192.0.2.1 to 198.51.100.9 (ipv6_probe: 2001:db8::1, 2001:db8::9).
 */
struct packet probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt);
struct packet ipv6_probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt);

/** Protocol and family of a run's probes. */
struct shape {
    const char *name;
    uint8_t protocol; /* wire.h */
    bool ipv6;
};

/** UDP, echo and TCP over IPv4, then over IPv6. */
enum { SHAPES = 6 };
extern const struct shape shapes[SHAPES];

/** Sets of shapes: a bit for each, by its place in shapes. */
enum {
    UDP_SHAPES = 0x09,
    ECHO_SHAPES = 0x12,
    TCP_SHAPES = 0x24,
    IPV4_SHAPES = 0x07,
    IPV6_SHAPES = 0x38,
    ALL_SHAPES = 0x3f,
};

/** Whether the probes of a shape are ICMP or ICMPv6 echo requests. */
bool shape_is_echo(const struct shape *shape);

/** The flow of an observation is that of path 3 of the run, as its shape has it. */
void check_shape_flow(const struct shape *shape, const struct tf_observation *obs);

/** A probe of the same run and addresses; TCP goes to port 443. */
struct packet shape_probe(const struct shape *shape, uint16_t path_id, uint8_t ttl,
                          uint8_t attempt);

/** Where the transport header of a packet begins. */
uint8_t *transport_of(struct packet *ip);

/** The 16 bits of a probe that hold its key: the checksum, or the lower half of TCP's sequence
 * number. */
uint8_t *key_field(struct packet *probe);
void add_to_key(struct packet *probe, uint16_t difference);

/** A packet from the destination to the prober that holds a transport message, TTL 60. */
struct packet from_destination(const struct shape *shape, const struct packet *message);

/** The echo reply to an echo probe: all of its bytes, the checksum right. */
struct packet echo_reply(const struct shape *shape, const struct packet *probe);

/** A TCP answer to a probe: its acknowledgement is right, its time stamp echoes echo. */
enum { NO_TIMESTAMP = 0 };
struct packet tcp_answer(const struct shape *shape, const struct packet *probe, uint8_t flags,
                         uint32_t echo);

/** The probe as the router received it that lets it go no further: TTL 1, header checksum right. */
struct packet expired(const struct packet *probe);

/** An ICMP error that quotes len bytes of a packet; the responder is 203.0.113.5 or 2001:db8::5. */
struct packet error_quoting(uint8_t type, uint8_t code, const struct packet *quoted, size_t len);

/** Port Unreachable of the packet's family, from the same responder. */
struct packet port_unreachable(const struct packet *quoted, size_t len);

/** Time Exceeded that quotes len bytes of the probe as it expired. */
struct packet time_exceeded(const struct packet *probe, size_t len);

#endif
