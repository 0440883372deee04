/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node does with a packet, in the order in which a router does it. */
#include "walk.h"

#include <string.h>

#include "ip_build.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

enum tf_status walk_begin(struct walk *walk, const struct routing *routing, const uint8_t *packet,
                          size_t len)
{
    struct tf_datagram datagram;
    if (len > sizeof(walk->packet))
        return TF_NOT_OURS;

    if (tf_datagram_decode(&datagram, packet, len) != TF_OK) {
        const enum tf_status status = tf_ip_decode(&datagram.ip, packet, len);
        if (status != TF_OK)
            return status;
        datagram.transport = TF_TRANSPORT_OTHER; /* a runt is forwarded all the same */
    }
    if (datagram.ip.total_len < datagram.ip.header_len || datagram.ip.total_len > len)
        return TF_SHORT;
    if (datagram.ip.version == 4 && tf_checksum(packet, datagram.ip.header_len) != 0)
        return TF_BAD;
    if (!ip_is_single_host(&datagram.ip.dst))
        return TF_NOT_OURS;

    walk->flow = flow_of(&datagram);
    walk->target = topology_find(routing->topology, &walk->flow.dst);
    walk->labelled = false;
    walk->n_nodes = 0;
    walk->n_translations = 0;
    walk->len = datagram.ip.total_len;
    memcpy(walk->packet, packet, walk->len);
    return TF_OK;
}

/* A further translation than fits is not done: no topology has so many. */
static void translate(struct walk *walk, const struct routing *routing, const struct nat *nat,
                      enum edit_end end)
{
    struct translation *done = &walk->translation[walk->n_translations];
    if (walk->n_translations == WALK_TRANSLATIONS_MAX)
        return;

    done->hop = (uint32_t)walk->n_nodes - 1;
    if (end == EDIT_DST ? !nat_destination(nat, walk->packet, walk->len, &walk->flow, done)
                        : !nat_source(nat, walk->packet, walk->len, &walk->flow, done))
        return;
    walk->n_translations++;
    walk->target = topology_find(routing->topology, &walk->flow.dst);
}

static bool matches(const struct port_range *range, const struct flow *flow)
{
    if (range->protocol == 0)
        return true;
    if (range->protocol == TF_IP_PROTO_ICMP)
        return flow->protocol == TF_IP_PROTO_ICMP || flow->protocol == TF_IP_PROTO_ICMPV6;
    return range->protocol == flow->protocol && range->first <= flow->dst_port &&
           flow->dst_port <= range->last;
}

static bool is_denied(const struct traits *traits, const struct flow *flow)
{
    for (size_t i = 0; i < traits->deny.count; i++)
        if (matches(&traits->deny.at[i], flow))
            return true;
    return false;
}

static uint8_t ttl_of(const struct walk *walk)
{
    return walk->packet[walk->flow.src.version == 4 ? TF_IPV4_TTL : TF_IPV6_HOP_LIMIT];
}

/* In a tunnel the label's TTL falls, and IP's stays as it was at its beginning (RFC 3443
 * section 5.3). */
static enum walk_outcome age_label(struct walk *walk)
{
    if (!walk->labelled)
        walk->label_ttl = ttl_of(walk);
    walk->labelled = true;
    if (walk->label_ttl <= 1)
        return WALK_EXPIRED;
    walk->label_ttl--;
    return WALK_ON;
}

/* Whether its time ends here. What is refused further on is quoted as it came in, so IP's TTL falls
 * when the packet leaves. */
static enum walk_outcome check_ttl(struct walk *walk, const struct traits *traits)
{
    if (traits->ttl == TTL_KEEP)
        return WALK_ON;
    if (traits->ttl == TTL_LABEL)
        return age_label(walk);
    if (walk->labelled && !traits->no_ttl_copy)
        edit_ttl(walk->packet, walk->label_ttl);
    walk->labelled = false;
    return ttl_of(walk) <= 1 ? WALK_EXPIRED : WALK_ON;
}

/* RFC 2474 section 3, RFC 3168 section 5: six bits of DSCP above two of ECN. */
static void mark(struct walk *walk, const struct traits *traits)
{
    const uint8_t dscp = traits->sets_dscp ? traits->dscp : walk->flow.tos >> 2;
    const uint8_t ecn = traits->clears_ecn ? 0 : walk->flow.tos & 3;
    const uint8_t tos = (uint8_t)(dscp << 2 | ecn);

    if (tos == walk->flow.tos)
        return;
    edit_tos(walk->packet, tos);
    walk->flow.tos = tos;
}

enum walk_outcome walk_enter(struct walk *walk, const struct routing *routing, uint32_t node)
{
    const struct traits *traits = routing_traits(routing, node);

    walk->node[walk->n_nodes++] = node;
    if (traits->down)
        return WALK_LOST;
    translate(walk, routing, &traits->nat, EDIT_DST);
    if (walk->target == node)
        return WALK_ARRIVED;
    if (routing_is_host(routing, node))
        return WALK_LOST; /* hosts do not forward */
    if (is_denied(traits, &walk->flow))
        return WALK_DENIED;
    return check_ttl(walk, traits);
}

static uint16_t link_mtu(const struct walk *walk, uint16_t mtu)
{
    return walk->flow.src.version == 6 && mtu < TF_IPV6_MTU_MIN ? TF_IPV6_MTU_MIN : mtu;
}

/*
 * IPv4 without DF would be fragmented, and put together again by the host: here it passes whole. A
 * link of less than 1280 bytes carries IPv6 in pieces of its own (RFC 8200 section 5).
 */
static bool fits(const struct walk *walk, uint16_t mtu)
{
    if (mtu == 0 || walk->len <= link_mtu(walk, mtu))
        return true;
    return walk->flow.src.version == 4 &&
           !(tf_get_u16(walk->packet + TF_IPV4_FLAGS_FRAGMENT) & TF_IPV4_DF);
}

enum walk_outcome walk_leave(struct walk *walk, const struct routing *routing, uint32_t next)
{
    const struct traits *traits = routing_traits(routing, walk_at(walk));
    const uint16_t mtu = routing_traits(routing, next)->mtu;

    if (!fits(walk, mtu)) {
        walk->link_mtu = link_mtu(walk, mtu);
        return WALK_TOO_BIG;
    }
    if (walk->n_nodes == WALK_NODES_MAX)
        return WALK_LOST;
    if (traits->ttl == TTL_DECREMENT)
        edit_ttl(walk->packet, ttl_of(walk) - 1);
    mark(walk, traits);
    translate(walk, routing, &traits->nat, EDIT_SRC);
    return WALK_ON;
}
