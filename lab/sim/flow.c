/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows and their hashes. */
#include "flow.h"

#include "chance.h"
#include "topology.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

bool flow_is_echo(uint8_t version, uint8_t type)
{
    if (version == 4)
        return type == TF_ICMP_ECHO || type == TF_ICMP_ECHO_REPLY;
    return type == TF_ICMPV6_ECHO || type == TF_ICMPV6_ECHO_REPLY;
}

struct flow flow_of(const struct tf_datagram *datagram)
{
    struct flow flow = {
        .src = datagram->ip.src,
        .dst = datagram->ip.dst,
        .protocol = datagram->ip.protocol,
        .tos = datagram->ip.tos,
        .flow_label = datagram->ip.flow_label,
    };

    switch (datagram->transport) {
    case TF_TRANSPORT_UDP:
        flow.src_port = datagram->udp.src_port;
        flow.dst_port = datagram->udp.dst_port;
        break;
    case TF_TRANSPORT_TCP:
        flow.src_port = datagram->tcp.src_port;
        flow.dst_port = datagram->tcp.dst_port;
        break;
    case TF_TRANSPORT_ICMP:
        if (flow_is_echo(datagram->ip.version, datagram->icmp.type))
            flow.icmp_id = datagram->icmp.ident;
        flow.icmp_checksum = datagram->icmp.checksum;
        break;
    case TF_TRANSPORT_OTHER: break;
    }
    return flow;
}

/* The same on every machine. */
static uint64_t word_at(const uint8_t *bytes)
{
    return (uint64_t)tf_get_u32(bytes) << 32 | tf_get_u32(bytes + 4);
}

static uint64_t add_address(uint64_t hash, const struct tf_addr *addr)
{
    hash = chance_mix(hash ^ word_at(addr->bytes));
    return addr->version == 4 ? hash : chance_mix(hash ^ word_at(addr->bytes + 8));
}

static uint64_t ports_and_protocol(const struct flow *flow, unsigned fields)
{
    uint64_t word = 0;

    if (fields & HASH_PROTOCOL)
        word |= flow->protocol;
    if (fields & HASH_SRC_PORT)
        word |= (uint64_t)flow->src_port << 16;
    if (fields & HASH_DST_PORT)
        word |= (uint64_t)flow->dst_port << 32;
    return word;
}

static uint64_t seldom_fields(const struct flow *flow, unsigned fields)
{
    uint64_t word = 0;

    if (fields & HASH_TOS)
        word |= flow->tos;
    if (fields & HASH_FLOW_LABEL)
        word |= (uint64_t)flow->flow_label << 8;
    if (fields & HASH_ICMP_ID)
        word |= (uint64_t)flow->icmp_id << 28;
    if (fields & HASH_ICMP_CHECKSUM)
        word |= (uint64_t)flow->icmp_checksum << 44;
    return word;
}

uint32_t flow_hash(const struct flow *flow, unsigned fields, uint32_t seed)
{
    uint64_t hash = chance_mix(seed + UINT64_C(0x9e3779b97f4a7c15));

    if (fields & HASH_SRC)
        hash = add_address(hash, &flow->src);
    if (fields & HASH_DST)
        hash = add_address(hash, &flow->dst);
    hash = chance_mix(hash ^ ports_and_protocol(flow, fields));
    if (fields & ~(unsigned)HASH_FIVE_TUPLE)
        hash = chance_mix(hash ^ seldom_fields(flow, fields));
    return (uint32_t)(hash >> 32);
}
