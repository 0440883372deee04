/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels with a protocol number of their own: GRE with what is mirrored in it, EtherIP. */
#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static enum tf_status step_erspan_ii(struct layer *layer)
{
    if (layer->left < TF_ERSPAN_II_LEN)
        return TF_SHORT;
    if (layer->at[0] >> 4 != TF_ERSPAN_II_VERSION)
        return TF_NOT_OURS;
    return layer_skip(layer, TF_ERSPAN_II_LEN, LAYER_ETHERNET);
}

static enum tf_status step_erspan_iii(struct layer *layer)
{
    if (layer->left < TF_ERSPAN_III_LEN)
        return TF_SHORT;
    if (layer->at[0] >> 4 != TF_ERSPAN_III_VERSION)
        return TF_NOT_OURS;
    const bool has_option = (layer->at[TF_ERSPAN_III_OPTION] & 1) != 0;
    return layer_skip(layer, TF_ERSPAN_III_LEN + (has_option ? TF_ERSPAN_III_OPTION_LEN : 0),
                      LAYER_ETHERNET);
}

static size_t gre_len(uint16_t flags)
{
    size_t len = TF_GRE_MIN_LEN;

    if (flags & TF_GRE_CHECKSUM)
        len += TF_GRE_OPTION_LEN;
    if (flags & TF_GRE_KEY)
        len += TF_GRE_OPTION_LEN;
    if (flags & TF_GRE_SEQUENCE)
        len += TF_GRE_OPTION_LEN;
    return len;
}

enum tf_status step_gre(struct layer *layer)
{
    if (layer->left < TF_GRE_MIN_LEN)
        return TF_SHORT;
    const uint16_t flags = tf_get_u16(layer->at + TF_GRE_FLAGS);
    const uint16_t type = tf_get_u16(layer->at + TF_GRE_TYPE);
    if (flags & TF_GRE_REFUSED)
        return TF_NOT_OURS;
    if (layer_skip(layer, gre_len(flags), LAYER_ETHERTYPE) != TF_OK)
        return TF_SHORT;

    layer->ethertype = type;
    if (type == TF_ETHERTYPE_ERSPAN_III)
        return step_erspan_iii(layer);
    if (type != TF_ETHERTYPE_ERSPAN)
        return TF_OK;
    /* Without a sequence number it is of the first kind, which has no header. */
    return flags & TF_GRE_SEQUENCE ? step_erspan_ii(layer) : layer_skip(layer, 0, LAYER_ETHERNET);
}

enum tf_status step_etherip(struct layer *layer)
{
    if (layer->left < TF_ETHERIP_LEN)
        return TF_SHORT;
    if (tf_get_u16(layer->at) != TF_ETHERIP_VERSION)
        return TF_NOT_OURS;
    return layer_skip(layer, TF_ETHERIP_LEN, LAYER_ETHERNET);
}
