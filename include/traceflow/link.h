/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a captured frame down to its IP header, for the link layers that captures come with. */
#ifndef TRACEFLOW_LINK_H
#define TRACEFLOW_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/status.h"

/** Link types by their numbers in capture files (the tcpdump.org LINKTYPE_ registry). */
enum {
    TF_LINKTYPE_NULL = 0,
    TF_LINKTYPE_ETHERNET = 1,
    TF_LINKTYPE_DLT_RAW =
        12, /* what libpcap calls LINKTYPE_RAW on most systems, OpenBSD excepted */
    TF_LINKTYPE_DLT_RAW_OPENBSD = 14,
    TF_LINKTYPE_RAW = 101,
    TF_LINKTYPE_LOOP = 108,
    TF_LINKTYPE_LINUX_SLL = 113,
    TF_LINKTYPE_IPV4 = 228,
    TF_LINKTYPE_IPV6 = 229,
    TF_LINKTYPE_LINUX_SLL2 = 276,
};

/** Whether tf_link_decode knows a link type at all. */
bool tf_link_known(int linktype);

/**
 * Find the IP packet in a frame of len captured bytes.
 *
 * VLAN tags (802.1Q, 802.1ad) and, behind them, MPLS labels, any number of each, are passed over.
 * On TF_OK *ip points into frame and *ip_len is what is left from there, trailers and padding
 * included: the IP header's own length bounds the packet.
 *
 * Returns TF_OK, TF_SHORT (cut inside the link header) or TF_NOT_OURS (unknown link type, or no IP
 * in it).
 */
TF_MUST_CHECK enum tf_status tf_link_decode(const uint8_t **ip, size_t *ip_len, int linktype,
                                            const uint8_t *frame, size_t len);

#endif
