/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one captured frame says about a trace: the record that match writes, and trace and dissector
 * read. */
#ifndef TRACEFLOW_OBSERVATION_H
#define TRACEFLOW_OBSERVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/addr.h"
#include "traceflow/datagram.h"
#include "traceflow/icmp_ext.h"

/** The values are those of the field traceflow.kind. */
enum tf_kind {
    TF_KIND_PROBE = 1,
    TF_KIND_HOP_REPLY = 2,         /* an ICMP error on the way */
    TF_KIND_DESTINATION_REPLY = 3, /* an answer of the probed protocol, or port unreachable: to UDP
                                      anyone's, to echo and TCP the destination's */
};

/** Which rule of recognition held (docs/WIRE.md); the values are those of traceflow.evidence. */
enum tf_evidence {
    TF_EVIDENCE_TAG = 1,        /* tag and key agree */
    TF_EVIDENCE_MATCHED = 2,    /* flow and key are those of a probe in the same capture */
    TF_EVIDENCE_ORIGINAL = 3,   /* the Python tool's probe, or its quote */
    TF_EVIDENCE_ARITHMETIC = 4, /* ports and Identification alone */
};

/** Name of a rule as reports and fields print it: "tag", "matched", "original", "arithmetic". */
const char *tf_evidence_name(enum tf_evidence evidence);

/** How a quoted Identification came back. */
enum tf_ident_fault {
    TF_IDENT_INTACT,
    TF_IDENT_ZEROED,
    TF_IDENT_PLUS_ONE,
    TF_IDENT_SWAPPED, /* its two bytes exchanged */
    TF_IDENT_OTHER,   /* anything else */
};

/** Quoted fields that differ from the probe as captured: a set of bits. */
enum tf_changed {
    TF_CHANGED_TOS = 1 << 0,
    TF_CHANGED_LENGTH = 1 << 1,
    TF_CHANGED_IDENT = 1 << 2,
    TF_CHANGED_DF = 1 << 3,
    TF_CHANGED_SRC = 1 << 4,
    TF_CHANGED_DST = 1 << 5,
    TF_CHANGED_SRC_PORT = 1 << 6,
    TF_CHANGED_DST_PORT = 1 << 7,
    TF_CHANGED_CHECKSUM = 1 << 8,
    TF_CHANGED_FLOW_LABEL = 1 << 9, /* IPv6 */
    TF_CHANGED_COUNT = 10,
};

/** Name of one bit of enum tf_changed ("tos", "length", "ident", "df", "src", …) by its number. */
const char *tf_changed_name(unsigned bit);

/**
 * The 5-tuple that is constant along a path. Zero-initialise it whole: it is hashed as bytes.
 *
 * protocol is the IP protocol (wire.h). Of ICMP and ICMPv6 echo, src_port is the identifier and
 * dst_port is 0.
 */
struct tf_flow {
    struct tf_addr src;
    struct tf_addr dst;
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t protocol;
};

/**
 * One frame's observation.
 *
 * flow is the prober's: for a reply the flow of the probe, not of the reply, and as it was sent
 * where the probe was seen. Times are capture time stamps, in nanoseconds since 1970.
 */
struct tf_observation {
    enum tf_kind kind;
    enum tf_evidence evidence;
    struct tf_flow flow;
    uint64_t frame; /* number in the capture, from 1 */
    int64_t time_ns;

    bool has_run_id;
    bool has_ttl; /* false: the reply is one of this path's, but it cannot be said which TTL's */
    bool has_attempt; /* false: attempt is that of the likeliest probe, if has_probe */
    bool has_ident;   /* the IP header has an Identification (IPv4) */
    uint32_t run_id;
    uint16_t path_id;
    uint16_t ident; /* as captured, or as quoted */
    uint8_t ttl;
    uint8_t attempt;
    uint8_t captured_ttl; /* of the frame's own IP header: ttl less a probe's: hops behind it */
    enum tf_ident_fault ident_fault;
    struct tf_header sent; /* a probe: its own; a reply: its probe's, if has_probe */

    /* A probe: the same probe was seen before. A reply: its probe has been answered before. */
    bool duplicate;

    /* Replies only. */
    bool has_probe; /* the probe is in the capture, before the reply */
    bool has_icmp;
    bool has_quote;
    uint8_t icmp_type;
    uint8_t icmp_code;
    uint8_t quoted_ttl; /* if has_quote */
    uint8_t quoted_tos; /* if has_quote: TOS, or IPv6's traffic class */
    uint8_t tcp_flags;  /* of a TCP answer; 0 for other replies */
    uint16_t quoted_len;
    uint16_t changed;     /* enum tf_changed; only if has_quote and has_probe */
    uint64_t probe_frame; /* if has_probe */
    int64_t rtt_ns;       /* if has_probe; negative where time stamps ran backwards */
    struct tf_addr responder;
    struct tf_mpls_stack mpls; /* last, so that records can leave its unused end away */
};

/**
 * Whether a reply says that the probe went no further than its sender: a destination's, or an ICMP
 * Destination Unreachable of any code but fragmentation needed.
 */
bool tf_observation_ends_path(const struct tf_observation *obs);

#endif
