/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the packets of one flow keep to one way: what repeated probes of a path and TTL tell. */
#ifndef TRACEFLOW_CORE_STABILITY_H
#define TRACEFLOW_CORE_STABILITY_H

#include <glib.h>

#include "traceflow/trace.h"

/** A path and TTL of which several probes were answered, each by one responder. */
struct repeated {
    const struct tf_path *path;
    uint8_t ttl;
    unsigned answers;
    unsigned changes; /* answers whose responder is not that of the one before */
    /* Of the first change: when the probes before and after were sent, and the frames that answered
     * them. */
    int64_t old_ns;
    int64_t new_ns;
    uint64_t old_frame;
    uint64_t new_frame;
};

enum zone_kind {
    ZONE_BY_PACKET, /* answers go back and forth */
    ZONE_CHANGED,   /* once, everywhere at the same time */
    ZONE_UNSETTLED, /* too few answers to tell one from the other */
};

/** The widest run of TTLs with several responders, in which one flow had several. */
struct zone {
    uint8_t first;
    uint8_t last;
    enum zone_kind kind;
    unsigned repeats; /* answers beyond the first of a path and TTL */
    unsigned changes;
    int64_t
        old_ns; /* ZONE_CHANGED: the last time when nothing had changed, the first when all had */
    int64_t new_ns;
    double chance; /* that balancing by packet looks like one change */
};

struct stability {
    bool by_packet;           /* some zone is not ZONE_CHANGED: no path is stable */
    GArray *repeats;          /* struct repeated */
    GArray *zones;            /* struct zone, ascending */
    bool sole[UINT8_MAX + 2]; /* by TTL: one responder answered whatever was asked */
};

struct stability *stability_new(const struct tf_trace *trace);
void stability_free(struct stability *stability);

/** The zone of a TTL, or NULL. */
const struct zone *stability_zone(const struct stability *stability, uint8_t ttl);

/**
 * Whether what one path shows at a TTL and the next is surely a link: outside of zones; or where
 * one of the two is the only responder of its TTL; or where both were seen before a change, or
 * after.
 */
bool stability_trusts(const struct stability *stability, const struct tf_path *path, uint8_t ttl);

/** Whether the row of a path is one that a packet can have taken. */
bool stability_path_is_whole(const struct stability *stability, const struct tf_path *path);

#endif
