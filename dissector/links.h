/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the records of one flow and TTL are to each other. */
#ifndef TRACEFLOW_DISSECTOR_LINKS_H
#define TRACEFLOW_DISSECTOR_LINKS_H

#include "record.h"

/**
 * Link a new record, whose run is known, with those before it.
 *
 * probe is the one that a reply answers, or NULL. Sets counterpart and, in earlier, the probe
 * before it of this flow and TTL (a probe's), or an answer by another responder (a reply's).
 */
void links_add(struct record *record, struct record *probe);

/** The frame before that was the same probe; NULL if there is none. */
const struct record *links_same_probe(const struct record *probe);

#endif
