/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 headers, read into one struct. */
#ifndef TRACEFLOW_IP_H
#define TRACEFLOW_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"
#include "traceflow/status.h"

/** What matters of an IP header. Host order; payload points into the buffer that was decoded. */
struct tf_ip {
    struct tf_addr src;
    struct tf_addr dst;
    uint8_t version;
    uint8_t tos;         /* IPv6: traffic class */
    uint8_t ttl;         /* IPv6: hop limit */
    uint8_t protocol;    /* of the payload: IPv6 extension headers are passed over */
    bool has_ident;      /* IPv4 only */
    bool df;             /* IPv4 only */
    bool more_fragments; /* a fragment follows */
    bool flags_swapped;  /* a quote's: tf_datagram_decode_quoted */
    uint16_t ident;      /* if has_ident */
    uint16_t
        fragment_start;  /* bytes; payload begins with a transport header only where this is 0 */
    uint16_t header_len; /* bytes, options or extension headers included */
    uint32_t flow_label; /* IPv6 only, 20 bits */
    uint32_t total_len;  /* bytes as the header claims: a quote's may lie */
    const uint8_t *payload;
    size_t payload_len; /* captured bytes: never past the buffer, nor past a plausible total_len */
};

/**
 * Decode an IPv4 (RFC 791) or IPv6 (RFC 8200) header at buf.
 *
 * The IPv4 header checksum is not verified: routers quote it as they please. A total length smaller
 * than the header is left in total_len and the payload then reaches to the end of buf (routers
 * quote it byte-swapped, senders that offload segmentation leave 0): callers who want to refuse it
 * compare total_len with header_len.
 *
 * Returns TF_OK, TF_SHORT (cut inside the header or an extension header) or TF_BAD (neither version
 * 4 nor 6, or an IPv4 header length under 20 bytes).
 */
TF_MUST_CHECK enum tf_status tf_ip_decode(struct tf_ip *ip, const uint8_t *buf, size_t len);

/**
 * Length of an IPv6 extension header of a protocol that tf_ip_decode passes over (RFC 8200 section
 * 4, RFC 4302 section 2.2): 8 bytes at least, of which the first two are read.
 */
size_t tf_ipv6_extension_len(uint8_t protocol, const uint8_t *ext);

#endif
