/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the open capture file: one record for each of our frames, made on the first
 * pass. */
#ifndef TRACEFLOW_DISSECTOR_RECORDS_H
#define TRACEFLOW_DISSECTOR_RECORDS_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/match.h"

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
    uint32_t repeat_of;   /* the frame before it that was the same probe */
    bool has_distance;    /* the TTL as sent is known, and no lower than the captured one */
    uint8_t distance;     /* hops from the sender to where the frame was captured */

    /* Replies. */
    bool late; /* later than an answer may take, or after the probe was sent once more */
    uint32_t first_reply_frame; /* of a duplicate: the first answer to the same probe */
    uint32_t
        other_responder_frame; /* the first answer to this flow and TTL, by another responder */
};

/**
 * Keep records for each file that is opened. options is read whenever a file is opened or dissected
 * anew, and must live for ever. Call once, at registration.
 */
void records_register(const struct tf_match_options *options);

/**
 * What the frame under dissection says; false if it is not ours.
 *
 * May be called from any layer, and any number of times: the matcher sees each frame once, on the
 * first pass, in the order of the file.
 */
bool records_find(struct sighting *sighting, const packet_info *pinfo);

#endif
