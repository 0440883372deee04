/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who claims which address and name, and whether what leads somewhere leads to something. */
#include "check.h"

#include <string.h>

#include "addresses.h"
#include "traceflow/wire.h"

enum { ROUTER_ADDRESS_BITS = 22 };

/* The prefix of a generated network that an address is in; NULL: none. */
static const struct prefix *generated_prefix(const struct generate *generate,
                                             const struct tf_addr *addr)
{
    const struct prefix *const prefixes[] = { &generate->hosts4, &generate->hosts6,
                                              &generate->routers4, &generate->routers6 };

    for (size_t i = 0; generate->present && i < G_N_ELEMENTS(prefixes); i++)
        if (prefix_contains(prefixes[i], addr))
            return prefixes[i];
    return NULL;
}

/* Whether an address, if there is one, can be that of a node (NODE_NONE: the source). */
static bool check_claim(const struct reading *reading, const char *key, const struct tf_addr *addr,
                        uint32_t node)
{
    const struct topology *topology = reading->topology;
    const struct prefix *generated = generated_prefix(&topology->generate, addr);
    const uint32_t owner = GPOINTER_TO_UINT(g_hash_table_lookup(topology->by_address, addr)) -
                           1; /* 0: NODE_NONE */
    char text[TF_ADDR_TEXT_LEN];
    char prefix[PREFIX_TEXT_LEN];

    if (addr->version == 0)
        return true;
    tf_addr_text(addr, text);
    if (generated != NULL)
        return refuse(reading, key, "%s is in %s of [generate]", text,
                      prefix_text(generated, prefix));
    if (node != NODE_NONE &&
        (tf_addr_equal(addr, &topology->source4) || tf_addr_equal(addr, &topology->source6)))
        return refuse(reading, key, "%s is also the source's", text);
    return owner == NODE_NONE || owner == node ||
           refuse(reading, key, "%s is also [%s]'s", text, reading->node_group[owner]);
}

static bool is_under(const char *name, const char *domain)
{
    const size_t name_len = strlen(name);
    const size_t domain_len = strlen(domain);

    return name_len > domain_len && name[name_len - domain_len - 1] == '.' &&
           g_ascii_strcasecmp(name + name_len - domain_len, domain) == 0;
}

static bool check_name(const struct reading *reading, const char *key, const char *name,
                       uint32_t node)
{
    const struct topology *topology = reading->topology;

    if (name == NULL)
        return true;
    if (topology->generate.present && is_under(name, topology->generate.domain))
        return refuse(reading, key, "%s is under %s of [generate]", name,
                      topology->generate.domain);

    g_autofree char *lower = g_ascii_strdown(name, -1);
    const uint32_t owner = GPOINTER_TO_UINT(g_hash_table_lookup(topology->by_name, lower)) - 1;
    return owner == NODE_NONE || owner == node ||
           refuse(reading, key, "%s is also [%s]'s", name, reading->node_group[owner]);
}

static bool check_source(const struct reading *reading)
{
    const struct topology *topology = reading->topology;
    struct reading at = *reading;

    at.group = "network";
    if (topology->source6.version != 0 && topology->mtu < TF_IPV6_MTU_MIN)
        return refuse(&at, "mtu", "expected at least %d with an IPv6 source, not '%u'",
                      TF_IPV6_MTU_MIN, topology->mtu);
    return check_claim(&at, "source", &topology->source4, NODE_NONE) &&
           check_claim(&at, "source", &topology->source6, NODE_NONE) &&
           check_name(&at, "source-name", topology->source_name, NODE_NONE);
}

static bool check_node(const struct reading *reading, uint32_t number)
{
    const struct node *node = &reading->topology->nodes[number];

    for (size_t i = 0; i < node->n_address4 + node->n_address6; i++)
        if (!check_claim(reading, "address", &node->address[i], number))
            return false;
    return check_name(reading, "name", node->name, number);
}

/* A public address is nobody's own, not even the host's: a translation leads to the host. */
static bool check_public(const struct reading *reading, uint32_t number, GHashTable *taken)
{
    const struct node *node = &reading->topology->nodes[number];

    for (size_t i = 0; i < G_N_ELEMENTS(node->public_address); i++) {
        const struct tf_addr *addr = &node->public_address[i];
        char text[TF_ADDR_TEXT_LEN];
        gpointer owner = NULL;

        if (addr->version == 0)
            continue;
        if (!check_claim(reading, "public-address", addr, NODE_INTO_GENERATED))
            return false;
        owner = g_hash_table_lookup(taken, tf_addr_text(addr, text));
        if (owner != NULL)
            return refuse(reading, "public-address", "%s is also [%s]'s", text, (char *)owner);
        g_hash_table_insert(taken, g_strdup(text), (gpointer)reading->group);
    }
    return true;
}

static bool check_nodes(const struct reading *reading)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct reading at = *reading;
    bool ok = true;

    for (uint32_t i = 0; ok && i < reading->topology->n_nodes; i++) {
        at.group = reading->node_group[i];
        ok = check_node(&at, i) && check_public(&at, i, taken);
    }
    return ok;
}

/* A node with some traits: those of its beginning, or of a change. */
static bool check_traits(const struct reading *reading, uint32_t number,
                         const struct traits *traits)
{
    const struct nat *nat = &traits->nat;
    const struct tf_addr *inside = &nat->destination.to;
    char text[TF_ADDR_TEXT_LEN];

    if (reading->topology->nodes[number].address == NULL && !traits->silent &&
        traits->ttl != TTL_KEEP)
        return refuse(reading, NULL, "needs an address, or silent=yes, or ttl=keep");
    if (inside->version != 0 && topology_find(reading->topology, inside) == NODE_NONE)
        return refuse(reading, "nat-destination", "%s is nobody's", tf_addr_text(inside, text));
    return check_claim(reading, "nat-source", &nat->source.to4, number) &&
           check_claim(reading, "nat-source", &nat->source.to6, number);
}

static bool check_states(const struct reading *reading)
{
    const struct topology *topology = reading->topology;
    struct reading at = *reading;

    for (uint32_t i = 0; i < topology->n_nodes; i++) {
        at.group = reading->node_group[i];
        if (!check_traits(&at, i, &topology->nodes[i].traits))
            return false;
    }
    for (size_t i = 0; i < topology->n_changes; i++) {
        const struct change *change = &topology->changes[i];
        g_autofree char *group = g_strconcat("change ", change->id, NULL);

        at.group = group;
        if (!check_traits(&at, change->node, &change->traits))
            return false;
    }
    return true;
}

static bool check_size(const struct reading *reading, const char *key, const struct prefix *prefix,
                       uint32_t addresses)
{
    const unsigned bits = address_bits(&prefix->addr) - prefix->bits;
    char text[PREFIX_TEXT_LEN];

    return bits >= 32 || UINT64_C(1) << bits >= addresses ||
           refuse(reading, key, "%s is too small for %u addresses", prefix_text(prefix, text),
                  addresses);
}

static bool check_generate(const struct reading *reading)
{
    const struct generate *generate = &reading->topology->generate;
    const struct prefix *const hosts[] = { &generate->hosts4, &generate->hosts6 };
    const struct prefix *const routers[] = { &generate->routers4, &generate->routers6 };
    struct reading at = *reading;
    char hosts_text[PREFIX_TEXT_LEN];
    char routers_text[PREFIX_TEXT_LEN];

    at.group = "generate";
    for (size_t i = 0; generate->present && i < G_N_ELEMENTS(hosts); i++) {
        if (!check_size(&at, "hosts", hosts[i], generate->destinations) ||
            !check_size(&at, "routers", routers[i], 1u << ROUTER_ADDRESS_BITS))
            return false;
        if (prefix_overlaps(hosts[i], routers[i]))
            return refuse(&at, "hosts", "%s overlaps %s of routers",
                          prefix_text(hosts[i], hosts_text), prefix_text(routers[i], routers_text));
    }
    return true;
}

bool check_topology(const struct reading *reading)
{
    return check_generate(reading) && check_nodes(reading) && check_source(reading) &&
           check_states(reading) && check_loops(reading);
}
