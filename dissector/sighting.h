/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a frame now: what it says, and what other frames say of it. */
#ifndef TRACEFLOW_DISSECTOR_SIGHTING_H
#define TRACEFLOW_DISSECTOR_SIGHTING_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/observation.h"

struct run;

/**
 * What one of our frames says, and what other frames say of it. Frames count from 1: a frame number
 * of 0 is none.
 *
 * A probe knows of its answers what the file has told so far: after the first pass, all.
 */
struct sighting {
    struct tf_observation obs;
    bool forged; /* names the flow of a probe without its key: obs is what it claims (match.h) */

    /* Probes. */
    bool has_reply;
    bool no_reply;        /* none, though the capture went on for longer than an answer may take */
    uint32_t reply_frame; /* the first answer, if has_reply */
    enum tf_kind reply_kind; /* if has_reply */
    uint32_t repeat_of;      /* the frame before it that was the same probe */
    uint8_t repeat_hops; /* if repeat_of: that frame was captured so many hops nearer the sender */
    bool has_distance;   /* the TTL as sent is known, and no lower than the captured one */
    uint8_t distance;    /* hops from the sender to where the frame was captured */

    /* Replies. */
    bool late;                      /* later than an answer may take, or than the next attempt */
    bool asked_again;               /* the next attempt had been made */
    uint32_t first_reply_frame;     /* of a duplicate: the first answer to the same probe */
    uint32_t other_responder_frame; /* an answer before it to this flow and TTL, by another */

    struct run *run; /* for conclusions.h; NULL if forged */
};

/** What is known of the frame under dissection; false if it is not ours, or was not read. */
bool sighting_find(struct sighting *sighting, const packet_info *pinfo);

#endif
