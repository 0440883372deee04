/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where packets of one flow may have come by several ways: which TTLs that leaves in doubt. */
#ifndef TRACEFLOW_CORE_LOOSE_H
#define TRACEFLOW_CORE_LOOSE_H

#include "stability.h"

enum era { BEFORE_CHANGE, AFTER_CHANGE };

/** Whether a hop, which may be NULL, has an answer to a probe that was surely sent in that era. */
bool hop_was_seen(const struct tf_hop *hop, const struct zone *zone, enum era era);

/** Fill stability->loose; all else of it is known, and zones are judged. */
void find_loose(struct stability *stability, const struct tf_trace *trace);

#endif
