/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a topology: whose address is it, which addresses has a node. */
#include "topology.h"

#include <string.h>

#include "generate.h"

static bool is_generated(uint32_t node)
{
    return (node & NODE_GENERATED) != 0;
}

uint32_t topology_find(const struct topology *topology, const struct tf_addr *addr)
{
    const void *found = g_hash_table_lookup(topology->by_address, addr);

    if (found != NULL)
        return GPOINTER_TO_UINT(found) - 1;
    return topology->generate.present ? generate_find(&topology->generate, addr) : NODE_NONE;
}

bool topology_address(const struct topology *topology, uint32_t node, uint8_t version, size_t which,
                      struct tf_addr *addr)
{
    if (which >= topology_addresses(topology, node, version))
        return false;
    if (is_generated(node))
        return generate_address(&topology->generate, node, version, addr);

    const struct node *of = &topology->nodes[node];
    *addr = of->address[version == 6 ? of->n_address4 + which : which];
    return true;
}

size_t topology_addresses(const struct topology *topology, uint32_t node, uint8_t version)
{
    struct tf_addr addr;

    if (is_generated(node))
        return topology->generate.present &&
               generate_address(&topology->generate, node, version, &addr);
    if (node >= topology->n_nodes)
        return 0;
    return version == 6 ? topology->nodes[node].n_address6 : topology->nodes[node].n_address4;
}

bool prefix_contains(const struct prefix *prefix, const struct tf_addr *addr)
{
    const size_t whole = prefix->bits / 8;
    const unsigned rest = prefix->bits % 8;

    if (prefix->addr.version != addr->version ||
        memcmp(prefix->addr.bytes, addr->bytes, whole) != 0)
        return false;
    return rest == 0 || (prefix->addr.bytes[whole] ^ addr->bytes[whole]) >> (8 - rest) == 0;
}
