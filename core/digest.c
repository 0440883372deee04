/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that reports tell of a trace beyond its table, worked out once. */
#include "digest.h"

#include "findings_parts.h"

/* Where the network changed, ways of before and after look like branches. */
static void drop_changed(struct diamonds *diamonds, const struct stability *stability)
{
    diamonds->width = 0;
    diamonds->length = 0;
    for (guint i = diamonds->list->len; i > 0; i--) {
        const struct diamond *diamond = &g_array_index(diamonds->list, struct diamond, i - 1);
        bool is_changed = false;
        for (unsigned ttl = diamond->ttl + 1U;
             ttl < (unsigned)diamond->ttl + diamond->longest && ttl <= UINT8_MAX; ttl++) {
            const struct zone *zone = stability_zone(stability, (uint8_t)ttl);
            is_changed |= zone != NULL && zone->kind == ZONE_CHANGED;
        }
        if (is_changed) {
            g_array_remove_index(diamonds->list, i - 1);
            continue;
        }
        diamonds->width = MAX(diamonds->width, diamond->width);
        diamonds->length = MAX(diamonds->length, diamond->longest);
    }
}

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
    drop_changed(digest->diamonds, digest->stability);
    const struct evidence evidence = { trace, digest->stability, digest->graph, digest->diamonds };
    digest->findings = findings_collect(&evidence);
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

GPtrArray *tf_findings_new(const struct tf_trace *trace)
{
    struct digest *digest = digest_new(trace);
    GPtrArray *findings = g_ptr_array_ref(digest->findings);

    digest_free(digest);
    return findings;
}
