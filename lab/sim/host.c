/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an end system answers, by protocol and port. */
#include "host.h"

#include <string.h>

#include "ip_build.h"
#include "sim.h"
#include "tcp_host.h"
#include "traceflow/bytes.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

/* The payload of the answer, of the request's protocol. */
struct payload {
    uint8_t *at;
    size_t len;
    uint8_t tos;
};

static bool contains(const struct port_ranges *ranges, uint8_t protocol, uint16_t port)
{
    for (size_t i = 0; i < ranges->count; i++) {
        const struct port_range *range = &ranges->at[i];
        const bool applies = range->protocol == 0 || range->protocol == protocol;
        if (applies && range->first <= port && port <= range->last)
            return true;
    }
    return false;
}

/*
 * The whole request of any code comes back. RFC 1349 section 5.1: an ICMP reply has the TOS of its
 * request; Linux does so with the traffic class of ICMPv6.
 */
static enum host_answer answer_icmp(const struct traits *traits, const struct tf_datagram *datagram,
                                    struct payload *payload)
{
    const struct tf_ip *ip = &datagram->ip;
    const bool ipv6 = ip->version == 6;

    if (traits->no_echo || datagram->icmp.type != (ipv6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO))
        return HOST_SILENT;

    memcpy(payload->at, ip->payload, ip->payload_len);
    payload->at[TF_ICMP_TYPE] = ipv6 ? TF_ICMPV6_ECHO_REPLY : TF_ICMP_ECHO_REPLY;
    payload->len = ip->payload_len;
    payload->tos = ip->tos;
    return HOST_PACKET;
}

/* A port that is in both ranges drops: the firewall is before the service. */
static enum host_answer answer_udp(const struct traits *traits, const struct tf_udp *udp,
                                   struct payload *payload)
{
    if (contains(&traits->udp_drop, TF_IP_PROTO_UDP, udp->dst_port))
        return HOST_SILENT;
    if (!contains(&traits->udp_open, TF_IP_PROTO_UDP, udp->dst_port))
        return HOST_PORT_UNREACHABLE;

    payload->len = TF_UDP_LEN + udp->payload_len;
    tf_put_u16(payload->at + TF_UDP_SRC_PORT, udp->dst_port);
    tf_put_u16(payload->at + TF_UDP_DST_PORT, udp->src_port);
    tf_put_u16(payload->at + TF_UDP_LENGTH, (uint16_t)payload->len);
    memcpy(payload->at + TF_UDP_LEN, udp->payload, udp->payload_len);
    return HOST_PACKET;
}

static enum host_answer answer_tcp(struct connections *connections, const struct traits *traits,
                                   int64_t now_ns, const struct tf_datagram *datagram,
                                   struct payload *payload)
{
    const uint16_t port = datagram->tcp.dst_port;
    const bool open = contains(&traits->tcp_open, TF_IP_PROTO_TCP, port);
    struct segment reply;

    if (contains(&traits->tcp_drop, TF_IP_PROTO_TCP, port) ||
        !tcp_host_answer(connections, open, now_ns, datagram, &reply))
        return HOST_SILENT;
    payload->len = segment_write(payload->at, &reply);
    return HOST_PACKET;
}

/* RFC 8200 section 4.7: nothing follows, so nothing is unknown. */
static enum host_answer answer_other(const struct tf_ip *ip)
{
    const bool nothing = ip->version == 6 && ip->protocol == TF_IP_PROTO_NONE;

    return nothing ? HOST_SILENT : HOST_PROTOCOL_UNREACHABLE;
}

/* Whether a host takes the packet up at all. Fragments were put together before. */
static bool is_taken_up(const struct tf_ip *ip, size_t len)
{
    return len <= SIM_PACKET_MAX && ip->total_len >= ip->header_len && ip->total_len <= len &&
           ip->fragment_start == 0 && !ip->more_fragments && ip_is_single_host(&ip->src) &&
           ip_checksum_holds(ip);
}

enum host_answer host_answer(struct connections *connections, const struct host_request *request,
                             uint8_t *reply, size_t *reply_len)
{
    const struct traits *traits = request->traits;
    struct tf_datagram datagram;
    if (tf_datagram_decode(&datagram, request->packet, request->len) != TF_OK ||
        !is_taken_up(&datagram.ip, request->len))
        return HOST_SILENT;

    const struct tf_ip *ip = &datagram.ip;
    struct payload payload = { .at = reply + ip_build_header_len(ip->version) };
    enum host_answer answer = HOST_SILENT;
    switch (datagram.transport) {
    case TF_TRANSPORT_ICMP: answer = answer_icmp(traits, &datagram, &payload); break;
    case TF_TRANSPORT_UDP: answer = answer_udp(traits, &datagram.udp, &payload); break;
    case TF_TRANSPORT_TCP:
        answer = answer_tcp(connections, traits, request->now_ns, &datagram, &payload);
        break;
    case TF_TRANSPORT_OTHER: answer = answer_other(ip); break;
    }
    if (answer != HOST_PACKET)
        return answer;

    const struct ip_build fields = {
        .src = ip->dst,
        .dst = ip->src,
        .protocol = ip->protocol,
        .tos = payload.tos,
        .ttl = traits->reply_ttl,
        .ident = request->ident,
    };
    *reply_len = ip_build(reply, &fields, payload.len);
    return HOST_PACKET;
}
