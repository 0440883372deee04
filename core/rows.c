/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths a text table shows: all of them, or each distinct one once. */
#include "rows.h"

#include "path.h"

static bool is_inferred_somewhere(const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++)
        if (path_inferred_at(path, (uint8_t)ttl) != NULL)
            return true;
    return false;
}

/* Told by the packets, so that each reader of a capture decides alike. */
static bool wants_distinct(const struct tf_trace *trace, enum tf_report_rows wanted)
{
    if (wanted != TF_ROWS_BY_CAPTURE)
        return wanted == TF_ROWS_DISTINCT;
    for (size_t i = 0; i < trace->n_paths; i++)
        if (is_inferred_somewhere(trace->paths[i]))
            return true;
    return false;
}

static void show_themselves(const struct tf_trace *trace, size_t *shown_by)
{
    for (size_t i = 0; i < trace->n_paths; i++)
        shown_by[i] = i;
}

GArray *rows_new(const struct tf_trace *trace, enum tf_report_rows wanted)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct table_row));
    g_autofree size_t *shown_by = g_new(size_t, trace->n_paths);
    g_autofree unsigned *flows = g_new0(unsigned, trace->n_paths);

    if (wants_distinct(trace, wanted))
        tf_trace_rows(trace, shown_by);
    else
        show_themselves(trace, shown_by);
    for (size_t i = 0; i < trace->n_paths; i++)
        if (!trace->paths[i]->unstable)
            flows[shown_by[i]]++;
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct table_row row = { .path = trace->paths[i], .others = flows[i] - 1 };
        if (!row.path->unstable && flows[i] > 0)
            g_array_append_val(rows, row);
    }
    return rows;
}
