/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A topology as it is now, after some of its changes; and among which next hops a packet's router
 * chooses. */
#ifndef TRACEFLOW_LAB_ROUTING_H
#define TRACEFLOW_LAB_ROUTING_H

#include "flow.h"
#include "topology.h"

struct routing {
    const struct topology *topology;
    const struct traits **traits; /* by explicit node */
    GHashTable *distances;        /* router -> uint16_t[nodes]: links to it */
    GArray *scratch;              /* struct next_hop */
};

/** The topology at its beginning. Never NULL. */
struct routing *routing_new(const struct topology *topology);
void routing_free(struct routing *routing);

/** Let a change happen. */
void routing_change(struct routing *routing, const struct change *change);

/** What a node does now. */
const struct traits *routing_traits(const struct routing *routing, uint32_t node);

/** The MTU of a way from the source through some nodes: that of its narrowest link. */
uint16_t routing_mtu(const struct routing *routing, const uint32_t *nodes, size_t count);

/** Whether a node is an end system. */
bool routing_is_host(const struct routing *routing, uint32_t node);

/** Whether `to` is among the next hops of `from`. */
bool routing_is_link(const struct routing *routing, uint32_t from, uint32_t to);

/** The next hops that are left when hosts which a packet is not for are left out. */
struct hops {
    const struct next_hop *at; /* valid until the next call */
    size_t count;              /* 0: no way on … */
    uint32_t weights;
    bool is_last_hop; /* … because the router has hosts, but not this one */
};

/**
 * Where router `from` may send a packet whose destination address is that of node target (or
 * NODE_NONE).
 *
 * To an address of another router it goes the shortest way; otherwise by the longest matching
 * route, or else by the router's next hops: directly to the host if that is among them, or else to
 * a router.
 */
struct hops routing_hops(struct routing *routing, uint32_t from, const struct flow *flow,
                         uint32_t target);

/** The one that the router's balancing takes; draw is a random number, for balancing per packet. */
uint32_t routing_choose(const struct routing *routing, uint32_t from, const struct flow *flow,
                        const struct hops *hops, uint32_t draw);

#endif
