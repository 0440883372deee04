/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated networks for tests. */
#include "lab_network.h"

static struct prefix prefix(const char *text, uint8_t bits)
{
    return (struct prefix){ addr(text), bits };
}

struct generate lab_generate(const struct lab_network *network)
{
    struct generate generate = { .present = true,
                                 .destinations = network->destinations,
                                 .hosts4 = prefix("198.18.0.0", 15),
                                 .hosts6 = prefix("2001:db8:d::", 96),
                                 .routers4 = prefix("10.0.0.0", 8),
                                 .routers6 = prefix("2001:db8:1::", 96),
                                 .depth_min = network->depth_min,
                                 .depth_max = network->depth_max,
                                 .width_max = network->width_max,
                                 .length_max = network->length_max,
                                 .balancers_ppm = network->balancers_ppm,
                                 .silent_ppm = 100000,
                                 .lossy_ppm = 200000,
                                 .seed = network->seed };

    generate.lossy_router.loss_ppm = 50000;
    generate_complete(&generate);
    return generate;
}

struct lab_way lab_way(const struct generate *generate, uint32_t to, uint32_t hash,
                       const char *name)
{
    struct lab_way way = { .len = 0 };
    uint32_t node = generate_next(generate, NODE_NONE, to, hash);

    for (; node != NODE_NONE; node = generate_next(generate, node, to, hash)) {
        check(way.len < LAB_WAY_MAX, "%s: the way to %x ends", name, to);
        way.node[way.len++] = node;
        way.heads += generate_number(node) % LAB_GROUP == 0;
        if (node == to)
            return way;
        check(!generate_is_host(generate, node), "%s: %x is on the way to %x", name, node, to);
    }
    check(false, "%s: the way to %x ends after %zu nodes", name, to, way.len);
    return way;
}

uint32_t lab_router_numbers(const struct generate *generate)
{
    return generate->first_group[generate->depth_max] * LAB_GROUP;
}
