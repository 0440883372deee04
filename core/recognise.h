/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of recognition that need no memory of other packets (docs/WIRE.md). */
#ifndef TRACEFLOW_CORE_RECOGNISE_H
#define TRACEFLOW_CORE_RECOGNISE_H

#include <stdbool.h>

#include "traceflow/datagram.h"
#include "traceflow/encoding.h"
#include "traceflow/match.h"

/** What a probe's or a quoted probe's own bytes say of it. */
struct claim {
    enum tf_evidence evidence;
    bool has_run_id;
    bool has_attempt;
    uint32_t run_id;
    uint16_t path_id;
    uint8_t ttl;
    uint8_t attempt;
};

/** Whether a datagram is an echo request, and whether it is an echo reply. */
bool recognise_echo(const struct tf_datagram *datagram);
bool recognise_echo_reply(const struct tf_datagram *datagram);

/**
 * Rule "tag", of UDP and echo, in either direction: a datagram that carries our tag. The tag is
 * coherent: its probe ID is path ID and TTL, and the sequence number of an echo. Whether the key
 * holds is a question of its own: a NAT changes the checksum that carries it.
 */
bool recognise_tag(struct tf_tag *tag, const struct tf_datagram *datagram);

/** Whether the checksum is the key of the tag's run, path and attempt. */
bool recognise_key(const struct tf_tag *tag, const struct tf_datagram *datagram);

/** The claim that a tag makes. */
struct claim recognise_tag_claim(const struct tf_tag *tag);

/**
 * Rule "tag", of TCP: a SYN of just our shape, all of which is there, and a path ID that source
 * port, IPv6 flow label or IPv4 Identification names, whose key the sequence number holds.
 */
bool recognise_syn(struct claim *claim, const struct tf_datagram *datagram,
                   const struct tf_match_options *options);

/** Rule "original", for a probe: ports, Identification, TTL and ten digits. */
bool recognise_original_probe(struct claim *claim, const struct tf_datagram *datagram,
                              const struct tf_match_options *options);

/** Whether what a quote holds of a payload, if anything, may begin a tag: short quotes are padded
 * with zeros (RFC 4884 section 5.1). */
bool recognise_tag_start(const uint8_t *payload, size_t len);

/** Whether a number that nothing proves can be the TTL of a probe that arrived with another. */
bool recognise_bare_ttl(uint8_t ttl, uint8_t arrived_ttl);

/** Whether a UDP datagram goes to a destination port that the rules below conclude from. */
bool recognise_base_port(const struct tf_datagram *datagram,
                         const struct tf_match_options *options);

/** Whether a quote is of UDP to such a port, and of a probe's length: the two rules below claim it
 * if all else agrees. */
bool recognise_bare_shape(const struct tf_datagram *quote, const struct tf_match_options *options);

/** Rules "original" and "arithmetic", for a quote whose probe is not in the capture. */
bool recognise_bare_quote(struct claim *claim, const struct tf_datagram *quote,
                          const struct tf_match_options *options);

#endif
