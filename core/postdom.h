/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Immediate post-dominators of a directed graph. */
#ifndef TRACEFLOW_CORE_POSTDOM_H
#define TRACEFLOW_CORE_POSTDOM_H

#include <glib.h>

/** The one exit, to which the ends of the graph have edges. */
#define POSTDOM_EXIT G_MAXUINT

struct edge {
    guint from; /* 0 .. n_nodes - 1 */
    guint to;   /* likewise, or POSTDOM_EXIT */
};

/**
 * By node: the first node that lies on every walk from it to the exit, or G_MAXUINT where that is
 * the exit alone, or no walk leads there. Free with g_free.
 *
 * A graph made to cost more than a fixed effort has no answer: G_MAXUINT for all.
 */
guint *postdom_new(const struct edge *edges, guint n_edges, guint n_nodes);

#endif
