/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path x TTL table of a text report: what stands in a cell. */
#include "cells.h"

#include "hash.h"
#include "path.h"
#include "rows.h"
#include "traceflow/time.h"

/* A cell is as wide as the widest of its column: beyond so many responders it only counts. */
enum { CELL_RESPONDERS_MAX = 8 };

const char *tf_report_destination(const struct tf_report_options *options,
                                  const struct tf_trace *trace)
{
    const char *name = NULL;

    if (options->destination_names != NULL)
        name = g_hash_table_lookup(options->destination_names, &trace->run_id);
    return name != NULL ? name : options->destination_name;
}

const char *tf_report_name(const struct tf_report_options *options, const struct tf_addr *addr)
{
    return options->names != NULL ? g_hash_table_lookup(options->names, addr) : NULL;
}

const struct tf_asn *tf_report_asn(const struct tf_report_options *options,
                                   const struct tf_addr *addr)
{
    return options->asns != NULL ? g_hash_table_lookup(options->asns, addr) : NULL;
}

void cells_append_responder(GString *cell, const struct tf_addr *addr,
                            const struct tf_report_options *options)
{
    const char *name = tf_report_name(options, addr);
    const struct tf_asn *asn = tf_report_asn(options, addr);
    char text[TF_ADDR_TEXT_LEN];

    tf_addr_text(addr, text);
    if (name != NULL)
        g_string_append_printf(cell, "%s (%s)", name, text);
    else
        g_string_append(cell, text);
    if (asn != NULL)
        g_string_append_printf(cell, " [AS%u]", asn->number);
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

static void append_reply(GString *cell, const struct tf_observation *reply,
                         const struct tf_report_options *options)
{
    char mark[TF_MARK_LEN];
    char rtt[G_ASCII_DTOSTR_BUF_SIZE]; /* the host program's locale must not show */

    if (cell->len > 0)
        g_string_append(cell, ", ");
    cells_append_responder(cell, &reply->responder, options);
    if (tf_reply_mark(reply, mark)[0] != '\0')
        g_string_append_printf(cell, " %s", mark);
    append_labels(cell, &reply->mpls);
    if (options->rtt && reply->has_probe)
        g_string_append_printf(
            cell, " %s ms",
            g_ascii_formatd(rtt, sizeof rtt, "%.3f", (double)reply->rtt_ns / (double)TF_NS_PER_MS));
}

/* A cell that is being filled. */
struct filling {
    GString *cell;
    const struct tf_report_options *options;
    unsigned shown;
    unsigned more;
};

static void fill_reply(struct filling *filling, const struct tf_observation *reply)
{
    if (filling->shown++ < CELL_RESPONDERS_MAX)
        append_reply(filling->cell, reply, filling->options);
    else
        filling->more++;
}

static void finish_cell(const struct filling *filling, const char *if_empty, bool contradicted)
{
    if (filling->more > 0)
        g_string_append_printf(filling->cell, ", +%u", filling->more);
    if (contradicted)
        g_string_append(filling->cell, " !!");
    if (filling->cell->len == 0)
        g_string_append(filling->cell, if_empty);
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

static void fill_inferred(GString *cell, const struct tf_addr *addr,
                          const struct tf_report_options *options)
{
    g_string_append_c(cell, '~');
    cells_append_responder(cell, addr, options);
}

static void fill_cell(GString *cell, const struct tf_path *path, uint8_t ttl,
                      const struct tf_report_options *options)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    const struct tf_addr *inferred = path_inferred_at(path, ttl);
    struct filling filling = { .cell = cell, .options = options };
    if (inferred != NULL) {
        fill_inferred(cell, inferred, options);
        return;
    }

    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++)
        if (!is_repeated(hop, i))
            fill_reply(&filling, &hop->replies[i]);
    finish_cell(&filling, hop == NULL && path_was_probed(path) ? "?" : "*",
                hop != NULL && hop->contradicted);
}

static guint hash_responder(gconstpointer reply)
{
    return hash_bytes(&((const struct tf_observation *)reply)->responder, sizeof(struct tf_addr));
}

static gboolean equal_replies(gconstpointer a, gconstpointer b)
{
    return reads_alike(a, b);
}

static gint compare_responders(gconstpointer a, gconstpointer b)
{
    const struct tf_observation *const *x = a;
    const struct tf_observation *const *y = b;

    return tf_addr_compare(&(*x)->responder, &(*y)->responder);
}

/* What any of the unstable paths showed at a TTL, so that two runs are easily compared. */
static void fill_any(GString *cell, const struct tf_trace *trace, uint8_t ttl,
                     const struct tf_report_options *options)
{
    struct filling filling = { .cell = cell, .options = options };
    g_autoptr(GHashTable) seen = g_hash_table_new(hash_responder, equal_replies);
    g_autoptr(GPtrArray) replies = g_ptr_array_new();
    bool contradicted = false;

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const struct tf_hop *hop = tf_path_hop(path, ttl);
        if (!path->unstable || hop == NULL || ttl > tf_path_last_ttl(path))
            continue;
        contradicted |= hop->contradicted;
        for (size_t j = 0; j < hop->n_replies; j++)
            if (g_hash_table_add(seen, &hop->replies[j]))
                g_ptr_array_add(replies, &hop->replies[j]);
    }
    g_ptr_array_sort(replies, compare_responders);
    for (guint i = 0; i < replies->len; i++)
        fill_reply(&filling, replies->pdata[i]);
    finish_cell(&filling, "*", contradicted);
}

static bool has_unstable(const struct tf_trace *trace)
{
    for (size_t i = 0; i < trace->n_paths; i++)
        if (trace->paths[i]->unstable)
            return true;
    return false;
}

static void fill_heading(GString *cell, const struct table_row *row)
{
    g_string_printf(cell, "Path ID %u", row->path->path_id);
    if (row->others > 0)
        g_string_append_printf(cell, " (+%u)", row->others);
}

struct table *cells_new(const struct digest *digest, const struct tf_report_options *options)
{
    const struct tf_trace *trace = digest->trace;
    const struct tf_ttl_range ttls = tf_trace_ttls(trace);
    const size_t n_ttls = (size_t)(ttls.last + 1 - ttls.first);
    const bool any_row = has_unstable(trace);
    g_autoptr(GArray) rows = rows_new(trace, options->rows);
    const size_t n_rows = rows->len;
    struct table *table = table_new(n_rows + 1 + any_row, n_ttls + 1);

    g_string_assign(table_cell(table, 0, 0), "TTL:");
    for (size_t column = 1; column <= n_ttls; column++)
        g_string_printf(table_cell(table, 0, column), "%zu", ttls.first + column - 1);
    for (size_t row = 1; row <= n_rows; row++) {
        const struct table_row *shown = &g_array_index(rows, struct table_row, row - 1);
        const uint8_t last = tf_path_last_ttl(shown->path);
        fill_heading(table_cell(table, row, 0), shown);
        for (unsigned ttl = ttls.first; ttl <= last; ttl++)
            fill_cell(table_cell(table, row, ttl - ttls.first + 1), shown->path, (uint8_t)ttl,
                      options);
    }
    if (any_row)
        g_string_assign(table_cell(table, n_rows + 1, 0), "Any path");
    for (size_t column = 1; any_row && column <= n_ttls; column++)
        fill_any(table_cell(table, n_rows + 1, column), trace, (uint8_t)(ttls.first + column - 1),
                 options);
    return table;
}
