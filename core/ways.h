/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stable paths of a trace as walks over numbered responders, and where all ways from one meet.
 */
#ifndef TRACEFLOW_CORE_WAYS_H
#define TRACEFLOW_CORE_WAYS_H

#include <glib.h>

#include "traceflow/trace.h"

#define WAYS_NONE G_MAXUINT

struct step {
    guint responder;
    uint8_t ttl; /* of the source: the first TTL less one */
};

/** One path: the source, then who is known, silence passed over; a responder never follows itself.
 */
struct way {
    const struct step *steps;
    guint n_steps;
};

struct ways;

struct ways *ways_new(const struct tf_trace *trace);
void ways_free(struct ways *ways);

/** The number of paths, and each of them. */
guint ways_count(const struct ways *ways);
struct way ways_get(const struct ways *ways, guint index);

/** The number of responders; 0 is the source. Their addresses, and the lowest TTLs. */
guint ways_responders(const struct ways *ways);
const struct tf_addr *ways_addr(const struct ways *ways, guint responder);
uint8_t ways_lowest_ttl(const struct ways *ways, guint responder);

/** Where all ways from a responder that several follow meet first; WAYS_NONE: nowhere, or it is
 * followed by one. */
guint ways_convergence(const struct ways *ways, guint responder);

#endif
