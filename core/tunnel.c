/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that carry other packets: known by protocol, or by UDP port. */
#include "tunnel.h"

#include "traceflow/wire.h"

static enum layer_kind kind_by_protocol(uint8_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_IPV4:
    case TF_IP_PROTO_IPV6: return LAYER_IP;
    case TF_IP_PROTO_GRE: return LAYER_GRE;
    case TF_IP_PROTO_ETHERIP: return LAYER_ETHERIP;
    case TF_IP_PROTO_MPLS: return LAYER_MPLS;
    default: return LAYER_UNKNOWN;
    }
}

static enum layer_kind kind_by_port(uint16_t port)
{
    switch (port) {
    case TF_PORT_L2TP: return LAYER_L2TP;
    case TF_PORT_GTP_U: return LAYER_GTP_U;
    case TF_PORT_VXLAN:
    case TF_PORT_VXLAN_LINUX: return LAYER_VXLAN;
    case TF_PORT_VXLAN_GPE: return LAYER_VXLAN_GPE;
    case TF_PORT_GENEVE: return LAYER_GENEVE;
    case TF_PORT_MPLS: return LAYER_MPLS;
    default: return LAYER_UNKNOWN;
    }
}

/* A fragment but the first has no header of a tunnel. */
static enum layer_kind kind_by_datagram(const struct tf_datagram *datagram)
{
    if (datagram->transport == TF_TRANSPORT_UDP)
        return kind_by_port(datagram->udp.dst_port);
    if (datagram->transport == TF_TRANSPORT_OTHER && datagram->ip.fragment_start == 0)
        return kind_by_protocol(datagram->ip.protocol);
    return LAYER_UNKNOWN;
}

bool tunnel_enter(struct layer *layer, const struct tf_datagram *datagram)
{
    const enum layer_kind kind = kind_by_datagram(datagram);
    const bool is_udp = datagram->transport == TF_TRANSPORT_UDP;

    if (kind == LAYER_UNKNOWN || layer->steps >= LAYER_STEPS_MAX)
        return false;
    layer->steps++;
    layer->kind = kind;
    layer->at = is_udp ? datagram->udp.payload : datagram->ip.payload;
    layer->left = is_udp ? datagram->udp.payload_len : datagram->ip.payload_len;
    return true;
}
