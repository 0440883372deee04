/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of ours in one line of text. */
#ifndef TRACEFLOW_DISSECTOR_SUMMARY_H
#define TRACEFLOW_DISSECTOR_SUMMARY_H

#include "records.h"

/**
 * Of the Info column: "path  3 TTL  7 probe, reply in 45", "path  3 TTL  7 reply from
 * 192.0.2.7, 12.3 ms". Sorted as text, a path's frames are together, TTL by TTL. UTF-8, and pool's.
 */
const char *summary_info(wmem_allocator_t *pool, const struct sighting *sighting);

/**
 * Of the packet details: "path 3, TTL 7: answered in frame 45", "path 3, TTL 7: answered by
 * 192.0.2.7 in 12.3 ms".
 */
const char *summary_sentence(wmem_allocator_t *pool, const struct sighting *sighting);

#endif
