/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers that stand before an IP packet, one step each: where a frame is read, and what kind
 * of header comes next there.
 */
#ifndef TRACEFLOW_CORE_LAYER_H
#define TRACEFLOW_CORE_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/status.h"

enum layer_kind {
    LAYER_UNKNOWN,
    LAYER_IP, /* of the version that its first four bits tell */
    LAYER_ETHERTYPE,
    LAYER_ETHERNET,
    LAYER_LLC,
    LAYER_MPLS,
    LAYER_PPP,
    LAYER_PPPOE,
    LAYER_CHDLC,
    LAYER_FRELAY,
    LAYER_GRE,
    LAYER_ETHERIP,
    LAYER_VXLAN,
    LAYER_VXLAN_GPE,
    LAYER_GENEVE,
    LAYER_GTP_U,
    LAYER_L2TP,
    LAYER_NFLOG,
    LAYER_PFLOG,
    LAYER_PPI,
    LAYER_PKTAP,
    LAYER_COUNT,
};

/**
 * The most steps that one frame is followed, IP headers included: far more than any network stacks
 * up, and nothing that a hostile frame can make expensive.
 */
enum { LAYER_STEPS_MAX = 32 };

struct layer {
    const uint8_t *at;
    size_t left; /* captured bytes from there, never past what an outer header claims */
    enum layer_kind kind;
    uint16_t ethertype; /* of LAYER_ETHERTYPE: what is there */
    uint8_t steps;      /* taken so far */
};

/** Pass over len bytes, behind which there is a layer of another kind. TF_OK or TF_SHORT. */
TF_MUST_CHECK static inline enum tf_status layer_skip(struct layer *layer, size_t len,
                                                      enum layer_kind next)
{
    if (layer->left < len)
        return TF_SHORT;
    layer->at += len;
    layer->left -= len;
    layer->kind = next;
    return TF_OK;
}

/** Nothing after len bytes belongs to the layer. */
static inline void layer_limit(struct layer *layer, size_t len)
{
    if (layer->left > len)
        layer->left = len;
}

/**
 * Step to the next IP header; none, if layer is one.
 *
 * Returns TF_OK (its kind is LAYER_IP), TF_SHORT, TF_BAD or TF_NOT_OURS: another protocol, or more
 * headers than LAYER_STEPS_MAX.
 */
TF_MUST_CHECK enum tf_status layer_find_ip(struct layer *layer);

/**
 * One step each: layer is at such a header, and is left at what follows it. They return TF_OK,
 * TF_SHORT, TF_BAD or TF_NOT_OURS. Grouped by the file that they are in.
 */
enum tf_status step_ethernet(struct layer *layer);
enum tf_status step_ethertype(struct layer *layer);
enum tf_status step_llc(struct layer *layer);

enum tf_status step_mpls(struct layer *layer);

enum tf_status step_ppp(struct layer *layer);
enum tf_status step_pppoe(struct layer *layer);
enum tf_status step_chdlc(struct layer *layer);
enum tf_status step_frelay(struct layer *layer);

enum tf_status step_gre(struct layer *layer);
enum tf_status step_etherip(struct layer *layer);

enum tf_status step_vxlan(struct layer *layer);
enum tf_status step_vxlan_gpe(struct layer *layer);
enum tf_status step_geneve(struct layer *layer);
enum tf_status step_gtp_u(struct layer *layer);
enum tf_status step_l2tp(struct layer *layer);

enum tf_status step_nflog(struct layer *layer);
enum tf_status step_pflog(struct layer *layer);
enum tf_status step_ppi(struct layer *layer);
enum tf_status step_pktap(struct layer *layer);

/** Be at the first layer of a link type (link.h). TF_OK, TF_SHORT, or TF_NOT_OURS if unknown. */
TF_MUST_CHECK enum tf_status layer_enter_link(struct layer *layer, int linktype);

#endif
