/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The changes of a topology, each of which happens once. */
#ifndef TRACEFLOW_LAB_CHANGES_H
#define TRACEFLOW_LAB_CHANGES_H

#include "routing.h"

struct changes;

/** None has happened; the topology must outlive them. Never NULL. */
struct changes *changes_new(const struct topology *topology);
void changes_free(struct changes *changes);

/* How far a simulation is. */
struct progress {
    int64_t elapsed_ns; /* since its beginning */
    uint64_t packets;   /* sent so far, the present one included */
};

/** Let those happen that are due: by time in time's order, then those by count. */
void changes_make(struct changes *changes, const struct progress *progress,
                  struct routing *routing);

#endif
