/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole frames: link, network and transport layers, and the quote and extensions of ICMP errors. */
#include "traceflow/packet.h"

#include "traceflow/link.h"
#include "traceflow/wire.h"

static bool is_icmp_error(uint8_t version, uint8_t type)
{
    if (version == 6)
        return type >= TF_ICMPV6_DEST_UNREACH && type <= TF_ICMPV6_PARAM_PROBLEM;
    return type == TF_ICMP_DEST_UNREACH || type == TF_ICMP_SOURCE_QUENCH ||
           type == TF_ICMP_TIME_EXCEEDED || type == TF_ICMP_PARAM_PROBLEM;
}

/* RFC 4884 section 4: which messages have a length field, and its unit (sections 4.1 to 4.5). */
static size_t claimed_quote_len(uint8_t version, const struct tf_icmp *icmp)
{
    if (version == 6) {
        const bool has_field = icmp->type == TF_ICMPV6_DEST_UNREACH ||
                               icmp->type == TF_ICMPV6_TIME_EXCEEDED;
        return has_field ? (size_t)icmp->header[TF_ICMPV6_EXT_LENGTH] * 8 : 0;
    }
    return icmp->type == TF_ICMP_SOURCE_QUENCH ? 0 : (size_t)icmp->header[TF_ICMP_EXT_LENGTH] * 4;
}

/* A broken object ends the walk: what came before it stands. */
static void collect_labels(struct tf_mpls_stack *stack, struct tf_ext_iter it)
{
    struct tf_ext_obj obj;

    while (tf_ext_next(&it, &obj) == TF_OK)
        if (tf_mpls_append(stack, &obj) == TF_BAD)
            return;
}

static enum tf_status decode_quote(struct tf_packet *packet)
{
    const uint8_t version = packet->datagram.ip.version;
    const struct tf_icmp *icmp = &packet->datagram.icmp;
    struct tf_ext_iter it;
    size_t quote_len = icmp->body_len;

    packet->mpls = (struct tf_mpls_stack){ 0 };
    packet->ext = tf_ext_find(&it, &quote_len, icmp->body, icmp->body_len,
                              claimed_quote_len(version, icmp));
    if (packet->ext != TF_EXT_NONE)
        collect_labels(&packet->mpls, it);

    const enum tf_status status = tf_datagram_decode(&packet->quote, icmp->body, quote_len);
    if (status != TF_OK)
        return status;
    if (packet->quote.transport == TF_TRANSPORT_OTHER || packet->quote.ip.version != version)
        return TF_NOT_OURS;
    packet->quoted_len = (uint16_t)(packet->quote.ip.header_len + packet->quote.ip.payload_len);
    packet->has_quote = true;
    return TF_OK;
}

enum tf_status tf_packet_decode(struct tf_packet *packet, int linktype, const uint8_t *frame,
                                size_t len)
{
    const uint8_t *buf = NULL;
    size_t left = 0;
    enum tf_status status = tf_link_decode(&buf, &left, linktype, frame, len);
    if (status != TF_OK)
        return status;

    packet->has_quote = false;
    status = tf_datagram_decode(&packet->datagram, buf, left);
    if (status != TF_OK)
        return status;

    const struct tf_ip *ip = &packet->datagram.ip;
    if (ip->total_len < ip->header_len)
        return TF_BAD;
    if (packet->datagram.transport == TF_TRANSPORT_OTHER)
        return TF_NOT_OURS;
    if (packet->datagram.transport == TF_TRANSPORT_ICMP &&
        is_icmp_error(ip->version, packet->datagram.icmp.type))
        return decode_quote(packet);
    return TF_OK;
}
