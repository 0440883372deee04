/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link types: which header a frame of each begins with. */
#include "traceflow/link.h"

#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* Bytes before the first layer; among them, of LAYER_ETHERTYPE, the type. */
struct link_layout {
    enum layer_kind first;
    uint8_t header_len;
    uint8_t ethertype_at;
};

/* By link type: frames are many. */
static const struct link_layout layouts[] = {
    [TF_LINKTYPE_NULL] = { LAYER_IP, 4, 0 }, /* the family's number depends on the system */
    [TF_LINKTYPE_ETHERNET] = { LAYER_ETHERNET, 0, 0 },
    [TF_LINKTYPE_PPP] = { LAYER_PPP, 0, 0 },
    [TF_LINKTYPE_DLT_ATM_RFC1483] = { LAYER_LLC, 0, 0 },
    [TF_LINKTYPE_DLT_RAW] = { LAYER_IP, 0, 0 },
    [TF_LINKTYPE_DLT_RAW_OPENBSD] = { LAYER_IP, 0, 0 },
    [TF_LINKTYPE_PPP_HDLC] = { LAYER_PPP, 0, 0 },
    [TF_LINKTYPE_PPP_ETHER] = { LAYER_PPPOE, 0, 0 },
    [TF_LINKTYPE_ATM_RFC1483] = { LAYER_LLC, 0, 0 },
    [TF_LINKTYPE_RAW] = { LAYER_IP, 0, 0 },
    [TF_LINKTYPE_C_HDLC] = { LAYER_CHDLC, 0, 0 },
    [TF_LINKTYPE_FRELAY] = { LAYER_FRELAY, 0, 0 },
    [TF_LINKTYPE_LOOP] = { LAYER_IP, 4, 0 },
    [TF_LINKTYPE_ENC] = { LAYER_IP, 12, 0 },
    [TF_LINKTYPE_LINUX_SLL] = { LAYER_ETHERTYPE, 16, 14 },
    [TF_LINKTYPE_PFLOG] = { LAYER_PFLOG, 0, 0 },
    [TF_LINKTYPE_PPP_PPPD] = { LAYER_PPP, 2, 0 }, /* direction for PPP's address; control */
    [TF_LINKTYPE_PPI] = { LAYER_PPI, 0, 0 },
    [TF_LINKTYPE_PPP_WITH_DIR] = { LAYER_PPP, 1, 0 },
    [TF_LINKTYPE_C_HDLC_WITH_DIR] = { LAYER_CHDLC, 1, 0 },
    [TF_LINKTYPE_MPLS] = { LAYER_MPLS, 0, 0 },
    [TF_LINKTYPE_IPV4] = { LAYER_IP, 0, 0 },
    [TF_LINKTYPE_IPV6] = { LAYER_IP, 0, 0 },
    [TF_LINKTYPE_NFLOG] = { LAYER_NFLOG, 0, 0 },
    [TF_LINKTYPE_IPOIB] = { LAYER_ETHERTYPE, 44, 40 },
    [TF_LINKTYPE_PKTAP] = { LAYER_PKTAP, 0, 0 },
    [TF_LINKTYPE_LINUX_SLL2] = { LAYER_ETHERTYPE, 20, 0 },
};

static const struct link_layout *find_layout(int linktype)
{
    static const struct link_layout unknown = { LAYER_UNKNOWN, 0, 0 };

    return linktype >= 0 && (size_t)linktype < sizeof layouts / sizeof layouts[0]
               ? &layouts[linktype]
               : &unknown;
}

bool tf_link_known(int linktype)
{
    return find_layout(linktype)->first != LAYER_UNKNOWN;
}

enum tf_status layer_enter_link(struct layer *layer, int linktype)
{
    const struct link_layout *layout = find_layout(linktype);

    if (layout->first == LAYER_UNKNOWN)
        return TF_NOT_OURS;
    if (layer->left < layout->header_len)
        return TF_SHORT;
    if (layout->first == LAYER_ETHERTYPE)
        layer->ethertype = tf_get_u16(layer->at + layout->ethertype_at);
    return layer_skip(layer, layout->header_len, layout->first);
}

enum tf_status tf_link_decode(const uint8_t **ip, size_t *ip_len, int linktype,
                              const uint8_t *frame, size_t len)
{
    struct layer layer = { .at = frame, .left = len };
    enum tf_status status = layer_enter_link(&layer, linktype);

    if (status == TF_OK)
        status = layer_find_ip(&layer);
    if (status != TF_OK)
        return status;
    *ip = layer.at;
    *ip_len = layer.left;
    return TF_OK;
}
