/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Stockholm encoding, version 1: Identification, crafted key and tag (docs/WIRE.md). */
#ifndef TRACEFLOW_ENCODING_H
#define TRACEFLOW_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/status.h"
#include "traceflow/wire.h"

/** Default base of source and destination ports; the original Python tool's. */
#define TF_BASE_PORT          33480
#define TF_BASE_PORT_ORIGINAL 33452
/** Default destination port of TCP probes. */
#define TF_BASE_PORT_TCP 443

/** UDP length of a probe: header and tag. The original's: header and ten digits. */
#define TF_PROBE_UDP_LENGTH    (TF_UDP_LEN + TF_TAG_LEN)
#define TF_ORIGINAL_UDP_LENGTH (TF_UDP_LEN + 10)

/** Attempts of one path and TTL, counted from 0, that a prober makes at most. */
#define TF_ATTEMPTS_MAX 32

/** Path IDs count from 1. Up to here the Identification carries all of one. */
#define TF_PATH_ID_MAX_IN_IDENT 255

/** What the tag says; all fields in host order. */
struct tf_tag {
    uint32_t run_id;
    uint16_t path_id;
    uint8_t attempt;
    uint16_t probe_id; /* the Identification, which IPv6 has not */
    uint16_t balance;
};

/** The Identification of a probe: the low byte of the path ID above the TTL. */
static inline uint16_t tf_ident(uint16_t path_id, uint8_t ttl)
{
    return (uint16_t)((path_id & 0xff) << 8 | ttl);
}

/** The path ID's low byte in an Identification. */
static inline uint8_t tf_ident_path(uint16_t ident)
{
    return (uint8_t)(ident >> 8);
}

/** The TTL in an Identification. */
static inline uint8_t tf_ident_ttl(uint16_t ident)
{
    return (uint8_t)ident;
}

/**
 * The crafted checksum of all probes of one attempt of a path: fmix32 (MurmurHash3's finalizer) of
 * run_id ^ (path_id << 8 | attempt), low 16 bits; never 0 or 0xffff, so that it is a valid UDP
 * checksum with one representation only.
 */
uint16_t tf_key(uint32_t run_id, uint16_t path_id, uint8_t attempt);

/** The ICMP or ICMPv6 checksum of all echo requests of a path, whatever their attempt. */
static inline uint16_t tf_echo_key(uint32_t run_id, uint16_t path_id)
{
    return tf_key(run_id, path_id, 0);
}

/** Write TF_TAG_LEN bytes. */
void tf_tag_encode(uint8_t *buf, const struct tf_tag *tag);

/**
 * Decode the tag at the start of a probe payload.
 *
 * buf holds len bytes: the payload as sent, or what a router quoted of it. RFC 792 promises only 8
 * bytes past the IP header, hence possibly none of the tag; RFC 1812 section 4.3.2.3 asks for up to
 * 576. Allocates nothing; *tag is written only on TF_OK.
 *
 * Returns TF_OK, TF_SHORT (under TF_TAG_LEN bytes), TF_NOT_OURS (magic differs) or TF_BAD (our
 * magic, but an unknown version, or path ID 0, which is never sent).
 */
TF_MUST_CHECK enum tf_status tf_tag_decode(struct tf_tag *tag, const uint8_t *buf, size_t len);

/** Whether the first len bytes of a payload, however few, are those of a tag: magic and version. */
bool tf_tag_begins(const uint8_t *buf, size_t len);

/** What the TCP header of a probe says; all fields in host order. */
struct tf_syn {
    uint32_t run_id;
    uint16_t probe_id;
    uint16_t key;
};

/** The sequence number of a TCP probe. */
static inline uint32_t tf_syn_seq(uint16_t probe_id, uint16_t key)
{
    return (uint32_t)probe_id << 16 | key;
}

/** The probe ID in a sequence number. */
static inline uint16_t tf_seq_probe_id(uint32_t seq)
{
    return (uint16_t)(seq >> 16);
}

/** The key in a sequence number. */
static inline uint16_t tf_seq_key(uint32_t seq)
{
    return (uint16_t)seq;
}

/** Write the TF_SYN_OPTIONS_LEN bytes of a TCP probe's options. */
void tf_syn_options_encode(uint8_t *buf, uint32_t run_id);

/**
 * Decode the TCP header of a probe: a SYN of TF_SYN_LEN bytes with our window and options, and
 * nothing else in it. Ports and checksum are not looked at. *syn is written only on TF_OK.
 *
 * Returns TF_OK, TF_SHORT (under TF_SYN_LEN bytes) or TF_NOT_OURS.
 */
TF_MUST_CHECK enum tf_status tf_syn_decode(struct tf_syn *syn, const uint8_t *buf, size_t len);

/**
 * The balance that makes a checksum come out as key.
 *
 * sum is the running sum (tf_sum_add) of everything that the checksum covers, with zero in the
 * checksum's and the balance's own place. The balance must be 16-bit aligned in what is summed.
 */
uint16_t tf_balance(uint32_t sum, uint16_t key);

#endif
