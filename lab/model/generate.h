/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated network: a tree of stages, computed from a seed; nothing of it is stored. */
#ifndef TRACEFLOW_LAB_GENERATE_H
#define TRACEFLOW_LAB_GENERATE_H

#include "topology.h"

/**
 * Fill in what follows from the rest: traits of silent routers (those of router, and silent), the
 * division into groups. router, lossy_router and host are there, and the prefixes' host bits are 0.
 */
void generate_complete(struct generate *generate);

/** The node of an address, or NODE_NONE. */
uint32_t generate_find(const struct generate *generate, const struct tf_addr *addr);

/** The one address that a generated node has of a family; false for another node. */
bool generate_address(const struct generate *generate, uint32_t node, uint8_t version,
                      struct tf_addr *addr);

/** Its traits. */
const struct traits *generate_traits(const struct generate *generate, uint32_t node);

/** Whether it is a destination. */
bool generate_is_host(const struct generate *generate, uint32_t node);

/**
 * Where a packet for destination node `to` (a generated host or router) goes from a generated node,
 * or, from NODE_NONE, where it enters.
 *
 * hash is that of the packet's flow, for the balancers. NODE_NONE: there is no way on.
 */
uint32_t generate_next(const struct generate *generate, uint32_t from, uint32_t to, uint32_t hash);

/** The number of a destination or router as in its name: d17, r4711. */
uint32_t generate_number(uint32_t node);

/** The node of such a number; NODE_NONE if there is none. */
uint32_t generate_node(const struct generate *generate, bool is_host, uint32_t number);

#endif
