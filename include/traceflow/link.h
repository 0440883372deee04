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
    TF_LINKTYPE_PPP = 9,
    TF_LINKTYPE_DLT_ATM_RFC1483 = 11, /* what libpcap calls LINKTYPE_ATM_RFC1483 */
    TF_LINKTYPE_DLT_RAW =
        12, /* what libpcap calls LINKTYPE_RAW on most systems, OpenBSD excepted */
    TF_LINKTYPE_DLT_RAW_OPENBSD = 14,
    TF_LINKTYPE_PPP_HDLC = 50,
    TF_LINKTYPE_PPP_ETHER = 51,
    TF_LINKTYPE_ATM_RFC1483 = 100,
    TF_LINKTYPE_RAW = 101,
    TF_LINKTYPE_C_HDLC = 104,
    TF_LINKTYPE_FRELAY = 107,
    TF_LINKTYPE_LOOP = 108,
    TF_LINKTYPE_ENC = 109,
    TF_LINKTYPE_LINUX_SLL = 113,
    TF_LINKTYPE_PFLOG = 117,
    TF_LINKTYPE_PPP_PPPD = 166,
    TF_LINKTYPE_PPI = 192,
    TF_LINKTYPE_PPP_WITH_DIR = 204,
    TF_LINKTYPE_C_HDLC_WITH_DIR = 205,
    TF_LINKTYPE_MPLS = 219,
    TF_LINKTYPE_IPV4 = 228,
    TF_LINKTYPE_IPV6 = 229,
    TF_LINKTYPE_NFLOG = 239,
    TF_LINKTYPE_IPOIB = 242,
    TF_LINKTYPE_PKTAP = 258,
    TF_LINKTYPE_LINUX_SLL2 = 276,
};

/** Whether tf_link_decode knows a link type at all. */
bool tf_link_known(int linktype);

/**
 * Find the outermost IP packet in a frame of len captured bytes.
 *
 * What stands before it is passed over, in any order: VLAN and similar tags, MPLS labels (and the
 * Ethernet frame of a pseudowire under them, where it can be told), PPPoE, PPP, LLC; 32 headers of
 * them and labels of one stack at most. On TF_OK *ip points into frame and *ip_len is what is left
 * from there, trailers and padding included: the IP header's own length bounds the packet.
 *
 * Returns TF_OK, TF_SHORT (cut inside the link header), TF_BAD or TF_NOT_OURS (unknown link type,
 * or no IP in it).
 */
TF_MUST_CHECK enum tf_status tf_link_decode(const uint8_t **ip, size_t *ip_len, int linktype,
                                            const uint8_t *frame, size_t len);

#endif
