/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probes each responder answered, and which not: asked again, it may have answered then. */
#ifndef TRACEFLOW_CORE_ANSWERS_H
#define TRACEFLOW_CORE_ANSWERS_H

#include <glib.h>

#include "traceflow/trace.h"

/** One probe. */
struct outcome {
    int64_t sent_ns;
    uint64_t frame;
    bool answered;
};

/** What a responder was asked; a probe that was not answered counts if it was asked again. */
struct asked_of {
    struct tf_addr addr;
    uint8_t first_ttl;
    uint8_t last_ttl;
    unsigned answered;
    unsigned lost;
    unsigned regained; /* of those lost, probes of paths and TTLs that it answered later */
    unsigned later;    /* paths and TTLs that it answered, but not at first */
    GArray *outcomes;  /* struct outcome, by time */
};

struct answers {
    GPtrArray *responders;         /* struct asked_of, by lowest TTL and address */
    unsigned asked[UINT8_MAX + 1]; /* by TTL, all responders together */
};

/**
 * A path and TTL counts for its one responder; one that was never answered for the one responder of
 * that TTL, if there is but one.
 */
struct answers *answers_new(const struct tf_trace *trace);
void answers_free(struct answers *answers);

#endif
