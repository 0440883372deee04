/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and nodes of a topology file, into their fields. */
#include "fields_node.h"

#include <string.h>

#include "addresses.h"

enum { ADDRESSES_MAX = 64 }; /* of a node */

/* The addresses of a list, in its order; NULL if one is wrong. */
static GArray *parse_addresses(const struct reading *reading, const struct key *key,
                               const char *text)
{
    g_auto(GStrv) list = value_list(text);
    g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct tf_addr));
    bool ok = g_strv_length(list) > 0 || refuse_value(reading, key, "an address", text);

    if (g_strv_length(list) > ADDRESSES_MAX)
        ok = refuse(reading, key->name, "expected at most %d addresses", ADDRESSES_MAX);
    for (char **word = list; ok && *word != NULL; word++) {
        struct tf_addr addr;
        ok = value_address(*word, &addr) ||
             refuse_value(reading, key, "a unicast IPv4 or IPv6 address", *word);
        for (guint i = 0; ok && i < addresses->len; i++)
            if (tf_addr_equal(&addr, &g_array_index(addresses, struct tf_addr, i)))
                ok = refuse(reading, key->name, "%s is given twice", *word);
        if (ok)
            g_array_append_val(addresses, addr);
    }
    return ok ? g_steal_pointer(&addresses) : NULL;
}

bool read_addresses(const struct reading *reading, const struct key *key, const char *text,
                    void *field)
{
    g_autoptr(GArray) addresses = parse_addresses(reading, key, text);
    struct node *node = field;

    if (addresses == NULL)
        return false;
    const struct tf_addr *given = (const struct tf_addr *)(void *)addresses->data;
    for (guint i = 0; i < addresses->len; i++)
        *(given[i].version == 6 ? &node->n_address6 : &node->n_address4) += 1;
    struct tf_addr *in_order = keep(reading, g_new(struct tf_addr, addresses->len));
    struct tf_addr *of_family[2] = { in_order, in_order + node->n_address4 };
    for (guint i = 0; i < addresses->len; i++)
        *of_family[given[i].version == 6]++ = given[i];
    node->address = in_order;
    return true;
}

bool read_pair(const struct reading *reading, const struct key *key, const char *text,
               struct tf_addr pair[2])
{
    g_autoptr(GArray) addresses = parse_addresses(reading, key, text);
    struct tf_addr found[2] = { 0 };

    if (addresses == NULL)
        return false;
    for (guint i = 0; i < addresses->len; i++) {
        const struct tf_addr *addr = &g_array_index(addresses, struct tf_addr, i);
        struct tf_addr *place = &found[addr->version == 6];
        if (place->version != 0)
            return refuse_value(reading, key, "one address of each family", text);
        *place = *addr;
    }
    memcpy(pair, found, sizeof found);
    return true;
}

bool read_source(const struct reading *reading, const struct key *key, const char *text,
                 void *field)
{
    struct topology *topology = field;
    struct tf_addr pair[2];

    if (!read_pair(reading, key, text, pair))
        return false;
    topology->source4 = pair[0];
    topology->source6 = pair[1];
    return true;
}

bool read_public(const struct reading *reading, const struct key *key, const char *text,
                 void *field)
{
    struct node *node = field;

    return read_pair(reading, key, text, node->public_address);
}

bool read_node(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    const uint32_t node = find_id(reading, text);

    if (node == NODE_NONE)
        return refuse(reading, key->name, "no such router or host '%s'", text);
    *(uint32_t *)field = node;
    return true;
}

bool read_first(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    const uint32_t node = find_id(reading, text);

    if (node == NODE_NONE || reading->topology->nodes[node].kind != NODE_ROUTER)
        return refuse(reading, key->name, "no such router '%s'", text);
    *(uint32_t *)field = node;
    return true;
}

/* One prefix of a family or of each; those that are not given stay as they are. */
static bool read_prefixes(const struct reading *reading, const struct key *key, const char *text,
                          struct prefix *const pair[2])
{
    g_auto(GStrv) list = value_list(text);
    bool given[2] = { false, false };

    if (*list == NULL)
        return refuse_value(reading, key, "a prefix", text);
    for (char **word = list; *word != NULL; word++) {
        struct prefix prefix;
        if (!value_prefix(*word, &prefix) || !address_is_unicast(&prefix.addr))
            return refuse_value(reading, key, "a prefix such as 198.18.0.0/15", *word);
        const bool is_ipv6 = prefix.addr.version == 6;
        if (given[is_ipv6])
            return refuse_value(reading, key, "one prefix of each family", text);
        given[is_ipv6] = true;
        *pair[is_ipv6] = prefix;
    }
    return true;
}

bool read_host_prefixes(const struct reading *reading, const struct key *key, const char *text,
                        void *field)
{
    struct generate *generate = field;
    struct prefix *const pair[2] = { &generate->hosts4, &generate->hosts6 };

    return read_prefixes(reading, key, text, pair);
}

bool read_router_prefixes(const struct reading *reading, const struct key *key, const char *text,
                          void *field)
{
    struct generate *generate = field;
    struct prefix *const pair[2] = { &generate->routers4, &generate->routers6 };

    return read_prefixes(reading, key, text, pair);
}

bool read_depth(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    struct generate *generate = field;
    uint64_t depth[2] = { 0, 0 };

    if (!value_range(text, key->low, key->high, depth))
        return refuse_value(reading, key, "a depth such as 8 or 6-14, from 1 to 24", text);
    generate->depth_min = (uint8_t)depth[0];
    generate->depth_max = (uint8_t)depth[1];
    return true;
}
