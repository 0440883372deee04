/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: a byte that picks the link type, then a frame. All that the decoder points at lies in the
 * frame. */
#include "fuzz.h"
#include "traceflow/packet.h"
#include "traceflow/wire.h"

struct span {
    const uint8_t *bytes;
    size_t len;
};

static void check_ip(const struct tf_ip *ip, struct span span)
{
    const size_t min_len = ip->version == 6 ? TF_IPV6_LEN : TF_IPV4_MIN_LEN;

    must(ip->version == 4 || ip->version == 6);
    must(ip->src.version == ip->version && ip->dst.version == ip->version);
    must(ip->header_len >= min_len && ip->header_len <= span.len);
    must(lies_within(ip->payload, ip->payload_len, span.bytes, span.len));
    must(lies_within(ip->payload - ip->header_len, ip->header_len, span.bytes, span.len));
    must(ip->has_ident == (ip->version == 4));
    must(ip->flow_label <= 0xfffff);
    touch(ip->payload, ip->payload_len);
}

/* A length that leaves at least so much behind the header is the packet's. */
static void check_length(const struct tf_ip *ip, size_t believed_len)
{
    must(ip->total_len < ip->header_len + believed_len ||
         ip->header_len + ip->payload_len <= ip->total_len);
}

static void check_transport(const struct tf_datagram *datagram)
{
    const struct span ip_payload = { datagram->ip.payload, datagram->ip.payload_len };
    const struct tf_udp *udp = &datagram->udp;
    const struct tf_icmp *icmp = &datagram->icmp;

    must(datagram->transport != TF_TRANSPORT_OTHER && datagram->ip.fragment_start == 0);
    must(ip_payload.len >= 8);
    if (datagram->transport == TF_TRANSPORT_UDP) {
        must(udp->length >= TF_UDP_LEN && udp->payload_len <= udp->length - TF_UDP_LEN);
        must(lies_within(udp->payload, udp->payload_len, ip_payload.bytes, ip_payload.len));
    }
    if (datagram->transport == TF_TRANSPORT_ICMP) {
        must(icmp->body == icmp->header + TF_ICMP_LEN);
        must(lies_within(icmp->header, TF_ICMP_LEN, ip_payload.bytes, ip_payload.len));
        must(lies_within(icmp->body, icmp->body_len, ip_payload.bytes, ip_payload.len));
    }
}

static void check_labels(const struct tf_mpls_stack *stack)
{
    must(tf_mpls_kept(stack) <= TF_MPLS_MAX && tf_mpls_kept(stack) <= stack->depth);
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        must(stack->entry[i].label <= 0xfffff && stack->entry[i].tc <= 7);
}

static void check_quote(const struct tf_packet *packet)
{
    const struct tf_icmp *icmp = &packet->datagram.icmp;
    const struct tf_ip *quoted = &packet->quote.ip;

    must(packet->datagram.transport == TF_TRANSPORT_ICMP);
    must(quoted->version == packet->datagram.ip.version);
    check_ip(quoted, (struct span){ icmp->body, icmp->body_len });
    check_length(quoted, 8);
    check_transport(&packet->quote);
    must(packet->quoted_len == quoted->header_len + quoted->payload_len);
    must(packet->quoted_len <= icmp->body_len && packet->quoted_len >= quoted->header_len + 8);
    must(packet->ext != TF_EXT_NONE || packet->mpls.depth == 0);
    check_labels(&packet->mpls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct supply supply = { data, size };
    const int linktype = take_linktype(&supply);
    const struct span frame = { supply.next, supply.left };
    const uint8_t *ip = NULL;
    size_t ip_len = 0;
    struct tf_packet packet;

    const enum tf_status status = tf_packet_decode(&packet, linktype, frame.bytes, frame.len);
    must(status != TF_END);
    if (tf_link_decode(&ip, &ip_len, linktype, frame.bytes, frame.len) != TF_OK) {
        must(status != TF_OK);
        return 0;
    }
    must(lies_within(ip, ip_len, frame.bytes, frame.len));
    if (status != TF_OK)
        return 0;
    check_ip(&packet.datagram.ip, frame);
    check_length(&packet.datagram.ip, 0);
    check_transport(&packet.datagram);
    if (packet.has_quote)
        check_quote(&packet);
    return 0;
}
