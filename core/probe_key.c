/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of the probe table. */
#include "probe_key.h"

#include <string.h>

#include "traceflow/checksum.h"
#include "traceflow/wire.h"

bool is_echo_flow(const struct tf_flow *flow)
{
    return flow->protocol == TF_IP_PROTO_ICMP || flow->protocol == TF_IP_PROTO_ICMPV6;
}

/* Keys are hashed as bytes, so padding must be zero: members of a cleared struct are assigned. */
struct header_key header_key_of(const struct tf_datagram *datagram)
{
    struct header_key key;

    memset(&key, 0, sizeof key);
    key.flow.src = datagram->ip.src;
    key.flow.dst = datagram->ip.dst;
    key.flow.protocol = datagram->ip.protocol;
    switch (datagram->transport) {
    case TF_TRANSPORT_UDP:
        key.flow.src_port = datagram->udp.src_port;
        key.flow.dst_port = datagram->udp.dst_port;
        key.number = datagram->udp.length;
        key.key = datagram->udp.checksum;
        break;
    case TF_TRANSPORT_TCP:
        key.flow.src_port = datagram->tcp.src_port;
        key.flow.dst_port = datagram->tcp.dst_port;
        key.key = tf_seq_key(datagram->tcp.seq);
        break;
    case TF_TRANSPORT_ICMP:
        key.flow.src_port = datagram->icmp.ident;
        key.key = datagram->icmp.checksum;
        break;
    case TF_TRANSPORT_OTHER: break;
    }
    return key;
}

struct header_key header_key_reversed(const struct header_key *key)
{
    struct header_key back = *key;

    back.flow.src = key->flow.dst;
    back.flow.dst = key->flow.src;
    if (!is_echo_flow(&key->flow)) {
        back.flow.src_port = key->flow.dst_port;
        back.flow.dst_port = key->flow.src_port;
    }
    return back;
}

/*
 * RFC 1624: the checksum and the sum of what a NAT rewrites (addresses, ports) change by opposite
 * amounts, so that their sum, taken modulo 0xffff, is the same before and after. ICMP's checksum
 * covers no addresses; TCP's key is none, and no NAT changes it.
 */
static uint16_t nat_invariant(const struct header_key *key)
{
    const struct tf_flow *flow = &key->flow;
    uint32_t sum = key->key;

    if (flow->protocol == TF_IP_PROTO_TCP)
        return key->key;
    sum += (uint32_t)flow->src_port + flow->dst_port;
    if (flow->protocol != TF_IP_PROTO_ICMP) {
        sum = tf_sum_add(sum, flow->src.bytes, tf_addr_len(&flow->src));
        sum = tf_sum_add(sum, flow->dst.bytes, tf_addr_len(&flow->dst));
    }
    return tf_sum_sub(tf_sum_fold(sum), 0);
}

struct chain_key chain_key_of_flow(const struct tf_flow *flow)
{
    struct chain_key key;

    memset(&key, 0, sizeof key);
    key.chain = CHAIN_FLOW;
    memcpy(&key.flow, flow, sizeof *flow);
    return key;
}

struct chain_key chain_key_of_end(const struct header_key *header, enum chain end)
{
    struct chain_key key = chain_key_of_flow(&header->flow);

    key.chain = end;
    key.number = is_echo_flow(&header->flow) ? 0 : header->number;
    key.invariant = nat_invariant(header);
    if (end == CHAIN_FAR_END) {
        memset(&key.flow.src, 0, sizeof key.flow.src);
        key.flow.src_port = 0;
    } else {
        memset(&key.flow.dst, 0, sizeof key.flow.dst);
        key.flow.dst_port = 0;
    }
    return key;
}

struct chain_key chain_key_of_tag(const struct tf_tag *tag, uint16_t protocol)
{
    struct chain_key key;

    memset(&key, 0, sizeof key);
    key.chain = CHAIN_TAG;
    key.flow.protocol = protocol;
    key.run_id = tag->run_id;
    key.path_id = tag->path_id;
    key.attempt = tag->attempt;
    return key;
}

struct chain_key chain_key_of_run(uint32_t run_id)
{
    struct chain_key key;

    memset(&key, 0, sizeof key);
    key.chain = CHAIN_RUN;
    key.run_id = run_id;
    return key;
}
