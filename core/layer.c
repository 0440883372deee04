/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From header to header, until there is an IP packet. */
#include "layer.h"

typedef enum tf_status layer_step(struct layer *layer);

static layer_step *const steps[LAYER_COUNT] = {
    [LAYER_ETHERTYPE] = step_ethertype,
    [LAYER_ETHERNET] = step_ethernet,
    [LAYER_LLC] = step_llc,
    [LAYER_MPLS] = step_mpls,
    [LAYER_PPP] = step_ppp,
    [LAYER_PPPOE] = step_pppoe,
    [LAYER_CHDLC] = step_chdlc,
    [LAYER_FRELAY] = step_frelay,
    [LAYER_GRE] = step_gre,
    [LAYER_ETHERIP] = step_etherip,
    [LAYER_VXLAN] = step_vxlan,
    [LAYER_VXLAN_GPE] = step_vxlan_gpe,
    [LAYER_GENEVE] = step_geneve,
    [LAYER_GTP_U] = step_gtp_u,
    [LAYER_L2TP] = step_l2tp,
    [LAYER_NFLOG] = step_nflog,
    [LAYER_PFLOG] = step_pflog,
    [LAYER_PPI] = step_ppi,
    [LAYER_PKTAP] = step_pktap,
};

enum tf_status layer_find_ip(struct layer *layer)
{
    while (layer->kind != LAYER_IP) {
        if (layer->kind == LAYER_UNKNOWN || layer->steps++ >= LAYER_STEPS_MAX)
            return TF_NOT_OURS;
        const enum tf_status status = steps[layer->kind](layer);
        if (status != TF_OK)
            return status;
    }
    return TF_OK;
}
