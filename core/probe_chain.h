/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains of groups that have something in common, newest first. */
#ifndef TRACEFLOW_CORE_PROBE_CHAIN_H
#define TRACEFLOW_CORE_PROBE_CHAIN_H

#include <glib.h>

#include "probe_table.h"

/** The newest group of each chain; a set that holds no keys of its own. */
GHashTable *chains_new(void);

/** Put a group at the head of a chain, or take it out. What the chain is by must not change
 * between. */
void chain_link(GHashTable *chains, struct probe_group *group, enum chain chain);
void chain_unlink(GHashTable *chains, struct probe_group *group, enum chain chain);

/** The newest group that is of the same chain as pattern, by its header and claim; or NULL. */
struct probe_group *chain_find(GHashTable *chains, const struct probe_group *pattern,
                               enum chain chain);

#endif
