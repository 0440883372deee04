/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IP packet with its transport header: as captured, or as an ICMP error quotes it. */
#ifndef TRACEFLOW_DATAGRAM_H
#define TRACEFLOW_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/ip.h"
#include "traceflow/status.h"

enum tf_transport {
    TF_TRANSPORT_OTHER, /* another protocol, or a later fragment */
    TF_TRANSPORT_UDP,
    TF_TRANSPORT_TCP,
    TF_TRANSPORT_ICMP, /* ICMP or ICMPv6, by ip.version */
};

struct tf_udp {
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t length; /* header and payload, as claimed */
    uint16_t checksum;
    const uint8_t *payload;
    size_t payload_len; /* captured bytes, never past length */
};

struct tf_tcp {
    uint16_t src_port;
    uint16_t dst_port;
    uint32_t seq;
    bool whole; /* all that follows was captured; a quote may end after seq */
    uint32_t ack;
    uint8_t flags;
    uint16_t checksum;
    bool has_timestamp; /* RFC 7323 section 3.2 */
    uint32_t tsval;
    uint32_t tsecr;
};

struct tf_icmp {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint16_t ident;    /* echo only */
    uint16_t sequence; /* echo only */
    const uint8_t *header;
    const uint8_t *body; /* what follows the 8-byte header */
    size_t body_len;
};

struct tf_datagram {
    struct tf_ip ip;
    enum tf_transport transport;
    union {
        struct tf_udp udp;
        struct tf_tcp tcp;
        struct tf_icmp icmp;
    };
};

/**
 * Decode an IP packet and its transport header at buf.
 *
 * A protocol that is none of the three, and a fragment but the first, give TF_OK with
 * TF_TRANSPORT_OTHER. Of UDP and ICMP 8 bytes are needed; so they are of TCP, where the rest is
 * optional (RFC 792 promises a quote no more).
 *
 * Returns TF_OK, TF_SHORT, or TF_BAD (an impossible header length).
 */
TF_MUST_CHECK enum tf_status tf_datagram_decode(struct tf_datagram *datagram, const uint8_t *buf,
                                                size_t len);

/**
 * The same of a packet that an ICMP error quotes. A length in its IP header that leaves less than
 * the 8 bytes which RFC 792 promises is not believed, and all of buf counts: some hosts quote it
 * less the header's own length, as they keep it while they work on a packet.
 *
 * They may keep the flags in their own byte order, too: Don't Fragment alone, 0x4000, then reads
 * 0x0040, the last fragment of a datagram, from byte 512 on. Where that can be read as the
 * beginning of one it is, and ip.flags_swapped says so; df stays false. Whether to believe it is
 * for who knows what was sent.
 */
TF_MUST_CHECK enum tf_status tf_datagram_decode_quoted(struct tf_datagram *datagram,
                                                       const uint8_t *buf, size_t len);

/**
 * The transport's checksum as the packet holds it. Of TCP, 0 where a quote ends before it; 0, too,
 * of TF_TRANSPORT_OTHER.
 */
uint16_t tf_datagram_checksum(const struct tf_datagram *datagram);

/**
 * The ICMP checksum that an echo reply's request had: the type differs, and the sum does not care
 * which address is which (RFC 1624).
 */
uint16_t tf_echo_request_checksum(const struct tf_datagram *reply);

/** The fields that a quote is compared by, besides those of the flow. */
struct tf_header {
    uint32_t flow_label; /* IPv6 */
    uint16_t total_len;
    uint16_t ident;    /* IPv4 */
    uint16_t checksum; /* of the transport */
    uint8_t tos;       /* or IPv6's traffic class */
    bool df;           /* IPv4 */
};

struct tf_header tf_header_of(const struct tf_datagram *datagram);

#endif
