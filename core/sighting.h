/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single flows showed, collected and sorted, so that it can be counted. */
#ifndef TRACEFLOW_CORE_SIGHTING_H
#define TRACEFLOW_CORE_SIGHTING_H

#include <glib.h>

#include "traceflow/addr.h"

/** One responder on one path, or one link on one path: to is version 0 for a responder. */
struct sighting {
    struct tf_addr from;
    struct tf_addr to;
    uint16_t path_id;
};

/** An empty array of struct sighting. */
GArray *sightings_new(void);

void sightings_add(GArray *sightings, uint16_t path_id, const struct tf_addr *from,
                   const struct tf_addr *to);

/** By from, then to, then path ID; or by from, then path ID. */
void sightings_sort_by_link(GArray *sightings);
void sightings_sort_by_path(GArray *sightings);

#endif
