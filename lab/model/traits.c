/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Defaults, routes, and which keys mean nothing without others. */
#include "traits.h"

#include <string.h>

#include "addresses.h"
#include "fields_traits.h"
#include "keys.h"

enum { ROUTES_MAX = 1024, ROUTER_TTL = 255, HOST_TTL = 64 };

/* FNV-1a: all that matters is that routers differ, and that a router is the same in every run. */
static uint32_t hash_id(const char *id)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *id != '\0'; id++)
        hash = (hash ^ (uint8_t)*id) * UINT32_C(16777619);
    return hash;
}

struct traits traits_default(enum node_kind kind, const char *id)
{
    return (struct traits){ .hash_fields = HASH_FIVE_TUPLE,
                            .hash_seed = hash_id(id),
                            .icmp_rate.burst = 1,
                            .icmp_rate_per_peer.burst = 1,
                            .reply_ttl = kind == NODE_HOST ? HOST_TTL : ROUTER_TTL,
                            .quoting.len = QUOTE_576 };
}

/* Longest prefix first, then by address. */
static int compare_routes(const void *a, const void *b)
{
    const struct route *left = a;
    const struct route *right = b;

    if (left->to.bits != right->to.bits)
        return right->to.bits - left->to.bits;
    return tf_addr_compare(&left->to.addr, &right->to.addr);
}

static void add_route(GArray *routes, const struct tf_addr *addr, const struct next_hops *via)
{
    const struct route route = { .to = { *addr, address_bits(addr) }, .via = *via };

    if (addr->version != 0)
        g_array_append_val(routes, route);
}

/* Add the route of a key to a prefix, or the routes to all addresses of a host. */
static bool add_routes(const struct reading *reading, GArray *routes, const struct key *key)
{
    const char *target = key->name + strlen(ROUTE_KEY);
    const uint32_t number = find_id(reading, target);
    g_autofree char *text = get_value(reading, key->name);
    struct route route = { 0 };

    if (!read_next(reading, key, text, &route.via))
        return false;
    if (value_prefix(target, &route.to)) {
        g_array_append_val(routes, route);
        return true;
    }
    if (number == NODE_NONE || reading->topology->nodes[number].kind != NODE_HOST)
        return refuse(reading, key->name, "expected a prefix or a host, not '%s'", target);

    const struct node *host = &reading->topology->nodes[number];
    for (size_t i = 0; i < host->n_address4 + host->n_address6; i++)
        add_route(routes, &host->address[i], &route.via);
    add_route(routes, &host->public_address[0], &route.via);
    add_route(routes, &host->public_address[1], &route.via);
    return true;
}

/* The routes that the group gives, sorted; NULL if one is wrong. */
static GArray *parse_routes(const struct reading *reading)
{
    g_auto(GStrv) names = g_key_file_get_keys(reading->keys, reading->group, NULL, NULL);
    g_autoptr(GArray) routes = g_array_new(FALSE, FALSE, sizeof(struct route));

    for (char **name = names; name != NULL && *name != NULL; name++) {
        const struct key key = { .name = *name };
        if (g_str_has_prefix(*name, ROUTE_KEY) && !add_routes(reading, routes, &key))
            return NULL;
    }
    g_array_sort(routes, compare_routes);
    for (guint i = 1; i < routes->len; i++) {
        const struct route *route = &g_array_index(routes, struct route, i);
        char text[PREFIX_TEXT_LEN];
        if (compare_routes(route - 1, route) == 0) {
            refuse(reading, NULL, "two routes to %s", prefix_text(&route->to, text));
            return NULL;
        }
    }
    return g_steal_pointer(&routes);
}

/* Merge two sorted lists: a new route replaces the old one to its prefix, none removes it. */
static bool merge_routes(const struct reading *reading, struct traits *traits, const GArray *added)
{
    const struct route *old = traits->routes;
    const struct route *new = (const struct route *)(void *)added->data;
    struct route *merged = keep(reading, g_new(struct route, traits->n_routes + added->len));
    size_t count = 0;

    for (size_t i = 0, j = 0; i < traits->n_routes || j < added->len;) {
        const bool only_old = j == added->len;
        const bool only_new = i == traits->n_routes;
        const int order = only_old ? -1 : only_new ? 1 : compare_routes(&old[i], &new[j]);
        const struct route *next = order < 0 ? &old[i] : &new[j];

        i += order <= 0;
        j += order >= 0;
        if (next->via.count > 0)
            merged[count++] = *next;
    }
    traits->routes = merged;
    traits->n_routes = count;
    return count <= ROUTES_MAX || refuse(reading, NULL, "expected at most %d routes", ROUTES_MAX);
}

static bool read_routes(const struct reading *reading, struct traits *traits)
{
    g_autoptr(GArray) added = parse_routes(reading);

    if (added == NULL)
        return false;
    return added->len == 0 || merge_routes(reading, traits, added);
}

/* Keys that would do nothing are mistakes. */
static bool check_needs(const struct reading *reading, const struct traits *traits)
{
    const struct nat *nat = &traits->nat;
    const bool has_source = nat->source.to4.version != 0 || nat->source.to6.version != 0;
    const bool has_nat = has_source || nat->destination.from.version != 0;
    const struct {
        const char *key;
        bool met;
        const char *need;
    } needs[] = {
        { "icmp-burst", traits->icmp_rate.token_ns > 0, "icmp-rate" },
        { "icmp-burst-per-peer", traits->icmp_rate_per_peer.token_ns > 0, "icmp-rate-per-peer" },
        { "extension-length", traits->quoting.mpls.depth > 0 || traits->quoting.interface.present,
          "mpls or interface" },
        { "nat-ports", has_source, "nat-source" },
        { "nat-quotes", has_nat, "nat-source or nat-destination" },
        { "deny-answer", traits->deny.count > 0, "deny" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(needs); i++)
        if (!needs[i].met && has_key(reading, needs[i].key))
            return refuse(reading, needs[i].key, "needs %s", needs[i].need);
    return true;
}

bool traits_read(const struct reading *reading, struct traits *traits)
{
    return keys_read(reading, PART_TRAITS, traits) && read_routes(reading, traits) &&
           check_needs(reading, traits);
}
