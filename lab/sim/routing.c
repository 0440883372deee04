/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing: from destination and flow to next hop. */
#include "routing.h"

#include "chance.h"
#include "generate.h"

/* Ways to so many routers' own addresses are remembered. */
enum { DISTANCES_MAX = 64 };

static const uint16_t far = UINT16_MAX;

struct routing *routing_new(const struct topology *topology)
{
    struct routing *routing = g_new0(struct routing, 1);

    routing->topology = topology;
    routing->traits = g_new(const struct traits *, topology->n_nodes + 1);
    for (size_t i = 0; i < topology->n_nodes; i++)
        routing->traits[i] = &topology->nodes[i].traits;
    routing->distances = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    routing->scratch = g_array_new(FALSE, FALSE, sizeof(struct next_hop));
    return routing;
}

void routing_free(struct routing *routing)
{
    if (routing == NULL)
        return;
    g_free(routing->traits);
    g_hash_table_destroy(routing->distances);
    g_array_free(routing->scratch, TRUE);
    g_free(routing);
}

void routing_change(struct routing *routing, const struct change *change)
{
    routing->traits[change->node] = &change->traits;
    g_hash_table_remove_all(routing->distances);
}

const struct traits *routing_traits(const struct routing *routing, uint32_t node)
{
    if (node & NODE_GENERATED)
        return generate_traits(&routing->topology->generate, node);
    return routing->traits[node];
}

uint16_t routing_mtu(const struct routing *routing, const uint32_t *nodes, size_t count)
{
    uint16_t mtu = routing->topology->mtu;

    for (size_t i = 0; i < count; i++) {
        const uint16_t link_mtu = routing_traits(routing, nodes[i])->mtu;
        if (link_mtu > 0)
            mtu = MIN(mtu, link_mtu);
    }
    return mtu;
}

bool routing_is_host(const struct routing *routing, uint32_t node)
{
    if (node & NODE_GENERATED)
        return generate_is_host(&routing->topology->generate, node);
    return routing->topology->nodes[node].kind == NODE_HOST;
}

static bool has_hop(const struct next_hops *hops, uint32_t node)
{
    for (size_t i = 0; i < hops->count; i++)
        if (hops->at[i].node == node)
            return true;
    return false;
}

bool routing_is_link(const struct routing *routing, uint32_t from, uint32_t to)
{
    const struct traits *traits = routing_traits(routing, from);

    if (has_hop(&traits->next, to))
        return true;
    for (size_t i = 0; i < traits->n_routes; i++)
        if (has_hop(&traits->routes[i].via, to))
            return true;
    return false;
}

/* The distance of the nearest next hop of a set. */
static uint16_t nearest(const struct next_hops *hops, const uint16_t *distance)
{
    uint16_t best = far;

    for (size_t i = 0; i < hops->count; i++)
        if (hops->at[i].node != NODE_INTO_GENERATED)
            best = MIN(best, distance[hops->at[i].node]);
    return best;
}

static uint16_t nearest_of_all(const struct traits *traits, const uint16_t *distance)
{
    uint16_t best = nearest(&traits->next, distance);

    for (size_t i = 0; i < traits->n_routes; i++)
        best = MIN(best, nearest(&traits->routes[i].via, distance));
    return best;
}

/* Links are known from their beginnings only, so distances are relaxed until they stay (Bellman and
 * Ford). */
static bool relax(const struct routing *routing, uint16_t *distance)
{
    bool changed = false;

    for (size_t i = 0; i < routing->topology->n_nodes; i++) {
        const uint16_t best = nearest_of_all(routing->traits[i], distance);
        if (best < far - 1 && best + 1 < distance[i]) {
            distance[i] = best + 1;
            changed = true;
        }
    }
    return changed;
}

static const uint16_t *distances_to(struct routing *routing, uint32_t router)
{
    const size_t n = routing->topology->n_nodes;
    uint16_t *distance = g_hash_table_lookup(routing->distances, GUINT_TO_POINTER(router));
    if (distance != NULL)
        return distance;

    if (g_hash_table_size(routing->distances) >= DISTANCES_MAX)
        g_hash_table_remove_all(routing->distances);
    distance = g_new(uint16_t, n);
    for (size_t i = 0; i < n; i++)
        distance[i] = far;
    distance[router] = 0;
    while (relax(routing, distance))
        ;
    g_hash_table_insert(routing->distances, GUINT_TO_POINTER(router), distance);
    return distance;
}

static struct hops scratch_hops(const struct routing *routing)
{
    struct hops hops = { .at = (const struct next_hop *)(const void *)routing->scratch->data,
                         .count = routing->scratch->len };

    for (size_t i = 0; i < hops.count; i++)
        hops.weights += hops.at[i].weight;
    return hops;
}

static struct hops only_hop(struct routing *routing, uint32_t node)
{
    const struct next_hop hop = { node, 1 };

    g_array_set_size(routing->scratch, 0);
    if (node != NODE_NONE)
        g_array_append_val(routing->scratch, hop);
    return scratch_hops(routing);
}

static void add_at_distance(struct routing *routing, const struct next_hops *hops,
                            const uint16_t *distance, uint16_t wanted)
{
    for (size_t i = 0; i < hops->count; i++)
        if (hops->at[i].node != NODE_INTO_GENERATED && distance[hops->at[i].node] == wanted)
            g_array_append_val(routing->scratch, hops->at[i]);
}

/* Empty if no way leads there. */
static struct hops hops_to_router(struct routing *routing, uint32_t from, uint32_t router)
{
    const struct traits *traits = routing->traits[from];
    const uint16_t *distance = distances_to(routing, router);
    const uint16_t best = nearest_of_all(traits, distance);

    g_array_set_size(routing->scratch, 0);
    if (best == far)
        return scratch_hops(routing);
    add_at_distance(routing, &traits->next, distance, best);
    for (size_t i = 0; i < traits->n_routes && routing->scratch->len == 0; i++)
        add_at_distance(routing, &traits->routes[i].via, distance, best);
    return scratch_hops(routing);
}

static const struct next_hops *route_for(const struct traits *traits, const struct tf_addr *dst)
{
    for (size_t i = 0; i < traits->n_routes; i++)
        if (prefix_contains(&traits->routes[i].to, dst))
            return &traits->routes[i].via;
    return &traits->next;
}

static bool leads_on(const struct routing *routing, uint32_t node)
{
    return node != NODE_INTO_GENERATED && !routing_is_host(routing, node);
}

/* Without the hosts and networks that the packet is not for; most sets have none of them. */
static struct hops hops_on(struct routing *routing, const struct next_hops *via)
{
    struct hops hops = { via->at, via->count, via->weights, false };
    size_t on = 0;

    while (on < via->count && leads_on(routing, via->at[on].node))
        on++;
    if (on == via->count)
        return hops;
    g_array_set_size(routing->scratch, 0);
    for (size_t i = 0; i < via->count; i++)
        if (leads_on(routing, via->at[i].node))
            g_array_append_val(routing->scratch, via->at[i]);
    hops = scratch_hops(routing);
    hops.is_last_hop = hops.count == 0;
    return hops;
}

struct hops routing_hops(struct routing *routing, uint32_t from, const struct flow *flow,
                         uint32_t target)
{
    const struct generate *generate = &routing->topology->generate;
    const bool generated = target != NODE_NONE && (target & NODE_GENERATED);
    if (from & NODE_GENERATED)
        return only_hop(routing, generate_next(generate, from, target,
                                               flow_hash(flow, HASH_FIVE_TUPLE, generate->seed)));

    const struct next_hops *via = route_for(routing->traits[from], &flow->dst);
    if (generated && has_hop(via, NODE_INTO_GENERATED))
        return only_hop(routing, generate_next(generate, NODE_NONE, target, 0));
    if (target == NODE_NONE || generated)
        return hops_on(routing, via);
    if (has_hop(via, target))
        return only_hop(routing, target);
    if (!routing_is_host(routing, target)) {
        const struct hops hops = hops_to_router(routing, from, target);
        if (hops.count > 0)
            return hops;
    }
    return hops_on(routing, via);
}

uint32_t routing_choose(const struct routing *routing, uint32_t from, const struct flow *flow,
                        const struct hops *hops, uint32_t draw)
{
    const struct traits *traits = routing_traits(routing, from);
    uint32_t rest;

    if (hops->count == 1)
        return hops->at[0].node;
    if (traits->balance == BALANCE_FLOW)
        draw = flow_hash(flow, traits->hash_fields, traits->hash_seed);
    rest = chance_scale(draw, hops->weights);
    for (size_t i = 0;; i++) {
        if (rest < hops->at[i].weight)
            return hops->at[i].node;
        rest -= hops->at[i].weight;
    }
}
