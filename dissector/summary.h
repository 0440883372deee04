/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of ours in one line of text. */
#ifndef TRACEFLOW_DISSECTOR_SUMMARY_H
#define TRACEFLOW_DISSECTOR_SUMMARY_H

#include "sighting.h"
#include "text.h"

/**
 * Of the Info column: "path  3 TTL  7 probe, reply in 45", "path  3 TTL  7 reply from
 * 192.0.2.7, 12.3 ms". Sorted as text, a path's frames are together, TTL by TTL.
 */
void summary_info(struct text *text, const struct sighting *sighting);

/**
 * Of the packet details: "path 3, TTL 7: answered in frame 45", "path 3, TTL 7: answered by
 * 192.0.2.7 in 12.3 ms".
 */
void summary_sentence(struct text *text, const struct sighting *sighting);

#endif
