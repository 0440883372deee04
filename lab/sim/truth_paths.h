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
    GQueue open;       /* branches of the present flow that are still to be followed */
    unsigned branches; /* of all flows so far */
    bool is_cut;       /* there are more than are followed */
};

/** Find source and destination of the query; topology and query must outlive *truth. */
bool truth_begin(struct truth *truth, const struct topology *topology,
                 const struct truth_query *query, GError **error);
void truth_end(struct truth *truth);

/**
 * The paths of one source port: one, unless a router balances per packet. Some are left out where
 * that would be too many. Each is a GArray of uint32_t, node numbers from the first router on; the
 * result is freed with g_ptr_array_unref.
 */
GPtrArray *truth_paths(struct truth *truth, uint16_t port);

#endif
