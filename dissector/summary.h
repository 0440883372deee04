/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of ours in one line of text. */
#ifndef TRACEFLOW_DISSECTOR_SUMMARY_H
#define TRACEFLOW_DISSECTOR_SUMMARY_H

#include "records.h"

/**
 * "path 3 TTL 7 → reply in 45" of a probe, "path 3 TTL 7 from 192.0.2.7, 12.3 ms" of a reply. The
 * text is UTF-8 and pool's.
 */
const char *summary_text(wmem_allocator_t *pool, const struct sighting *sighting);

#endif
