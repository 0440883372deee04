/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole frames: the innermost datagram, and the quote and extensions of ICMP errors. */
#include "traceflow/packet.h"

#include "layer.h"
#include "traceflow/wire.h"
#include "tunnel.h"

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

    /* The quoted packet itself, never one that it carries: of what expires in a tunnel, routers
     * tell the tunnel's head, and what that tells the sender is an error of its own (RFC 2003
     * section 4). */
    const enum tf_status status = tf_datagram_decode_quoted(&packet->quote, icmp->body, quote_len);
    if (status != TF_OK)
        return status;
    if (packet->quote.transport == TF_TRANSPORT_OTHER || packet->quote.ip.version != version)
        return TF_NOT_OURS;
    packet->quoted_len = (uint16_t)(packet->quote.ip.header_len + packet->quote.ip.payload_len);
    packet->has_quote = true;
    return TF_OK;
}

static enum tf_status decode_next(struct tf_datagram *datagram, struct layer *layer)
{
    enum tf_status status = layer_find_ip(layer);

    if (status == TF_OK)
        status = tf_datagram_decode(datagram, layer->at, layer->left);
    if (status == TF_OK && datagram->ip.total_len < datagram->ip.header_len)
        return TF_BAD;
    return status;
}

/* A UDP port does not make a tunnel: where what is in it cannot be read, the datagram stands. */
static enum tf_status decode_innermost(struct tf_datagram *datagram, struct layer *layer)
{
    struct layer udp = { .at = NULL };
    enum tf_status status = decode_next(datagram, layer);

    while (status == TF_OK) {
        const struct layer outer = *layer;
        if (!tunnel_enter(layer, datagram))
            break;
        if (datagram->transport == TF_TRANSPORT_UDP)
            udp = outer;
        status = decode_next(datagram, layer);
    }
    if (status == TF_OK && datagram->transport == TF_TRANSPORT_OTHER)
        status = TF_NOT_OURS;
    return status == TF_OK || udp.at == NULL ? status : decode_next(datagram, &udp);
}

enum tf_status tf_packet_decode(struct tf_packet *packet, int linktype, const uint8_t *frame,
                                size_t len)
{
    struct tf_datagram *datagram = &packet->datagram;
    struct layer layer = { .at = frame, .left = len };
    enum tf_status status = layer_enter_link(&layer, linktype);

    packet->has_quote = false;
    if (status == TF_OK)
        status = decode_innermost(datagram, &layer);
    if (status != TF_OK)
        return status;
    if (datagram->transport == TF_TRANSPORT_ICMP &&
        is_icmp_error(datagram->ip.version, datagram->icmp.type))
        return decode_quote(packet);
    return TF_OK;
}
