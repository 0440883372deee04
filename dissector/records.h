/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the open capture file: one record for each of our frames, made on the first
 * pass. */
#ifndef TRACEFLOW_DISSECTOR_RECORDS_H
#define TRACEFLOW_DISSECTOR_RECORDS_H

#include "compat.h"

#include <epan/packet.h>

#include "record.h"
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
    enum tf_kind reply_kind;
    uint32_t repeat_of;  /* the frame before it that was the same probe */
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

/** Keep records for each file that is opened. Call once, at registration. */
void records_register(void);

/**
 * Let the matcher read the frame under dissection.
 *
 * May be called from any layer, and any number of times: it is read once, on the first pass, in the
 * order of the file.
 */
void records_read(const packet_info *pinfo);

/** The frame goes by, after all its layers: it is read, too, unless the user wants only such frames
 * looked at as some layer asked about. */
void records_pass(const packet_info *pinfo);

/** The record of the frame under dissection; NULL if it is not ours, or was not read. */
const struct record *records_at(const packet_info *pinfo);

/** What the frame under dissection says; false where there is no record of it. */
bool records_find(struct sighting *sighting, const packet_info *pinfo);

/** The number of the last of our frames, as far as the file has been read; 0 if there is none. */
uint32_t records_last(void);

#endif
