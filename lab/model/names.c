/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the simulated internet: from a name to addresses, and back. */
#include "names.h"

#include <string.h>

#include "generate.h"

static const char loopback_name[] = "localhost";
static const struct tf_addr loopback4 = { .version = 4, .bytes = { 127, 0, 0, 1 } };
static const struct tf_addr loopback6 = { .version = 6, .bytes = { [15] = 1 } };

/* d17.DOMAIN, r4711.DOMAIN, in lower case. */
static uint32_t find_generated(const struct generate *generate, const char *name)
{
    if (!generate->present || generate->domain == NULL || (name[0] != 'd' && name[0] != 'r'))
        return NODE_NONE;

    /* one spelling alone for a number: g_ascii_strtoull takes signs, spaces and leading zeros */
    const char *digits = name + 1;
    if (!g_ascii_isdigit(digits[0]) || (digits[0] == '0' && g_ascii_isdigit(digits[1])))
        return NODE_NONE;

    char *end = NULL;
    const guint64 number = g_ascii_strtoull(digits, &end, 10);
    if (number > UINT32_MAX || *end != '.' || g_ascii_strcasecmp(end + 1, generate->domain) != 0)
        return NODE_NONE;
    return generate_node(generate, name[0] == 'd', (uint32_t)number);
}

static uint32_t find_node(const struct topology *topology, const char *lower)
{
    const guint listed = GPOINTER_TO_UINT(g_hash_table_lookup(topology->by_name, lower));

    return listed > 0 ? listed - 1 : find_generated(&topology->generate, lower);
}

bool names_find(const struct topology *topology, const char *name, struct named *named)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    struct named found = { .kind = NAMED_NODE, .node = NODE_NONE };

    if (g_str_has_suffix(lower, "."))
        lower[strlen(lower) - 1] = '\0';
    if (strcmp(lower, loopback_name) == 0)
        found.kind = NAMED_LOOPBACK;
    else if (topology->source_name != NULL && g_ascii_strcasecmp(lower, topology->source_name) == 0)
        found.kind = NAMED_SOURCE;
    else
        found.node = find_node(topology, lower);

    if (found.kind == NAMED_NODE && found.node == NODE_NONE)
        return false;
    *named = found;
    return true;
}

/* Of what has one address of a family at most; version 0: none. */
static bool only(const struct tf_addr *held, size_t which, struct tf_addr *addr)
{
    if (which > 0 || held->version == 0)
        return false;
    *addr = *held;
    return true;
}

static bool node_address(const struct topology *topology, uint32_t number, uint8_t version,
                         size_t which, struct tf_addr *addr)
{
    if (number < topology->n_nodes &&
        topology->nodes[number].public_address[version == 6].version != 0)
        return only(&topology->nodes[number].public_address[version == 6], which, addr);
    return topology_address(topology, number, version, which, addr);
}

bool names_address(const struct topology *topology, const struct named *named, uint8_t version,
                   size_t which, struct tf_addr *addr)
{
    switch (named->kind) {
    case NAMED_LOOPBACK: return only(version == 6 ? &loopback6 : &loopback4, which, addr);
    case NAMED_SOURCE:
        return only(version == 6 ? &topology->source6 : &topology->source4, which, addr);
    case NAMED_NODE: break;
    }
    return node_address(topology, named->node, version, which, addr);
}

/* The name of the node that an address is the public one of; NULL: of none. */
static const char *public_name(const struct topology *topology, const struct tf_addr *addr)
{
    for (size_t i = 0; i < topology->n_nodes; i++) {
        const struct node *node = &topology->nodes[i];
        if (node->name != NULL && tf_addr_equal(&node->public_address[addr->version == 6], addr))
            return node->name;
    }
    return NULL;
}

static const char *fixed_name(const struct topology *topology, const struct tf_addr *addr)
{
    if (tf_addr_equal(addr, &loopback4) || tf_addr_equal(addr, &loopback6))
        return loopback_name;
    if (tf_addr_equal(addr, &topology->source4) || tf_addr_equal(addr, &topology->source6))
        return topology->source_name;
    return public_name(topology, addr);
}

static char *generated_name(const struct generate *generate, uint32_t node)
{
    const char kind = generate_is_host(generate, node) ? 'd' : 'r';

    if (generate->domain == NULL)
        return NULL;
    return g_strdup_printf("%c%u.%s", kind, generate_number(node), generate->domain);
}

char *names_of(const struct topology *topology, const struct tf_addr *addr)
{
    const char *name = fixed_name(topology, addr);
    if (name != NULL)
        return g_strdup(name);

    const uint32_t node = topology_find(topology, addr);
    if (node == NODE_NONE)
        return NULL;
    if (node < topology->n_nodes)
        return g_strdup(topology->nodes[node].name);
    return generated_name(&topology->generate, node);
}
