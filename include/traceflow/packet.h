/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A captured frame, decoded: the datagram, and the one that it quotes if it is an ICMP error. */
#ifndef TRACEFLOW_PACKET_H
#define TRACEFLOW_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/datagram.h"
#include "traceflow/icmp_ext.h"
#include "traceflow/status.h"

struct tf_packet {
    struct tf_datagram datagram;
    bool has_quote;           /* the rest is valid only then: datagram is an ICMP or ICMPv6 error */
    struct tf_datagram quote; /* by its own header length */
    uint16_t quoted_len;      /* bytes of the original that came back, padding left out */
    enum tf_ext_found ext;
    struct tf_mpls_stack mpls;
};

/**
 * Decode a captured frame of len bytes; linktype as in link.h.
 *
 * The innermost datagram counts: IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784, RFC 2890;
 * also ERSPAN), EtherIP, MPLS in IP, and, by UDP port, VXLAN, Geneve, GTP-U, L2TP and MPLS are
 * looked into, 32 headers of frame and tunnels at most. Of UDP, the datagram itself counts where it
 * carries nothing that can be read. A quote of a tunnel's packet is none of ours.
 *
 * Everything in the result that points, points into frame. Nothing is allocated.
 *
 * Returns TF_OK (datagram is UDP, TCP or ICMP; a broken extension structure costs its objects
 * only), TF_SHORT, TF_BAD, or TF_NOT_OURS (no IP, another protocol, a later fragment, or a quote of
 * such).
 */
TF_MUST_CHECK enum tf_status tf_packet_decode(struct tf_packet *packet, int linktype,
                                              const uint8_t *frame, size_t len);

#endif
