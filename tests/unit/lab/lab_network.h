/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated networks for tests, and ways through them. */
#ifndef TRACEFLOW_TESTS_LAB_NETWORK_H
#define TRACEFLOW_TESTS_LAB_NETWORK_H

#include "generate.h"
#include "support.h"

/** Nodes on a way at most: a head and the longest branch in each stage, and a host. */
enum { LAB_WAY_MAX = 24 * (1 + 4) + 1 };

/** Numbers of routers that a group has room for; the first is its head's. */
enum { LAB_GROUP = 128 };

struct lab_network {
    const char *name;
    uint32_t destinations;
    uint8_t depth_min;
    uint8_t depth_max;
    uint8_t width_max;
    uint8_t length_max;
    uint32_t balancers_ppm;
    uint32_t seed;
};

/** A network with the usual prefixes; 10 % of its routers are silent, 20 % lossy. */
struct generate lab_generate(const struct lab_network *network);

struct lab_way {
    uint32_t node[LAB_WAY_MAX];
    size_t len;
    unsigned heads; /* routers that all ways to a destination have in common */
};

/** From the entry to a node; the test fails if it is not reached. */
struct lab_way lab_way(const struct generate *generate, uint32_t to, uint32_t hash,
                       const char *name);

/** All routers' numbers are below this one. */
uint32_t lab_router_numbers(const struct generate *generate);

#endif
