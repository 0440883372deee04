/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every flow is walked through the topology; where a router balances per packet, along all
 * branches. */
#include "truth_paths.h"

#include <arpa/inet.h>
#include <string.h>

#include "generate.h"
#include "ip_build.h"
#include "names.h"
#include "routing.h"
#include "traceflow/bytes.h"
#include "traceflow/error.h"
#include "traceflow/wire.h"
#include "walk.h"

enum { PROBE_TTL = 255, BRANCHES_MAX = 1000000, OPEN_MAX = 10000 };

static bool fail(GError **error, const char *to, const char *what)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "--to %s: %s", to, what);
    return false;
}

/* NODE_NONE if the topology has no host. */
static uint32_t first_host(const struct topology *topology)
{
    for (uint32_t i = 0; i < topology->n_nodes; i++)
        if (topology->nodes[i].kind == NODE_HOST)
            return i;
    return generate_node(&topology->generate, true, 0);
}

static uint32_t node_by_id(const struct topology *topology, const char *id)
{
    for (uint32_t i = 0; i < topology->n_nodes; i++)
        if (strcmp(topology->nodes[i].id, id) == 0)
            return i;
    return NODE_NONE;
}

static bool parse_address(const char *text, struct tf_addr *addr)
{
    uint8_t bytes[16];

    if (inet_pton(AF_INET, text, bytes) == 1)
        *addr = tf_addr_from(4, bytes);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *addr = tf_addr_from(6, bytes);
    else
        return false;
    return true;
}

/* The host or router that is meant; where an ID is a name, too, the ID counts. */
static bool find_named(const struct truth *truth, struct named *named, GError **error)
{
    const char *to = truth->query->to;

    *named = (struct named){ NAMED_NODE, to == NULL ? first_host(truth->topology)
                                                    : node_by_id(truth->topology, to) };
    if (named->node != NODE_NONE)
        return true;
    if (to != NULL)
        return names_find(truth->topology, to, named) || fail(error, to, "no such host");
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "the topology has no host: --to ADDRESS");
    return false;
}

static bool find_destination(struct truth *truth, GError **error)
{
    const struct truth_query *query = truth->query;
    const char *missing = query->ipv6 ? "no IPv6 address" : "no address";
    struct named named;

    if (query->to != NULL && parse_address(query->to, &truth->dst))
        return !query->ipv6 || truth->dst.version == 6 || fail(error, query->to, missing);
    if (!find_named(truth, &named, error))
        return false;
    return (!query->ipv6 && names_address(truth->topology, &named, 4, 0, &truth->dst)) ||
           names_address(truth->topology, &named, 6, 0, &truth->dst) ||
           fail(error, query->to != NULL ? query->to : truth->topology->nodes[named.node].id,
                missing);
}

static size_t write_transport(const struct truth *truth, uint16_t port, uint8_t *header)
{
    const struct truth_query *query = truth->query;

    switch (query->protocol) {
    case TF_IP_PROTO_ICMP:
        header[TF_ICMP_TYPE] = truth->dst.version == 4 ? TF_ICMP_ECHO : TF_ICMPV6_ECHO;
        tf_put_u16(header + TF_ICMP_IDENT, port);
        return TF_ICMP_LEN;
    case TF_IP_PROTO_TCP:
        header[TF_TCP_DATA_OFFSET] = TF_TCP_MIN_LEN / 4 << 4;
        header[TF_TCP_FLAGS] = TF_TCP_FLAG_SYN;
        break;
    default: tf_put_u16(header + TF_UDP_LENGTH, TF_UDP_LEN);
    }
    tf_put_u16(header + TF_UDP_SRC_PORT, port); /* TCP has its ports in the same place */
    tf_put_u16(header + TF_UDP_DST_PORT, query->dport);
    return query->protocol == TF_IP_PROTO_TCP ? TF_TCP_MIN_LEN : TF_UDP_LEN;
}

static size_t build_probe(const struct truth *truth, uint16_t port, uint8_t *packet)
{
    const bool is_icmp6 = truth->query->protocol == TF_IP_PROTO_ICMP && truth->dst.version == 6;
    const struct ip_build fields = {
        .src = truth->src,
        .dst = truth->dst,
        .protocol = is_icmp6 ? TF_IP_PROTO_ICMPV6 : truth->query->protocol,
        .ttl = PROBE_TTL,
    };
    uint8_t *header = packet + ip_build_header_len(truth->dst.version);

    return ip_build(packet, &fields, write_transport(truth, port, header));
}

static void add_path(const struct walk *walk, GPtrArray *paths)
{
    GArray *path = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    g_array_append_vals(path, walk->node, (guint)walk->n_nodes);
    g_ptr_array_add(paths, path);
}

/* A walk that is to go on at a node. */
struct branch {
    uint32_t node;
    struct walk walk;
};

/* The walk leaves for a node: it goes on there later, or has come to its end. */
static void add_branch(struct truth *truth, const struct walk *walk, uint32_t node,
                       GPtrArray *paths)
{
    struct branch *branch = g_new(struct branch, 1);

    branch->node = node;
    branch->walk = *walk;
    truth->branches++;
    if (walk_leave(&branch->walk, truth->routing, node) == WALK_ON) {
        g_queue_push_head(&truth->open, branch);
        return;
    }
    add_path(&branch->walk, paths);
    g_free(branch);
}

/* Branches multiply, and each holds a walk: there is an end to time and memory. */
static bool is_split(struct truth *truth, uint32_t node, const struct hops *hops)
{
    if (hops->count <= 1 || routing_traits(truth->routing, node)->balance != BALANCE_PACKET)
        return false;
    if (truth->branches < BRANCHES_MAX && truth->open.length < OPEN_MAX)
        return true;
    truth->is_cut = true;
    return false;
}

/* To the end, or to where packets of one flow part. */
static void follow(struct truth *truth, struct walk *walk, uint32_t node, GPtrArray *paths)
{
    while (walk_enter(walk, truth->routing, node) == WALK_ON) {
        const struct hops hops = routing_hops(truth->routing, node, &walk->flow, walk->target);
        if (hops.count == 0)
            break;
        if (is_split(truth, node, &hops)) {
            for (size_t i = 0; i < hops.count; i++)
                add_branch(truth, walk, hops.at[i].node, paths);
            return;
        }
        node = routing_choose(truth->routing, node, &walk->flow, &hops, 0);
        if (walk_leave(walk, truth->routing, node) != WALK_ON)
            break;
    }
    add_path(walk, paths);
}

static void free_path(gpointer path)
{
    g_array_unref(path);
}

GPtrArray *truth_paths(struct truth *truth, uint16_t port)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(free_path);
    g_autofree struct walk *walk = g_new(struct walk, 1);
    uint8_t packet[TF_IPV6_LEN + TF_TCP_MIN_LEN] = { 0 };
    const size_t len = build_probe(truth, port, packet);
    struct branch *branch;
    if (walk_begin(walk, truth->routing, packet, len) != TF_OK)
        return paths;

    follow(truth, walk, truth->topology->first, paths);
    while ((branch = g_queue_pop_head(&truth->open)) != NULL) {
        follow(truth, &branch->walk, branch->node, paths);
        g_free(branch);
    }
    return paths;
}

static bool has_source(struct truth *truth, GError **error)
{
    const bool v4 = truth->dst.version == 4;

    truth->src = v4 ? truth->topology->source4 : truth->topology->source6;
    if (truth->src.version != 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "the topology's source has no IPv%u address",
                truth->dst.version);
    return false;
}

bool truth_begin(struct truth *truth, const struct topology *topology,
                 const struct truth_query *query, GError **error)
{
    *truth = (struct truth){ .topology = topology, .query = query };
    if (!find_destination(truth, error) || !has_source(truth, error))
        return false;
    truth->routing = routing_new(topology);
    return true;
}

void truth_end(struct truth *truth)
{
    routing_free(truth->routing);
}
