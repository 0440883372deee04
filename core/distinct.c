/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths of a trace are distinct: rows that contradict each other somewhere. */
#include <glib.h>

#include "traceflow/trace.h"

static bool answered_by(const struct tf_hop *hop, const struct tf_addr *responder)
{
    for (size_t i = 0; i < hop->n_replies; i++)
        if (tf_addr_equal(&hop->replies[i].responder, responder))
            return true;
    return false;
}

/* Silence agrees with everything; two answers agree if they have a responder in common. */
static bool hops_agree(const struct tf_hop *a, const struct tf_hop *b)
{
    if (a->n_replies == 0 || b->n_replies == 0)
        return true;
    for (size_t i = 0; i < a->n_replies; i++)
        if (answered_by(b, &a->replies[i].responder))
            return true;
    return false;
}

static bool ends_agree(const struct tf_path *a, const struct tf_path *b)
{
    const uint8_t end_a = tf_path_end(a);
    const uint8_t end_b = tf_path_end(b);

    if (end_a != 0 && end_b != 0)
        return end_a == end_b;
    if (end_a != 0)
        return tf_path_length(b) <= end_a;
    return end_b == 0 || tf_path_length(a) <= end_b;
}

static bool paths_agree(const struct tf_path *a, const struct tf_path *b)
{
    const uint8_t last = MIN(tf_path_last_ttl(a), tf_path_last_ttl(b));

    if (!ends_agree(a, b))
        return false;
    for (size_t ttl = 1; ttl <= last; ttl++)
        if (!hops_agree(&a->hops[ttl], &b->hops[ttl]))
            return false;
    return true;
}

static unsigned answered_hops(const struct tf_path *path)
{
    unsigned count = 0;

    for (size_t ttl = 1; ttl <= tf_path_last_ttl(path); ttl++)
        count += path->hops[ttl].n_replies > 0;
    return count;
}

/* Most answers first, then by path ID (the index order). */
static gint compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct tf_trace *trace = data;
    const size_t index_a = *(const size_t *)a;
    const size_t index_b = *(const size_t *)b;
    const unsigned hops_a = answered_hops(trace->paths[index_a]);
    const unsigned hops_b = answered_hops(trace->paths[index_b]);

    if (hops_a != hops_b)
        return hops_a > hops_b ? -1 : 1;
    return index_a < index_b ? -1 : 1;
}

size_t tf_trace_distinct(const struct tf_trace *trace, size_t *representative)
{
    g_autofree size_t *order = g_new(size_t, trace->n_paths);
    g_autofree size_t *found = g_new(size_t, trace->n_paths);
    size_t n_found = 0;

    for (size_t i = 0; i < trace->n_paths; i++)
        order[i] = i;
    g_qsort_with_data(order, (gint)trace->n_paths, sizeof order[0], compare_rows, (gpointer)trace);

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[order[i]];
        size_t group = 0;
        while (group < n_found && !paths_agree(trace->paths[found[group]], path))
            group++;
        if (group == n_found)
            found[n_found++] = order[i];
        representative[order[i]] = found[group];
    }
    return n_found;
}
