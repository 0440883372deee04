/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: which ICMP error, from which address, and whether its rate allows it. */
#include "answer.h"

#include "host.h"
#include "icmp_error.h"
#include "icmp_rate.h"

#include "traceflow/datagram.h"
#include "traceflow/wire.h"

struct answerer {
    struct icmp_rates *rates;
    struct connections *connections;
    struct chance chance;
};

/* What kind of error: its type and code in either family (RFC 792, RFC 1812 section 5.2.7.1, RFC
 * 4443 section 3). */
struct error_kind {
    uint8_t type4;
    uint8_t code4;
    uint8_t type6;
    uint8_t code6;
};

static const struct error_kind time_exceeded = { TF_ICMP_TIME_EXCEEDED, 0, TF_ICMPV6_TIME_EXCEEDED,
                                                 0 };
static const struct error_kind no_route = { TF_ICMP_DEST_UNREACH, 0, TF_ICMPV6_DEST_UNREACH, 0 };
static const struct error_kind no_host = { TF_ICMP_DEST_UNREACH, 1, TF_ICMPV6_DEST_UNREACH, 3 };
static const struct error_kind no_protocol = { TF_ICMP_DEST_UNREACH, 2, TF_ICMPV6_PARAM_PROBLEM,
                                               1 };
static const struct error_kind no_port = { TF_ICMP_DEST_UNREACH, TF_ICMP_CODE_PORT_UNREACH,
                                           TF_ICMPV6_DEST_UNREACH, TF_ICMPV6_CODE_PORT_UNREACH };
static const struct error_kind too_big = { TF_ICMP_DEST_UNREACH, 4, TF_ICMPV6_PACKET_TOO_BIG, 0 };
static const struct error_kind prohibited = { TF_ICMP_DEST_UNREACH, 13, TF_ICMPV6_DEST_UNREACH, 1 };

struct answerer *answerer_new(uint64_t seed)
{
    struct answerer *answerer = g_new0(struct answerer, 1);

    answerer->chance.state = seed;
    answerer->rates = icmp_rates_new();
    answerer->connections = connections_new(chance_next(&answerer->chance));
    return answerer;
}

void answerer_free(struct answerer *answerer)
{
    if (answerer == NULL)
        return;
    icmp_rates_free(answerer->rates);
    connections_free(answerer->connections);
    g_free(answerer);
}

/* Not counted up: one counter for all would make one router of them (RFC 6864 asks for no order).
 */
static uint16_t draw_ident(struct answerer *answerer)
{
    return (uint16_t)chance_next(&answerer->chance);
}

static uint32_t responder_of(const struct arrival *arrival)
{
    return arrival->node[arrival->n_nodes - 1];
}

/* Which of the node's links the packet came in by: the neighbours that lead here are counted
 * through. */
static size_t incoming_link(const struct routing *routing, const struct arrival *arrival)
{
    const uint32_t node = responder_of(arrival);
    size_t link = node == routing->topology->first ? 1 : 0; /* 0 is the source's */

    if (arrival->n_nodes < 2)
        return 0;
    for (uint32_t i = 0; i < arrival->node[arrival->n_nodes - 2]; i++)
        if (i < routing->topology->n_nodes && routing_is_link(routing, i, node))
            link++;
    return link;
}

static size_t which_address(struct answerer *answerer, const struct routing *routing,
                            const struct arrival *arrival, const struct flow *flow, size_t n)
{
    switch (routing_traits(routing, responder_of(arrival))->answer_from) {
    case ANSWER_FIRST: return 0;
    case ANSWER_INCOMING: return incoming_link(routing, arrival) % n;
    case ANSWER_FLOW:
        return chance_scale(flow_hash(flow, HASH_FIVE_TUPLE, responder_of(arrival)), (uint32_t)n);
    case ANSWER_RANDOM: return chance_below(&answerer->chance, (uint32_t)n);
    }
    return 0;
}

/* Port Unreachable comes from the address that was asked, others from one of the router's own. */
static bool error_source(struct answerer *answerer, const struct routing *routing,
                         const struct arrival *arrival, const struct flow *flow,
                         struct tf_addr *from)
{
    const uint32_t node = responder_of(arrival);
    const uint8_t version = flow->src.version;
    const size_t n = topology_addresses(routing->topology, node, version);

    if (arrival->outcome == WALK_ARRIVED) {
        *from = flow->dst;
        return true;
    }
    return n > 0 && topology_address(routing->topology, node, version,
                                     which_address(answerer, routing, arrival, flow, n), from);
}

static size_t send_error(struct answerer *answerer, const struct routing *routing,
                         const struct arrival *arrival, const struct error_kind *kind,
                         int64_t now_ns, uint8_t *reply)
{
    const uint32_t node = responder_of(arrival);
    const struct traits *traits = routing_traits(routing, node);
    struct tf_datagram datagram = { 0 };
    if (traits->silent || tf_ip_decode(&datagram.ip, arrival->packet, arrival->len) != TF_OK)
        return 0;
    if (tf_datagram_decode(&datagram, arrival->packet, arrival->len) != TF_OK)
        datagram.transport = TF_TRANSPORT_OTHER;

    const struct flow flow = flow_of(&datagram);
    const bool v6 = flow.src.version == 6;
    struct icmp_error error = {
        .type = v6 ? kind->type6 : kind->type4,
        .code = v6 ? kind->code6 : kind->code4,
        .mtu = kind == &too_big ? arrival->link_mtu : 0,
        .ttl = traits->reply_ttl,
        .ident = draw_ident(answerer),
        .quoting = &traits->quoting,
    };
    if (!error_source(answerer, routing, arrival, &flow, &error.from))
        return 0;
    /* the rate is asked last: what may not be sent costs no token */
    const size_t len = icmp_error_build(reply, &error, arrival->packet, arrival->len);
    return len > 0 && icmp_rates_allow(answerer->rates, node, traits, &flow.src, now_ns) ? len : 0;
}

/* NULL: nothing is said. */
static const struct error_kind *denial(enum deny_answer deny)
{
    switch (deny) {
    case DENY_DROP: break;
    case DENY_PROHIBITED: return &prohibited;
    case DENY_HOST: return &no_host;
    case DENY_NET: return &no_route;
    case DENY_PORT: return &no_port;
    }
    return NULL;
}

static const struct error_kind *error_of(const struct arrival *arrival, const struct traits *traits)
{
    switch (arrival->outcome) {
    case WALK_EXPIRED: return &time_exceeded;
    case WALK_NO_ROUTE: return &no_route;
    case WALK_NO_HOST: return &no_host;
    case WALK_TOO_BIG: return &too_big;
    case WALK_DENIED: return denial(traits->deny_answer);
    case WALK_ON:
    case WALK_ARRIVED:
    case WALK_LOST: break;
    }
    return NULL;
}

/* What a host, or a router that is asked itself, says; *kind is the ICMP error that it sends
 * instead. */
static size_t answer_as_host(struct answerer *answerer, const struct traits *traits,
                             const struct arrival *arrival, int64_t now_ns, uint8_t *reply,
                             const struct error_kind **kind)
{
    const struct host_request request = {
        .traits = traits,
        .packet = arrival->packet,
        .len = arrival->len,
        .now_ns = now_ns,
        .ident = draw_ident(answerer),
    };
    size_t len = 0;

    switch (host_answer(answerer->connections, &request, reply, &len)) {
    case HOST_SILENT:
    case HOST_PACKET: break;
    case HOST_PORT_UNREACHABLE: *kind = &no_port; break;
    case HOST_PROTOCOL_UNREACHABLE: *kind = &no_protocol; break;
    }
    return len;
}

size_t answer(struct answerer *answerer, const struct routing *routing,
              const struct arrival *arrival, int64_t now_ns, uint8_t *reply, int64_t *delay_ns)
{
    const struct traits *traits = routing_traits(routing, responder_of(arrival));
    const struct error_kind *kind = error_of(arrival, traits);
    size_t len = 0;

    *delay_ns = 0;
    if (traits->down) /* since the packet was sent */
        return 0;
    if (arrival->outcome == WALK_ARRIVED)
        len = answer_as_host(answerer, traits, arrival, now_ns, reply, &kind);
    if (kind == NULL)
        return len;
    *delay_ns = traits->icmp_delay_ns;
    return send_error(answerer, routing, arrival, kind, now_ns, reply);
}
