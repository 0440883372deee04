/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A drawing of a topology, for Graphviz. */
#ifndef TRACEFLOW_LAB_DOT_H
#define TRACEFLOW_LAB_DOT_H

#include "topology.h"

/**
 * Append a digraph as it is at the beginning: routers as boxes, hosts as ovals, the generated
 * network as one node; on edges their weights and what they are routes to.
 */
void dot_print(const struct topology *topology, GString *out);

#endif
