/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of all shapes, from a seed: lines, diamonds, meshes, branches of unequal length. */
#ifndef TRACEFLOW_TESTS_RANDOM_NETWORK_H
#define TRACEFLOW_TESTS_RANDOM_NETWORK_H

#include <stdint.h>

#include "topology.h"

/**
 * A topology from its source to one host, never NULL: the same for the same seed.
 *
 * It has 2 to 12 layers of routers. Half of them are one router, most others 2 to 5, and at most
 * one is 16 wide. Routers lead to all of the next layer, to one, or to a few, and some past it, so
 * that branches are of unequal length, mesh and meet again. All balance by flow, each with a seed
 * of its own. Addresses are IPv4 and IPv6; every router and the host answer at once.
 */
struct topology *random_network(uint64_t seed);

#endif
