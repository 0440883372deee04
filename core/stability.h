/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the packets of one flow keep to one way: what repeated probes of a path and TTL tell. */
#ifndef TRACEFLOW_CORE_STABILITY_H
#define TRACEFLOW_CORE_STABILITY_H

#include <glib.h>

#include "repeats.h"
#include "survey.h"
#include "traceflow/trace.h"

enum zone_kind {
    ZONE_BY_PACKET, /* answers go back and forth */
    ZONE_CHANGED,   /* once, everywhere at the same time */
    ZONE_UNSETTLED, /* too few answers, or changes, to tell one from the other */
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
    bool by_packet;  /* some zone is not ZONE_CHANGED: no path is stable */
    GArray *repeats; /* struct repeated */
    GArray *zones;   /* struct zone, ascending */
    /* By TTL. */
    bool sole[UINT8_MAX + 2];       /* one responder answered whatever was asked */
    bool loose[UINT8_MAX + 2];      /* packets of one flow may have come here by several ways */
    unsigned steady[UINT8_MAX + 2]; /* repeats that agreed, where none disagreed */
    struct level levels[UINT8_MAX + 1];
};

struct stability *stability_new(const struct tf_trace *trace);
void stability_free(struct stability *stability);

/** The zone of a TTL, or NULL. */
const struct zone *stability_zone(const struct stability *stability, uint8_t ttl);

/**
 * Whether what one path shows at a TTL and the next is surely a link.
 *
 * Behind a zone, ways of unequal length may lead further on: all TTLs are loose, from the zone on,
 * and before it back to a TTL that one responder answered alone, until there is one that must lie
 * on every way. A link needs an end that is not loose, or both to be seen before each change, or
 * after. Where packets are balanced, several responders at both TTLs need repeats, too.
 */
bool stability_trusts(const struct stability *stability, const struct tf_path *path, uint8_t ttl);

/** Whether the row of a path is one that a packet can have taken. */
bool stability_path_is_whole(const struct stability *stability, const struct tf_path *path);

#endif
