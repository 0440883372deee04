/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a topology must be as a whole, whatever its single values are. */
#ifndef TRACEFLOW_LAB_CHECK_H
#define TRACEFLOW_LAB_CHECK_H

#include "reading.h"

/**
 * Refuse addresses and names that are there twice, routers that would answer but have no address,
 * translations to nobody's address, a generated network that its prefixes cannot hold, and loops
 * without TTL. by_address and by_name hold the first of those that are there twice.
 */
bool check_topology(const struct reading *reading);

/** The part of it about loops: routers with ttl=keep that lead to each other, whatever changes. */
bool check_loops(const struct reading *reading);

#endif
