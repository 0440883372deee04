/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels in UDP: VXLAN, Geneve, GTP-U, L2TP.
 *
 * A port alone made them candidates, so each header is read strictly. None can begin as the payload
 * of a probe does: the first byte of the tag (0x54) has another version in Geneve, GTP-U and L2TP,
 * and no network identifier in VXLAN; the original's first digit, a 1 (0x31), means bits that are
 * reserved in VXLAN and L2TP, and what follows it is no type of Geneve or GTP-U.
 */
#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum tf_status step_vxlan(struct layer *layer)
{
    if (layer->left < TF_VXLAN_LEN)
        return TF_SHORT;
    const uint8_t flags = layer->at[TF_VXLAN_FLAGS];
    if (!(flags & TF_VXLAN_HAS_VNI) || (flags & TF_VXLAN_RESERVED) || layer->at[TF_VXLAN_LAST] != 0)
        return TF_NOT_OURS;
    return layer_skip(layer, TF_VXLAN_LEN, LAYER_ETHERNET);
}

static enum layer_kind vxlan_gpe_next(uint8_t next)
{
    switch (next) {
    case TF_VXLAN_GPE_IPV4:
    case TF_VXLAN_GPE_IPV6: return LAYER_IP;
    case TF_VXLAN_GPE_ETHERNET: return LAYER_ETHERNET;
    case TF_VXLAN_GPE_MPLS: return LAYER_MPLS;
    default: return LAYER_UNKNOWN;
    }
}

enum tf_status step_vxlan_gpe(struct layer *layer)
{
    if (layer->left < TF_VXLAN_LEN)
        return TF_SHORT;
    const uint8_t flags = layer->at[TF_VXLAN_FLAGS];
    if (!(flags & TF_VXLAN_HAS_VNI) || (flags & TF_VXLAN_GPE_REFUSED))
        return TF_NOT_OURS;
    const bool has_next = (flags & TF_VXLAN_GPE_HAS_NEXT) != 0;
    return layer_skip(layer, TF_VXLAN_LEN,
                      has_next ? vxlan_gpe_next(layer->at[TF_VXLAN_GPE_NEXT]) : LAYER_ETHERNET);
}

enum tf_status step_geneve(struct layer *layer)
{
    if (layer->left < TF_GENEVE_LEN)
        return TF_SHORT;
    const uint8_t first = layer->at[TF_GENEVE_VERSION_OPTIONS];
    if (first >> 6 != 0 || (layer->at[TF_GENEVE_FLAGS] & TF_GENEVE_CONTROL))
        return TF_NOT_OURS;
    layer->ethertype = tf_get_u16(layer->at + TF_GENEVE_TYPE);
    return layer_skip(layer, TF_GENEVE_LEN + (size_t)(first & 0x3f) * 4, LAYER_ETHERTYPE);
}

/* Each is 4 bytes long or more, so the walk ends. */
static enum tf_status skip_gtp_extensions(struct layer *layer, uint8_t type)
{
    while (type != 0) {
        const size_t len = layer->left > 0 ? (size_t)layer->at[0] * 4 : 4;
        if (len == 0)
            return TF_BAD;
        if (layer_skip(layer, len, LAYER_IP) != TF_OK)
            return TF_SHORT;
        type = layer->at[-1];
    }
    return TF_OK;
}

static enum tf_status skip_gtp_options(struct layer *layer, uint8_t flags)
{
    if (!(flags & TF_GTP_HAS_OPTIONS))
        return TF_OK;
    if (layer_skip(layer, TF_GTP_OPTIONS_LEN, LAYER_IP) != TF_OK)
        return TF_SHORT;
    return flags & TF_GTP_HAS_EXTENSION ? skip_gtp_extensions(layer, layer->at[-1]) : TF_OK;
}

/* What the user sends, if it is IP: sessions of Ethernet frames look the same here. */
enum tf_status step_gtp_u(struct layer *layer)
{
    if (layer->left < TF_GTP_LEN)
        return TF_SHORT;
    const uint8_t flags = layer->at[TF_GTP_FLAGS];
    if ((flags & TF_GTP_VERSION_MASK) != TF_GTP_VERSION_1 || layer->at[TF_GTP_TYPE] != TF_GTP_G_PDU)
        return TF_NOT_OURS;

    layer_limit(layer, TF_GTP_LEN + (size_t)tf_get_u16(layer->at + TF_GTP_LENGTH));
    if (layer_skip(layer, TF_GTP_LEN, LAYER_IP) != TF_OK)
        return TF_SHORT;
    return skip_gtp_options(layer, flags);
}

/* The bytes of padding that come last in the header are counted by its last field. */
static enum tf_status skip_l2tp_offset(struct layer *layer)
{
    if (layer_skip(layer, TF_L2TP_OFFSET_LEN, LAYER_PPP) != TF_OK)
        return TF_SHORT;
    return layer_skip(layer, tf_get_u16(layer->at - TF_L2TP_OFFSET_LEN), LAYER_PPP);
}

enum tf_status step_l2tp(struct layer *layer)
{
    if (layer->left < TF_L2TP_FLAGS_LEN)
        return TF_SHORT;
    const uint16_t flags = tf_get_u16(layer->at + TF_L2TP_FLAGS);
    if ((flags & TF_L2TP_FIXED) != TF_L2TP_VERSION)
        return TF_NOT_OURS;

    size_t len = TF_L2TP_FLAGS_LEN + TF_L2TP_IDS_LEN;
    if (flags & TF_L2TP_HAS_LENGTH)
        len += TF_L2TP_LENGTH_LEN;
    if (flags & TF_L2TP_HAS_SEQUENCE)
        len += TF_L2TP_SEQUENCE_LEN;
    if (layer_skip(layer, len, LAYER_PPP) != TF_OK)
        return TF_SHORT;
    return flags & TF_L2TP_HAS_OFFSET ? skip_l2tp_offset(layer) : TF_OK;
}
