/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes as bytes, crafted by libnet. */
#ifndef TRACEFLOW_PROBER_CRAFT_H
#define TRACEFLOW_PROBER_CRAFT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "traceflow/addr.h"

/** What all probes of a run have in common. */
struct craft_options {
    struct tf_addr src;
    struct tf_addr dst;
    uint8_t protocol; /* TF_IP_PROTO_UDP, _TCP, _ICMP or _ICMPV6; the last two by dst's version */
    uint16_t src_base;
    uint16_t dst_base;
    uint32_t run_id;
    uint8_t tos; /* IPv6: traffic class */
    bool dont_fragment;
};

/** The longest probe: IPv6 and TCP, or IPv6, UDP and tag. */
enum { CRAFT_PROBE_MAX = 72 };

/** What crafts the probes of one run. */
struct craft;

/** Never NULL; craft_free(NULL) is fine. No privilege is needed. */
struct craft *craft_new(const struct craft_options *options);
void craft_free(struct craft *craft);

/**
 * Write a probe (docs/WIRE.md), from its IP header on; every checksum is right.
 *
 * From one TTL of a path and attempt to the next only these differ: IPv4's TTL, Identification and
 * header checksum, or IPv6's hop limit; UDP: the tag's probe ID and balance; ICMP: these two and
 * the sequence number; TCP: the high half of the sequence number, and the checksum.
 *
 * Returns its length, or 0 and an error (TF_EXIT_IO: libnet refuses, or sums differently).
 */
size_t craft_probe(struct craft *craft, const struct probe_spec *spec,
                   uint8_t bytes[CRAFT_PROBE_MAX], GError **error);

/** Whether the keys of each path's attempts differ under a run ID. */
bool craft_run_id_suits(uint32_t run_id, uint16_t paths, uint8_t attempts);

/**
 * Draw a random run ID that suits.
 *
 * With thousands of paths and dozens of attempts hardly any does: then the one of many under which
 * the most paths, from path ID 1 on, have keys that differ.
 */
uint32_t craft_draw_run_id(uint16_t paths, uint8_t attempts);

#endif
