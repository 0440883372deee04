/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that reports tell of a trace beyond its table, worked out once. */
#include "digest.h"

struct digest *digest_new(const struct tf_trace *trace)
{
    struct digest *digest = g_new0(struct digest, 1);

    digest->trace = trace;
    digest->representative = g_new(size_t, trace->n_paths);
    tf_trace_distinct(trace, digest->representative);
    digest->paths = estimate_paths(trace, digest->representative);
    digest->stability = stability_new(trace);
    digest->graph = graph_new(trace, digest->stability);
    digest->diamonds = diamonds_new(trace);
    const struct evidence evidence = { trace, digest->stability, digest->graph, digest->diamonds };
    digest->findings = findings_new(&evidence);
    return digest;
}

void digest_free(struct digest *digest)
{
    if (digest == NULL)
        return;
    g_ptr_array_unref(digest->findings);
    diamonds_free(digest->diamonds);
    graph_free(digest->graph);
    stability_free(digest->stability);
    g_free(digest->representative);
    g_free(digest);
}
