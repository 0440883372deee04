/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MPLS: what is under a stack of labels.
 *
 * Nothing there says what it is (RFC 3032 section 2.2). IP shows its version in the first four
 * bits, which others are asked to keep clear of (RFC 4385 section 2): they put a control word
 * before an Ethernet frame. Where they do not, a MAC address stands there that may begin with a 4
 * or a 6. So a frame is believed only where it is complete with a type and the IP header that the
 * type promises, and IP only gives way to it where its own header does not add up.
 */
#include "layer.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

enum { CONTROL_WORD_LEN = 4 };

/* RFC 791 section 3.1: an IPv4 header sums up to 0. IPv6 has no sum, but lengths that agree. */
static bool adds_up(const struct layer *ip)
{
    const uint8_t version = ip->left > 0 ? ip->at[0] >> 4 : 0;
    const size_t header_len = ip->left > 0 ? (size_t)(ip->at[0] & 0x0f) * 4 : 0;

    if (version == 4)
        return header_len >= TF_IPV4_MIN_LEN && ip->left >= header_len &&
               tf_checksum(ip->at, header_len) == 0;
    return version == 6 && ip->left >= TF_IPV6_LEN &&
           (size_t)tf_get_u16(ip->at + TF_IPV6_PAYLOAD_LENGTH) <= ip->left - TF_IPV6_LEN;
}

/* Whether there is an Ethernet frame of IP after so many bytes; tags may be before the type. */
static bool is_frame(const struct layer *layer, size_t after)
{
    struct layer frame = *layer;
    if (layer_skip(&frame, after + TF_ETHERNET_SRC + TF_MAC_LEN, LAYER_ETHERTYPE) != TF_OK)
        return false;

    uint16_t type = TF_ETHERTYPE_VLAN;
    for (size_t len = 2; type == TF_ETHERTYPE_VLAN || type == TF_ETHERTYPE_QINQ; len = 4) {
        if (layer_skip(&frame, len, LAYER_ETHERTYPE) != TF_OK)
            return false;
        type = tf_get_u16(frame.at - 2);
    }
    const uint8_t version = type == TF_ETHERTYPE_IPV4 ? 4 : type == TF_ETHERTYPE_IPV6 ? 6 : 0;
    return frame.left > 0 && frame.at[0] >> 4 == version && adds_up(&frame);
}

static enum tf_status step_payload(struct layer *layer)
{
    const uint8_t nibble = layer->left > 0 ? layer->at[0] >> 4 : 4;

    if ((nibble == 4 || nibble == 6) && (adds_up(layer) || !is_frame(layer, 0)))
        return layer_skip(layer, 0, LAYER_IP);
    if (nibble == 0 && is_frame(layer, CONTROL_WORD_LEN))
        return layer_skip(layer, CONTROL_WORD_LEN, LAYER_ETHERNET);
    return is_frame(layer, 0) ? layer_skip(layer, 0, LAYER_ETHERNET) : TF_NOT_OURS;
}

/* The whole stack in one step; as deep as a frame may be at all. */
enum tf_status step_mpls(struct layer *layer)
{
    bool bottom = false;

    for (unsigned depth = 0; !bottom; depth++) {
        if (depth == LAYER_STEPS_MAX)
            return TF_NOT_OURS;
        if (layer_skip(layer, TF_MPLS_ENTRY_LEN, LAYER_MPLS) != TF_OK)
            return TF_SHORT;
        bottom = (layer->at[TF_MPLS_BOTTOM - TF_MPLS_ENTRY_LEN] & 1) != 0;
    }
    return step_payload(layer);
}
