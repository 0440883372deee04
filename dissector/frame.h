/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame under dissection, as core wants it. */
#ifndef TRACEFLOW_DISSECTOR_FRAME_H
#define TRACEFLOW_DISSECTOR_FRAME_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/match.h"
#include "traceflow/packet.h"

/**
 * The tvbuff of the whole frame, whatever layer is being dissected. It lives as long as the
 * packet's dissection.
 */
tvbuff_t *frame_tvb(const packet_info *pinfo);

/**
 * The frame's number, time stamp, link type and bytes (which stay frame_tvb's).
 *
 * False if it is not a packet, or an empty one, or of a link type that core cannot read.
 */
bool frame_read(struct tf_frame *frame, const packet_info *pinfo);

/**
 * The frame's datagram and what it quotes, read again: what they point to stays frame_tvb's. False
 * where frame_read is, and for what is not a datagram of UDP, TCP or ICMP.
 */
bool frame_decode(struct tf_packet *packet, const packet_info *pinfo);

#endif
