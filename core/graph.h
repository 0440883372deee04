/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph of a trace: its responders, and the links that single flows were seen to take. */
#ifndef TRACEFLOW_CORE_GRAPH_H
#define TRACEFLOW_CORE_GRAPH_H

#include <glib.h>

#include "traceflow/trace.h"

struct node {
    struct tf_addr addr;
    unsigned flows;     /* paths on which it answered */
    unsigned next_hops; /* links that leave it */
};

/** Two responders at neighbouring TTLs of one path. */
struct link {
    struct tf_addr from;
    struct tf_addr to;
    GArray *path_ids; /* uint16_t, ascending: the paths that take it */
};

struct graph {
    GArray *nodes; /* struct node, by address */
    GArray *links; /* struct link, by from and to */
};

/**
 * Nodes are all responders up to their path's end. A link needs one responder on either side: where
 * several answered one flow, or none, which of them follow each other is not known.
 */
struct graph *graph_new(const struct tf_trace *trace);
void graph_free(struct graph *graph);

#endif
