/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the responders of a trace, by reverse look-up. */
#ifndef TRACEFLOW_PROBER_REVERSE_H
#define TRACEFLOW_PROBER_REVERSE_H

#include <glib.h>

#include "traceflow/trace.h"

/**
 * Ask the system's resolver for the names of all responders, all at once, and wait at most
 * timeout_ms.
 *
 * Returns struct tf_addr -> text for those that have a name, to be freed with g_hash_table_unref.
 * Names come from the network: see reverse_clean.
 */
GHashTable *reverse_lookup(const struct tf_trace_set *traces, unsigned timeout_ms);

/** Replace what is no letter, digit, hyphen, underscore or dot, so that no name can act on a
 * terminal. */
void reverse_clean(char *name);

#endif
