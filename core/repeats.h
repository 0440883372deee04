/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several probes of one flow tell, compared in the order in which they were sent. */
#ifndef TRACEFLOW_CORE_REPEATS_H
#define TRACEFLOW_CORE_REPEATS_H

#include <glib.h>

#include "traceflow/trace.h"

/** Probes of a path that were answered by one responder each, and must agree if packets of a flow
 * keep to one way. */
struct repeated {
    const struct tf_path *path;
    uint8_t ttl;
    unsigned answers;
    unsigned changes; /* answers that disagree with the one before */
    /* Of the first change: when the probes before and after were sent, and the frames that answered
     * them. */
    int64_t old_ns;
    int64_t new_ns;
    uint64_t old_frame;
    uint64_t new_frame;
};

/** Append a struct repeated for each TTL of a path that was answered several times. */
void repeats_collect(GArray *repeats, const struct tf_path *path);

/** Append one for the path's length, if the destination answers below a TTL that a router answers:
 * at the lowest TTL concerned. Of the answers only those that disagree are counted. */
void repeats_collect_length(GArray *repeats, const struct tf_path *path);

#endif
