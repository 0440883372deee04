/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in a frame the bytes are that say which probe it is, or answers. */
#ifndef TRACEFLOW_DISSECTOR_BEARER_H
#define TRACEFLOW_DISSECTOR_BEARER_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/observation.h"
#include "traceflow/packet.h"

/**
 * A frame of ours, read again. Offsets and lengths are bytes of the frame, so that a click on a
 * field shows where its value stands.
 *
 * The datagram is the probe, as captured or as quoted; or, where nothing is quoted, the
 * destination's own answer, of which only the payload and the acknowledged number are the probe's.
 */
struct bearer {
    tvbuff_t *tvb; /* the whole frame */
    struct tf_datagram datagram;
    bool is_answer;
    int ip;
    int transport;
    int payload; /* valid if payload_len is not 0 */
    int payload_len;
};

/** False for what core cannot read, which no frame of ours is. */
bool bearer_find(struct bearer *bearer, const packet_info *pinfo, const struct tf_observation *obs);

#endif
