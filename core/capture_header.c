/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers that no network has seen: what captures put before a packet to say where it was. */
#include "layer.h"
#include "traceflow/bytes.h"

/* LINKTYPE_NFLOG: attributes in the byte order of the host that captured. */
enum {
    NFLOG_VERSION = 1,
    NFLOG_LEN = 4,
    NFLOG_ATTRIBUTE_LENGTH = 0, /* header included, padding left out */
    NFLOG_ATTRIBUTE_TYPE = 2,
    NFLOG_ATTRIBUTE_LEN = 4,
    NFLOG_PAYLOAD = 9,
    NFLOG_ATTRIBUTES_MAX = 64,
};

/* LINKTYPE_PFLOG: the header's length without its padding, first. */
enum { PFLOG_LEN_MIN = 45 };

/* LINKTYPE_PPI, LINKTYPE_PKTAP: lengths and link types, low byte first whatever the host. */
enum {
    PPI_VERSION = 0,
    PPI_LENGTH = 2,
    PPI_LINKTYPE = 4,
    PPI_LEN_MIN = 8,

    PKTAP_LENGTH = 0,
    PKTAP_NEXT = 4,
    PKTAP_LINKTYPE = 8,
    PKTAP_LEN_MIN = 12,
    PKTAP_NEXT_PACKET = 1,
};

static uint16_t get_u16_low_first(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static uint32_t get_u32_low_first(const uint8_t *p)
{
    return (uint32_t)get_u16_low_first(p + 2) << 16 | get_u16_low_first(p);
}

typedef uint16_t get_u16(const uint8_t *p);

/* The first attribute that is the packet ends the walk. */
static enum tf_status find_payload(struct layer *layer, get_u16 *get)
{
    for (unsigned i = 0; i < NFLOG_ATTRIBUTES_MAX; i++) {
        if (layer->left < NFLOG_ATTRIBUTE_LEN)
            return TF_SHORT;
        const size_t len = get(layer->at + NFLOG_ATTRIBUTE_LENGTH);
        if (len < NFLOG_ATTRIBUTE_LEN)
            return TF_BAD;
        if (get(layer->at + NFLOG_ATTRIBUTE_TYPE) == NFLOG_PAYLOAD) {
            layer_limit(layer, len);
            return layer_skip(layer, NFLOG_ATTRIBUTE_LEN, LAYER_IP);
        }
        if (layer_skip(layer, (len + 3) / 4 * 4, LAYER_NFLOG) != TF_OK)
            return TF_SHORT;
    }
    return TF_NOT_OURS;
}

enum tf_status step_nflog(struct layer *layer)
{
    if (layer->left < NFLOG_LEN)
        return TF_SHORT;
    if (layer->at[NFLOG_VERSION] != 0 || layer_skip(layer, NFLOG_LEN, LAYER_NFLOG) != TF_OK)
        return TF_NOT_OURS;

    struct layer low_first = *layer;
    const enum tf_status status = find_payload(&low_first, get_u16_low_first);
    if (status != TF_OK && find_payload(layer, tf_get_u16) == TF_OK)
        return TF_OK;
    *layer = low_first;
    return status;
}

enum tf_status step_pflog(struct layer *layer)
{
    if (layer->left < 1)
        return TF_SHORT;
    const size_t len = layer->at[0];
    if (len < PFLOG_LEN_MIN)
        return TF_NOT_OURS;
    return layer_skip(layer, (len + 3) / 4 * 4, LAYER_IP);
}

static enum tf_status enter_wrapped(struct layer *layer, size_t len, uint32_t linktype)
{
    if (linktype > UINT16_MAX)
        return TF_NOT_OURS;
    if (layer_skip(layer, len, LAYER_UNKNOWN) != TF_OK)
        return TF_SHORT;
    return layer_enter_link(layer, (int)linktype);
}

enum tf_status step_ppi(struct layer *layer)
{
    if (layer->left < PPI_LEN_MIN)
        return TF_SHORT;
    const size_t len = get_u16_low_first(layer->at + PPI_LENGTH);
    if (layer->at[PPI_VERSION] != 0 || len < PPI_LEN_MIN)
        return TF_NOT_OURS;
    return enter_wrapped(layer, len, get_u32_low_first(layer->at + PPI_LINKTYPE));
}

enum tf_status step_pktap(struct layer *layer)
{
    if (layer->left < PKTAP_LEN_MIN)
        return TF_SHORT;
    const size_t len = get_u32_low_first(layer->at + PKTAP_LENGTH);
    if (len < PKTAP_LEN_MIN || get_u32_low_first(layer->at + PKTAP_NEXT) != PKTAP_NEXT_PACKET)
        return TF_NOT_OURS;
    return enter_wrapped(layer, len, get_u32_low_first(layer->at + PKTAP_LINKTYPE));
}
