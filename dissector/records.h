/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the open capture file: one record for each of our frames, made on the first
 * pass. */
#ifndef TRACEFLOW_DISSECTOR_RECORDS_H
#define TRACEFLOW_DISSECTOR_RECORDS_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/match.h"

/** What one of our frames says, and what later frames said of it. */
struct sighting {
    struct tf_observation obs;
    bool has_reply;       /* a probe that was answered, as far as the file has been read */
    uint32_t reply_frame; /* the first answer */
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

/** The number of the last of our frames, as far as the file has been read; 0 if there is none. */
uint32_t records_last(void);

#endif
