/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reports: a heading, the path x TTL table, a line that sums up. */
#include "traceflow/report.h"

#include "table.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* A cell is as wide as the widest of its column: beyond so many responders it only counts. */
enum { CELL_RESPONDERS_MAX = 8 };

struct summary {
    size_t distinct;
    size_t reached;
    uint8_t shortest; /* of the paths that were answered at all */
    uint8_t longest;
    unsigned unplaced;
    unsigned duplicates;
};

static const char *protocol_name(uint16_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_UDP: return "UDP";
    case TF_IP_PROTO_TCP: return "TCP";
    default: return "ICMP";
    }
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

const char *tf_report_destination(const struct tf_report_options *options,
                                  const struct tf_trace *trace)
{
    const char *name = NULL;

    if (options->destination_names != NULL)
        name = g_hash_table_lookup(options->destination_names, GUINT_TO_POINTER(trace->run_id));
    return name != NULL ? name : options->destination_name;
}

static void append_heading(GString *out, const struct tf_trace *trace,
                           const struct tf_report_options *options)
{
    const uint16_t first_port = trace->paths[0]->flow.src_port;
    const uint16_t last_port = trace->paths[trace->n_paths - 1]->flow.src_port;
    char dst[TF_ADDR_TEXT_LEN];
    char src[TF_ADDR_TEXT_LEN];

    const char *name = tf_report_destination(options, trace);

    tf_addr_text(&trace->flow.dst, dst);
    g_string_append(out, "traceflow to ");
    if (name != NULL)
        g_string_append_printf(out, "%s (%s)", name, dst);
    else
        g_string_append(out, dst);
    g_string_append_printf(out, " from %s: %s, source port%s %u",
                           tf_addr_text(&trace->flow.src, src), protocol_name(trace->flow.protocol),
                           plural(trace->n_paths), first_port);
    if (last_port != first_port)
        g_string_append_printf(out, "-%u", last_port);
    g_string_append_printf(out, ", destination port %u", trace->flow.dst_port);
    if (trace->has_run_id)
        g_string_append_printf(out, ", run %08x", trace->run_id);
    g_string_append_c(out, '\n');
}

static void append_labels(GString *cell, const struct tf_mpls_stack *stack)
{
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        g_string_append_printf(cell, "%s%u", i == 0 ? " [MPLS " : "/", stack->entry[i].label);
    if (stack->depth > TF_MPLS_MAX)
        g_string_append(cell, "/...");
    if (stack->depth > 0)
        g_string_append_c(cell, ']');
}

const char *tf_report_name(const struct tf_report_options *options, const struct tf_addr *addr)
{
    return options->names != NULL ? g_hash_table_lookup(options->names, addr) : NULL;
}

static void append_responder(GString *cell, const struct tf_addr *addr,
                             const struct tf_report_options *options)
{
    const char *name = tf_report_name(options, addr);
    char text[TF_ADDR_TEXT_LEN];

    tf_addr_text(addr, text);
    if (name != NULL)
        g_string_append_printf(cell, "%s (%s)", name, text);
    else
        g_string_append(cell, text);
}

static void append_reply(GString *cell, const struct tf_observation *reply,
                         const struct tf_report_options *options)
{
    char mark[TF_MARK_LEN];
    char rtt[G_ASCII_DTOSTR_BUF_SIZE]; /* the host program's locale must not show */

    if (cell->len > 0)
        g_string_append(cell, ", ");
    append_responder(cell, &reply->responder, options);
    if (tf_reply_mark(reply, mark)[0] != '\0')
        g_string_append_printf(cell, " %s", mark);
    append_labels(cell, &reply->mpls);
    if (options->rtt && reply->has_probe)
        g_string_append_printf(
            cell, " %s ms",
            g_ascii_formatd(rtt, sizeof rtt, "%.3f", (double)reply->rtt_ns / (double)TF_NS_PER_MS));
}

static bool reads_alike(const struct tf_observation *a, const struct tf_observation *b)
{
    char mark_a[TF_MARK_LEN];
    char mark_b[TF_MARK_LEN];

    return tf_addr_equal(&a->responder, &b->responder) &&
           g_strcmp0(tf_reply_mark(a, mark_a), tf_reply_mark(b, mark_b)) == 0;
}

/* Whether an earlier reply of this hop has said the same. */
static bool is_repeated(const struct tf_hop *hop, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (reads_alike(&hop->replies[i], &hop->replies[index]))
            return true;
    return false;
}

static void fill_cell(GString *cell, const struct tf_path *path, uint8_t ttl,
                      const struct tf_report_options *options)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    unsigned shown = 0;
    unsigned more = 0;
    if (ttl > tf_path_last_ttl(path))
        return;

    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
        if (is_repeated(hop, i))
            continue;
        if (shown++ < CELL_RESPONDERS_MAX)
            append_reply(cell, &hop->replies[i], options);
        else
            more++;
    }
    if (more > 0)
        g_string_append_printf(cell, ", +%u", more);
    if (cell->len == 0)
        g_string_append_c(cell, '*');
}

/* Row 0 and column 0 are headings; paths are rows, TTLs columns. */
static struct table *build_table(const struct tf_trace *trace, const size_t *rows, size_t n_rows,
                                 const struct tf_report_options *options)
{
    const struct tf_ttl_range ttls = tf_trace_ttls(trace);
    const size_t n_ttls = (size_t)(ttls.last + 1 - ttls.first);
    struct table *table = table_new(n_rows + 1, n_ttls + 1);

    g_string_assign(table_cell(table, 0, 0), "TTL:");
    for (size_t column = 1; column <= n_ttls; column++)
        g_string_printf(table_cell(table, 0, column), "%zu", ttls.first + column - 1);
    for (size_t row = 1; row <= n_rows; row++) {
        const struct tf_path *path = trace->paths[rows[row - 1]];
        g_string_printf(table_cell(table, row, 0), "Path ID %u", path->path_id);
        for (size_t column = 1; column <= n_ttls; column++)
            fill_cell(table_cell(table, row, column), path, (uint8_t)(ttls.first + column - 1),
                      options);
    }
    return table;
}

/* The indices of the paths to show, in ascending order; returns how many. */
static size_t choose_rows(const struct tf_trace *trace, const size_t *representative,
                          const struct tf_report_options *options, size_t *rows)
{
    size_t n_rows = 0;

    for (size_t i = 0; i < trace->n_paths; i++)
        if (!options->dedup || representative[i] == i)
            rows[n_rows++] = i;
    return n_rows;
}

static unsigned count_duplicates(const struct tf_path *path)
{
    unsigned count = 0;

    for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
        for (size_t i = 0; i < path->hops[ttl].n_replies; i++)
            count += path->hops[ttl].replies[i].duplicate;
        count += path->hops[ttl].omitted;
    }
    return count;
}

static struct summary sum_up(const struct tf_trace *trace, size_t distinct)
{
    struct summary summary = { .distinct = distinct, .shortest = UINT8_MAX };

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t length = tf_path_length(path);
        if (length > 0) {
            summary.shortest = MIN(summary.shortest, length);
            summary.longest = MAX(summary.longest, length);
        }
        summary.reached += tf_path_reached(path);
        summary.unplaced += path->unplaced;
        summary.duplicates += count_duplicates(path);
    }
    return summary;
}

static void append_lengths(GString *out, const struct summary *summary)
{
    if (summary->longest == 0)
        g_string_append(out, ", no answer");
    else if (summary->shortest == summary->longest)
        g_string_append_printf(out, ", %u hop%s", summary->longest, plural(summary->longest));
    else
        g_string_append_printf(out, ", %u to %u hops", summary->shortest, summary->longest);
}

static void append_reached(GString *out, size_t reached, size_t n_paths)
{
    if (reached == 0)
        g_string_append(out, ", the destination did not answer");
    else if (reached < n_paths)
        g_string_append_printf(out, ", %zu of %zu reach%s the destination", reached, n_paths,
                               reached == 1 ? "es" : "");
    else
        g_string_append_printf(out, ", %s the destination", n_paths == 1 ? "reaches" : "all reach");
}

static void append_summary(GString *out, const struct tf_trace *trace, size_t distinct)
{
    const struct summary summary = sum_up(trace, distinct);

    g_string_append_printf(out, "%zu path%s, %zu distinct", trace->n_paths, plural(trace->n_paths),
                           summary.distinct);
    append_lengths(out, &summary);
    append_reached(out, summary.reached, trace->n_paths);
    if (summary.duplicates > 0)
        g_string_append_printf(out, ", %u duplicate repl%s", summary.duplicates,
                               summary.duplicates == 1 ? "y" : "ies");
    if (summary.unplaced > 0)
        g_string_append_printf(out, ", %u repl%s of unknown TTL", summary.unplaced,
                               summary.unplaced == 1 ? "y" : "ies");
    g_string_append_c(out, '\n');
}

static void append_trace(GString *out, const struct tf_trace *trace,
                         const struct tf_report_options *options, enum table_layout layout)
{
    g_autofree size_t *representative = g_new(size_t, trace->n_paths);
    g_autofree size_t *rows = g_new(size_t, trace->n_paths);
    const size_t distinct = tf_trace_distinct(trace, representative);
    const size_t n_rows = choose_rows(trace, representative, options, rows);
    struct table *table = build_table(trace, rows, n_rows, options);

    append_heading(out, trace, options);
    table_print(out, table, layout);
    append_summary(out, trace, distinct);
    table_free(table);
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
