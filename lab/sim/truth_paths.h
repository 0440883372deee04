/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which way each flow goes, worked out without a packet sent. */
#ifndef TRACEFLOW_LAB_TRUTH_PATHS_H
#define TRACEFLOW_LAB_TRUTH_PATHS_H

#include "routing.h"
#include "truth.h"

struct truth {
    const struct topology *topology;
    const struct truth_query *query;
    struct routing *routing;
    struct tf_addr src;
    struct tf_addr dst;
    unsigned branches; /* so far, for one flow */
    GQueue open;       /* … those that are still to be followed */
};

/** Find source and destination of the query; topology and query must outlive *truth. */
bool truth_begin(struct truth *truth, const struct topology *topology,
                 const struct truth_query *query, GError **error);
void truth_end(struct truth *truth);

/**
 * The paths of one source port: one, unless a router balances per packet (100,000 at most). Each is
 * a GArray of uint32_t, node numbers from the first router on; the result is freed with
 * g_ptr_array_unref.
 */
GPtrArray *truth_paths(struct truth *truth, uint16_t port);

#endif
