/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reports: a heading, the path x TTL table, a line that sums up; then nodes and findings.
 */
#include "traceflow/report.h"

#include "cells.h"
#include "digest.h"
#include "summary.h"

/* JSON has the rest. */
enum { TTL_RUNS_SHOWN = 3, FRAMES_SHOWN = 4 };

/* The source first, then as a packet meets them. */
static gint compare_nodes(gconstpointer a, gconstpointer b)
{
    const struct node *x = *(const struct node *const *)a;
    const struct node *y = *(const struct node *const *)b;
    const int by_ttl = node_lowest_ttl(x) - node_lowest_ttl(y);
    if (x->addr.version == 0 || y->addr.version == 0)
        return (y->addr.version == 0) - (x->addr.version == 0);

    return by_ttl != 0 ? by_ttl : tf_addr_compare(&x->addr, &y->addr);
}

/* TTLs in a row at which a node answers. */
struct ttl_run {
    unsigned first; /* 0: there is none */
    unsigned last;
};

static struct ttl_run next_run(const struct node *node, unsigned ttl)
{
    while (ttl <= UINT8_MAX && !node_answers_at(node, (uint8_t)ttl))
        ttl++;
    if (ttl > UINT8_MAX)
        return (struct ttl_run){ 0 };

    struct ttl_run run = { ttl, ttl };
    while (run.last < UINT8_MAX && node_answers_at(node, (uint8_t)(run.last + 1)))
        run.last++;
    return run;
}

static void append_run(GString *cell, const struct ttl_run *run)
{
    g_string_append_printf(cell, "%s%u", cell->len > 0 ? ", " : "", run->first);
    if (run->last > run->first)
        g_string_append_printf(cell, "-%u", run->last);
}

/* "1, 3-5"; of many only the first few and the last, as a loop's would fill a line. */
static void append_ttls(GString *cell, const struct node *node)
{
    struct ttl_run run = next_run(node, 1);
    struct ttl_run end = run;
    unsigned n_runs = 0;

    for (; run.first != 0; run = next_run(node, run.last + 1)) {
        if (n_runs++ < TTL_RUNS_SHOWN)
            append_run(cell, &run);
        end = run;
    }
    if (n_runs > TTL_RUNS_SHOWN + 1)
        g_string_append(cell, ", ...");
    if (n_runs > TTL_RUNS_SHOWN)
        append_run(cell, &end);
}

/* Those on which it answered, and those that must lead there. */
static void append_flows(GString *cell, const struct node *node)
{
    g_string_append_printf(cell, "%u", node->flows);
    if (node->inferred > 0)
        g_string_append_printf(cell, " (+%u)", node->inferred);
}

static void fill_node(struct table *table, size_t row, const struct node *node,
                      const struct digest *digest, const struct tf_report_options *options)
{
    const bool is_source = node->addr.version == 0;
    GString *name = table_cell(table, row, 0);

    cells_append_responder(name, is_source ? &digest->trace->flow.src : &node->addr, options);
    if (is_source)
        g_string_append(name, " (source)");
    else if (node->is_destination)
        g_string_append(name, " (destination)");
    append_ttls(table_cell(table, row, 1), node);
    append_flows(table_cell(table, row, 2), node);
    if (node->is_end)
        return;
    g_string_printf(table_cell(table, row, 3), "%u", node->next_hops);
    g_string_printf(table_cell(table, row, 4), "%u", node->told);
    if (node_has_confidence(node))
        summary_append_percent(table_cell(table, row, 5), node->confidence);
    else
        g_string_append_c(table_cell(table, row, 5), '?');
}

static void append_nodes(GString *out, const struct digest *digest,
                         const struct tf_report_options *options)
{
    static const char *const headings[] = {
        "Node", "TTL", "Flows", "Next hops", "Shown by", "Sure"
    };
    const GArray *nodes = digest->graph->nodes;
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    struct table *table = table_new(nodes->len + 1, G_N_ELEMENTS(headings));

    for (size_t column = 0; column < G_N_ELEMENTS(headings); column++)
        g_string_assign(table_cell(table, 0, column), headings[column]);
    for (guint i = 0; i < nodes->len; i++)
        g_ptr_array_add(sorted, &g_array_index(nodes, struct node, i));
    g_ptr_array_sort(sorted, compare_nodes);
    for (guint i = 0; i < sorted->len; i++)
        fill_node(table, i + 1, sorted->pdata[i], digest, options);
    table_print(out, table, TABLE_AS_IS);
    table_free(table);
}

static void append_frames(GString *out, const struct tf_finding *finding)
{
    const guint count = MIN(finding->frames->len, FRAMES_SHOWN);
    const bool more = finding->more_frames || finding->frames->len > count;

    for (guint i = 0; i < count; i++)
        g_string_append_printf(out, "%s%" G_GUINT64_FORMAT,
                               i > 0        ? ", "
                               : count == 1 ? " (frame "
                                            : " (frames ",
                               g_array_index(finding->frames, guint64, i));
    if (count > 0)
        g_string_append(out, more ? ", ...)" : ")");
}

static void append_findings(GString *out, const struct digest *digest,
                            const struct tf_report_options *options)
{
    for (guint i = 0; i < digest->findings->len; i++) {
        const struct tf_finding *finding = digest->findings->pdata[i];
        if (i == 0)
            g_string_append(out, "\nFindings:\n");
        g_string_append(out, "  ");
        if (finding->ttl != 0)
            g_string_append_printf(out, "TTL %u", finding->ttl);
        if (finding->ttl != 0 && finding->addr.version != 0)
            g_string_append(out, ", ");
        if (finding->addr.version != 0)
            cells_append_responder(out, &finding->addr, options);
        if (finding->ttl != 0 || finding->addr.version != 0)
            g_string_append(out, ": ");
        g_string_append(out, finding->text);
        append_frames(out, finding);
        g_string_append_c(out, '\n');
    }
}

static void append_trace(GString *out, const struct tf_trace *trace,
                         const struct tf_report_options *options, enum table_layout layout)
{
    struct digest *digest = digest_new(trace);
    struct table *table = cells_new(digest, options);

    summary_heading(out, trace, options);
    table_print(out, table, layout);
    summary_line(out, digest);
    if (graph_is_answered(digest->graph)) {
        g_string_append_c(out, '\n');
        summary_sure(out, digest);
        append_nodes(out, digest, options);
    }
    append_findings(out, digest, options);
    table_free(table);
    digest_free(digest);
}

static void append_all(GString *out, const struct tf_trace_set *set,
                       const struct tf_report_options *options, enum table_layout layout)
{
    const size_t count = tf_trace_set_count(set);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            g_string_append_c(out, '\n');
        append_trace(out, tf_trace_set_get(set, i), options, layout);
    }
}

void tf_report_vert(GString *out, const struct tf_trace_set *set,
                    const struct tf_report_options *options)
{
    append_all(out, set, options, TABLE_AS_IS);
}

void tf_report_horiz(GString *out, const struct tf_trace_set *set,
                     const struct tf_report_options *options)
{
    append_all(out, set, options, TABLE_TRANSPOSED);
}

void tf_report_vert_trace(GString *out, const struct tf_trace *trace,
                          const struct tf_report_options *options)
{
    append_trace(out, trace, options, TABLE_AS_IS);
}

void tf_report_horiz_trace(GString *out, const struct tf_trace *trace,
                           const struct tf_report_options *options)
{
    append_trace(out, trace, options, TABLE_TRANSPOSED);
}
