/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet on its way: what each node that it comes to does with it, chance and time left out. */
#ifndef TRACEFLOW_LAB_WALK_H
#define TRACEFLOW_LAB_WALK_H

#include "nat.h"
#include "routing.h"
#include "sim.h"
#include "traceflow/status.h"

enum {
    WALK_NODES_MAX = 512, /* more than 255 routers that decrement the TTL, and some that do not */
    WALK_TRANSLATIONS_MAX = 8,
};

enum walk_outcome {
    WALK_ON,
    WALK_ARRIVED, /* the node has its destination address */
    WALK_EXPIRED,
    WALK_DENIED,
    WALK_NO_ROUTE,
    WALK_NO_HOST, /* the last router knows no such neighbour */
    WALK_TOO_BIG, /* for the next link */
    WALK_LOST,
};

struct walk {
    struct flow flow;
    uint32_t target; /* the node of the destination address, or NODE_NONE */
    bool labelled;   /* in a tunnel whose label has a TTL of its own */
    uint8_t label_ttl;
    uint16_t link_mtu; /* if WALK_TOO_BIG */
    size_t n_nodes;
    size_t n_translations;
    uint32_t node[WALK_NODES_MAX]; /* those that it came to, the last one included */
    struct translation translation[WALK_TRANSLATIONS_MAX];
    size_t len;
    uint8_t packet[SIM_PACKET_MAX]; /* as it is now */
};

/**
 * Put a packet that the source sends at the beginning of its way.
 *
 * Returns TF_OK, or what is wrong with it: routers drop what is no IP packet, shorter than it
 * claims, has a wrong header checksum (RFC 1812 section 5.2.2), or goes to no single host.
 */
TF_MUST_CHECK enum tf_status walk_begin(struct walk *walk, const struct routing *routing,
                                        const uint8_t *packet, size_t len);

/** It comes to a node, and is translated, delivered, refused, expires, or is ready to go on. */
enum walk_outcome walk_enter(struct walk *walk, const struct routing *routing, uint32_t node);

/** It leaves the node that it came to last, for the next one; WALK_ON, WALK_TOO_BIG or WALK_LOST
 * (too many nodes). */
enum walk_outcome walk_leave(struct walk *walk, const struct routing *routing, uint32_t next);

/** What stands at the end of a way without next hops. */
static inline enum walk_outcome walk_no_way(const struct hops *hops)
{
    return hops->is_last_hop ? WALK_NO_HOST : WALK_NO_ROUTE;
}

/** The node that it came to last. */
static inline uint32_t walk_at(const struct walk *walk)
{
    return walk->node[walk->n_nodes - 1];
}

#endif
