/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in a quote from the probe as captured, in words. */
#ifndef TRACEFLOW_DISSECTOR_CHANGES_H
#define TRACEFLOW_DISSECTOR_CHANGES_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/observation.h"
#include "traceflow/packet.h"

/**
 * Call visit with one sentence for each field of obs->changed that is worth one: from what to what.
 * quote is the frame's, decoded again; text lives as long as pool.
 */
typedef void (*change_visit)(const char *text, void *data);
void changes_visit(wmem_allocator_t *pool, const struct tf_observation *obs,
                   const struct tf_datagram *quote, change_visit visit, void *data);

#endif
