/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traits of routers and hosts: what they are if the file says nothing, and what it says. */
#ifndef TRACEFLOW_LAB_TRAITS_H
#define TRACEFLOW_LAB_TRAITS_H

#include "reading.h"

/** The traits of a node about which the file says nothing; the ID makes it hash in its own way. */
struct traits traits_default(enum node_kind kind, const char *id);

/**
 * Read the traits that the group being read gives; the others stay as they are.
 *
 * Routes are added, or take the place of those for the same prefix. All addresses of the file are
 * known by now.
 */
bool traits_read(const struct reading *reading, struct traits *traits);

#endif
