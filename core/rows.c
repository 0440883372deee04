/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths a text table shows: all of them, or each distinct one once. */
#include "rows.h"

#include "path.h"

/* The fewest flows by which --paths auto rules a second next hop out, at its 95 percent. */
enum { ALIKE_MIN = 6 };

static bool is_inferred_somewhere(const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++)
        if (path_inferred_at(path, (uint8_t)ttl) != NULL)
            return true;
    return false;
}

static bool is_known_alike(const struct tf_path *a, const struct tf_path *b, uint8_t ttl)
{
    const struct tf_addr *x = path_known_at(a, ttl);
    const struct tf_addr *y = path_known_at(b, ttl);
    if (x == NULL || y == NULL)
        return x == y && tf_path_hop(a, ttl) != NULL && tf_path_hop(b, ttl) != NULL &&
               path_cell(a, ttl)->n_replies == 0 && path_cell(b, ttl)->n_replies == 0;

    return tf_addr_equal(x, y);
}

static bool is_alike(const struct tf_path *a, const struct tf_path *b)
{
    const uint8_t last = tf_path_last_ttl(a);

    if (a->unstable || b->unstable || tf_path_last_ttl(b) != last)
        return false;
    for (unsigned ttl = 1; ttl <= last; ttl++)
        if (!is_known_alike(a, b, (uint8_t)ttl))
            return false;
    return true;
}

/* So many flows that a second path is unlikely, and not one of them differs: nobody reads on. */
static bool are_all_alike(const struct tf_trace *trace)
{
    for (size_t i = 1; i < trace->n_paths; i++)
        if (!is_alike(trace->paths[0], trace->paths[i]))
            return false;
    return trace->n_paths >= ALIKE_MIN;
}

/* Told by the packets, so that each reader of a capture decides alike. */
static bool wants_distinct(const struct tf_trace *trace, enum tf_report_rows wanted)
{
    if (wanted != TF_ROWS_BY_CAPTURE)
        return wanted == TF_ROWS_DISTINCT;
    for (size_t i = 0; i < trace->n_paths; i++)
        if (is_inferred_somewhere(trace->paths[i]))
            return true;
    return are_all_alike(trace);
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
