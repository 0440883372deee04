/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet, EtherTypes with their tags, and LLC with SNAP. */
#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* Headers that end in the EtherType of what they are put before: their length behind their own. */
enum {
    VLAN_LEN = 4,
    PBB_LEN = 4, /* IEEE 802.1ah: I-TAG, behind which a whole Ethernet header follows */
    E_TAG_LEN = 8,
    VN_TAG_LEN = 6,
    CMD_LEN = 8,
};

enum {
    ETHERTYPE_PBB = 0x88e7,
    ETHERTYPE_E_TAG = 0x893f,  /* IEEE 802.1BR */
    ETHERTYPE_VN_TAG = 0x8926, /* Cisco's of the same kind */
    ETHERTYPE_CMD = 0x8909,    /* Cisco's meta data, with security group tags */
};

static enum tf_status become_ethertype(struct layer *layer, uint16_t ethertype)
{
    layer->kind = LAYER_ETHERTYPE;
    layer->ethertype = ethertype;
    return TF_OK;
}

static enum tf_status become(struct layer *layer, enum layer_kind kind)
{
    layer->kind = kind;
    return TF_OK;
}

static enum tf_status skip_tag(struct layer *layer, size_t len)
{
    const enum tf_status status = layer_skip(layer, len, LAYER_ETHERTYPE);

    return status == TF_OK ? become_ethertype(layer, tf_get_u16(layer->at - 2)) : status;
}

enum tf_status step_ethertype(struct layer *layer)
{
    switch (layer->ethertype) {
    case TF_ETHERTYPE_IPV4:
    case TF_ETHERTYPE_IPV6: return become(layer, LAYER_IP);
    case TF_ETHERTYPE_VLAN:
    case TF_ETHERTYPE_QINQ:
    case TF_ETHERTYPE_QINQ_OLD: return skip_tag(layer, VLAN_LEN);
    case TF_ETHERTYPE_MPLS:
    case TF_ETHERTYPE_MPLS_UPSTREAM: return become(layer, LAYER_MPLS);
    case TF_ETHERTYPE_PPPOE_SESSION: return become(layer, LAYER_PPPOE);
    case TF_ETHERTYPE_BRIDGED: return become(layer, LAYER_ETHERNET);
    case ETHERTYPE_PBB: return layer_skip(layer, PBB_LEN, LAYER_ETHERNET);
    case ETHERTYPE_E_TAG: return skip_tag(layer, E_TAG_LEN);
    case ETHERTYPE_VN_TAG: return skip_tag(layer, VN_TAG_LEN);
    case ETHERTYPE_CMD: return skip_tag(layer, CMD_LEN);
    default: return layer->ethertype <= TF_IEEE_LENGTH_MAX ? become(layer, LAYER_LLC) : TF_NOT_OURS;
    }
}

/* Most frames are these 14 bytes and IP: what follows them is looked at without a step more. */
enum tf_status step_ethernet(struct layer *layer)
{
    const enum tf_status status = skip_tag(layer, TF_ETHERNET_LEN);

    return status == TF_OK ? step_ethertype(layer) : status;
}

/* RFC 1042: SNAP of organisation 0 holds EtherTypes. */
enum tf_status step_llc(struct layer *layer)
{
    const uint8_t *llc = layer->at;

    if (layer->left < TF_LLC_LEN)
        return TF_SHORT;
    if (llc[TF_LLC_DSAP] != llc[TF_LLC_SSAP] || llc[TF_LLC_CONTROL] != TF_LLC_UI)
        return TF_NOT_OURS;
    if (llc[TF_LLC_DSAP] == TF_LLC_SAP_IP)
        return layer_skip(layer, TF_LLC_LEN, LAYER_IP);
    if (llc[TF_LLC_DSAP] != TF_LLC_SAP_SNAP)
        return TF_NOT_OURS;
    if (layer->left < TF_SNAP_LEN)
        return TF_SHORT;
    return tf_get_u24(llc + TF_SNAP_OUI) == 0 ? skip_tag(layer, TF_SNAP_LEN) : TF_NOT_OURS;
}
