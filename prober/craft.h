/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes as bytes: crafted by libnet once per path and attempt, patched per TTL. */
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

/** The probes of one run; a template for the path and attempt that was crafted last. */
struct craft;

/** Never NULL; craft_free(NULL) is fine. No privilege is needed. */
struct craft *craft_new(const struct craft_options *options);
void craft_free(struct craft *craft);

/**
 * Write a probe, from its IP header on. IPv4's header checksum is right, too.
 *
 * Returns its length, or 0 and an error (TF_EXIT_IO: libnet refuses).
 */
size_t craft_probe(struct craft *craft, const struct probe_spec *spec,
                   uint8_t bytes[CRAFT_PROBE_MAX], GError **error);

/** Whether the keys of each path's attempts differ under a run ID. */
bool craft_run_id_suits(uint32_t run_id, uint16_t paths, uint8_t attempts);

/** Draw a random run ID that suits. */
uint32_t craft_draw_run_id(uint16_t paths, uint8_t attempts);

#endif
