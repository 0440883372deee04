/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probes are found by: the header that a quote repeats, and what of it survives, or is known
 * otherwise. */
#ifndef TRACEFLOW_CORE_PROBE_KEY_H
#define TRACEFLOW_CORE_PROBE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/datagram.h"
#include "traceflow/encoding.h"
#include "traceflow/observation.h"

/** Everything of a transport header and its addresses that a quote repeats and probes share. */
struct header_key {
    struct tf_flow flow;
    uint16_t
        number;   /* UDP: the length; TCP: 0; echo: the attempt, which only a tag tells: else 0 */
    uint16_t key; /* UDP and echo: the checksum; TCP: the sequence number's low half */
};

/** The key of a decoded UDP, TCP or echo packet, captured or quoted. */
struct header_key header_key_of(const struct tf_datagram *datagram);

/** The same as the answering end would write it: addresses, and ports if any, change places. */
struct header_key header_key_reversed(const struct header_key *key);

/** Whether a flow is one of echo requests. */
bool is_echo_flow(const struct tf_flow *flow);

/** Lists of groups, newest first, that have something in common. */
enum chain {
    CHAIN_FLOW,
    CHAIN_FAR_END,  /* same destination end and NAT invariant */
    CHAIN_NEAR_END, /* same source end and NAT invariant */
    CHAIN_TAG,      /* what a tag says of its probe */
    CHAIN_RUN,
    CHAINS
};

/**
 * What the groups of a chain have in common, for all chains alike: members that a chain does not
 * use are zero. Hashed as bytes, so padding is zero, too.
 */
struct chain_key {
    struct tf_flow flow;
    uint32_t run_id;
    uint16_t path_id;
    uint16_t attempt;
    uint16_t number;
    uint16_t invariant;
    uint32_t chain;
};

struct chain_key chain_key_of_flow(const struct tf_flow *flow);
struct chain_key chain_key_of_end(const struct header_key *header, enum chain end);
struct chain_key chain_key_of_tag(const struct tf_tag *tag, uint16_t protocol);
struct chain_key chain_key_of_run(uint32_t run_id);

#endif
