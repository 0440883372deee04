/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of a graph: where they answer, what follows them, how sure that is all. */
#ifndef TRACEFLOW_CORE_NODES_H
#define TRACEFLOW_CORE_NODES_H

#include "graph.h"

/** The nodes of graph.h. */
GArray *nodes_new(const struct tf_trace *trace, const struct stability *stability);

/** Whether a path shows which responder follows the one that is known at a TTL. */
bool link_is_seen(const struct tf_path *path, uint8_t ttl, const struct stability *stability);

#endif
