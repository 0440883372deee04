/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links from point to point: PPP, PPPoE, Cisco's HDLC, Frame Relay. */
#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static enum tf_status skip_type(struct layer *layer, size_t len)
{
    const enum tf_status status = layer_skip(layer, len, LAYER_ETHERTYPE);

    if (status == TF_OK)
        layer->ethertype = tf_get_u16(layer->at - 2);
    return status;
}

static enum tf_status skip_protocol(struct layer *layer, size_t len, uint16_t protocol)
{
    switch (protocol) {
    case TF_PPP_IPV4:
    case TF_PPP_IPV6: return layer_skip(layer, len, LAYER_IP);
    case TF_PPP_MPLS:
    case TF_PPP_MPLS_UPSTREAM: return layer_skip(layer, len, LAYER_MPLS);
    default: return TF_NOT_OURS;
    }
}

/* RFC 1661 section 2: an odd byte is the last of the protocol field, and RFC 1661 section 6.5 lets
 * the first be left away where it is 0. */
static enum tf_status step_protocol(struct layer *layer)
{
    if (layer->left < 1)
        return TF_SHORT;
    if (layer->at[0] & 1)
        return skip_protocol(layer, 1, layer->at[0]);
    return layer->left < 2 ? TF_SHORT : skip_protocol(layer, 2, tf_get_u16(layer->at));
}

/* RFC 1662 section 3.1, RFC 1661 section 6.6: address and control may be left away. RFC 1547
 * section 4.3.1: Cisco's HDLC has other addresses in their place. */
enum tf_status step_ppp(struct layer *layer)
{
    const uint8_t address = layer->left > 0 ? layer->at[0] : 0;

    if (address == TF_CHDLC_UNICAST || address == TF_CHDLC_MULTICAST)
        return step_chdlc(layer);
    if (address == TF_PPP_ADDRESS && layer->left < 2)
        return TF_SHORT;
    if (address == TF_PPP_ADDRESS && layer->at[1] == TF_PPP_CONTROL &&
        layer_skip(layer, 2, LAYER_PPP) != TF_OK)
        return TF_SHORT;
    return step_protocol(layer);
}

enum tf_status step_pppoe(struct layer *layer)
{
    const uint8_t *header = layer->at;

    if (layer->left < TF_PPPOE_LEN)
        return TF_SHORT;
    if (header[TF_PPPOE_VERSION_TYPE] != 0x11 || header[TF_PPPOE_CODE] != 0)
        return TF_NOT_OURS;
    layer_limit(layer, TF_PPPOE_LEN + (size_t)tf_get_u16(header + TF_PPPOE_LENGTH));
    return layer_skip(layer, TF_PPPOE_LEN, LAYER_PPP);
}

enum tf_status step_chdlc(struct layer *layer)
{
    return skip_type(layer, TF_CHDLC_LEN);
}

/* 0: it was cut off, or does not end. */
static size_t frelay_address_len(const struct layer *layer)
{
    for (size_t len = TF_FRELAY_ADDRESS_MIN; len <= TF_FRELAY_ADDRESS_MAX && len <= layer->left;
         len++)
        if (layer->at[len - 1] & TF_FRELAY_ADDRESS_END)
            return len;
    return 0;
}

/* RFC 2427 section 3: unnumbered information, maybe a byte of padding, then the protocol. */
static enum tf_status step_nlpid(struct layer *layer)
{
    const bool is_padded = layer->left > 1 && layer->at[1] == TF_NLPID_PADDING;

    if (layer_skip(layer, is_padded ? 2 : 1, LAYER_FRELAY) != TF_OK || layer->left == 0)
        return TF_SHORT;
    switch (layer->at[0]) {
    case TF_NLPID_IPV4:
    case TF_NLPID_IPV6: return layer_skip(layer, 1, LAYER_IP);
    case TF_NLPID_SNAP: return skip_type(layer, 1 + TF_SNAP_LEN - TF_SNAP_OUI);
    default: return TF_NOT_OURS;
    }
}

/* What is not RFC 2427's is Cisco's, who puts an EtherType there. */
enum tf_status step_frelay(struct layer *layer)
{
    const size_t address_len = frelay_address_len(layer);

    if (address_len == 0)
        return layer->left < TF_FRELAY_ADDRESS_MAX ? TF_SHORT : TF_NOT_OURS;
    if (layer_skip(layer, address_len, LAYER_FRELAY) != TF_OK || layer->left == 0)
        return TF_SHORT;
    return layer->at[0] == TF_LLC_UI ? step_nlpid(layer) : skip_type(layer, 2);
}
