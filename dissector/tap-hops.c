/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z traceflow,hops[,FILTER], and Statistics > Traceflow hops: one row for each path and TTL that
 * was probed. */
/*
 * Rows are written when all frames have been tapped (tap-end.c), from core's table: so they are in
 * its order, and those that a report shows.
 *
 * There is one table, however many windows show it. Each window keeps pointers to the rows that it
 * was given, and compares them when the user sorts. So rows that are replaced are kept until
 * Wireshark has freed the table, which it does when the last window is closed.
 */
#include "tap-hops.h"

#include "compat.h"

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#include "hop-row.h"
#include "tap-end.h"
#include "traceflow/trace.h"

#define CLI_NAME    "traceflow,hops"
#define TABLE_TITLE "Hops"

static stat_tap_table_item columns[HOP_COLUMNS] = {
    [HOP_DESTINATION] = { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Destination", "%-15s" },
    [HOP_RUN] = { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Run", "%-8s" },
    [HOP_PATH] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Path", "%4u" },
    [HOP_TTL] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "TTL", "%3u" },
    [HOP_RESPONDERS] = { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Responders", "%-15s" },
    [HOP_LABELS] = { TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "MPLS labels", "%-11s" },
    [HOP_SENT] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Sent", "%4u" },
    [HOP_ANSWERED] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Answered", "%8u" },
    [HOP_LOSS] = { TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Loss %", "%6u" },
    [HOP_RTT_MIN] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Min RTT (ms)", "%12.3f" },
    [HOP_RTT_AVERAGE] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Avg RTT (ms)", "%12.3f" },
    [HOP_RTT_MAX] = { TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Max RTT (ms)", "%12.3f" },
};

static struct {
    stat_tap_table_ui *ui;    /* as Wireshark knows it */
    struct tf_trace_set *set; /* what has been tapped, until the rows are written; or NULL */
    uint32_t last_frame;      /* the last in it, and where in the file it is */
    gint64 last_offset;       /* in bytes */
    GPtrArray *replaced;      /* rows, each an array of HOP_COLUMNS cells */
} hops;

static void free_row(gpointer data)
{
    stat_tap_table_item_type *cells = data;

    for (size_t column = 0; column < HOP_COLUMNS; column++)
        hop_cell_clear(&cells[column]);
    g_free(cells);
}

static void forget(void)
{
    tap_end_cancel();
    tf_trace_set_free(hops.set);
    hops.set = NULL;
}

static void empty_table(stat_tap_table *table)
{
    for (guint row = 0; row < table->num_elements; row++)
        g_ptr_array_add(hops.replaced, table->elements[row]);
    table->num_elements = 0;
    forget();
}

static void open_table(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, TABLE_TITLE);

    hops.ui = ui;
    if (table != NULL) {
        empty_table(table);
        return;
    }
    forget();
    g_ptr_array_set_size(hops.replaced, 0);
    stat_tap_add_table(ui, stat_tap_init_table(TABLE_TITLE, HOP_COLUMNS, 0, NULL));
}

static void free_cell(stat_tap_table *table _U_, guint row _U_, guint column _U_,
                      stat_tap_table_item_type *cell)
{
    hop_cell_clear(cell);
}

static void add_path(stat_tap_table *table, const struct tf_trace *trace,
                     const struct tf_path *path)
{
    const unsigned last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        stat_tap_table_item_type cells[HOP_COLUMNS];
        const struct hop_place place = {
            .trace = trace,
            .path = path,
            .hop = tf_path_hop(path, (uint8_t)ttl),
            .ttl = (uint8_t)ttl,
        };
        if (place.hop == NULL)
            continue;
        hop_row_fill(cells, &place);
        stat_tap_init_table_row(table, table->num_elements, HOP_COLUMNS, cells);
    }
}

static void write_rows(void)
{
    stat_tap_table *table = stat_tap_find_table(hops.ui, TABLE_TITLE);
    if (hops.set == NULL || table == NULL)
        return;

    for (size_t i = 0; i < tf_trace_set_count(hops.set); i++) {
        const struct tf_trace *trace = tf_trace_set_get(hops.set, i);
        for (size_t j = 0; j < trace->n_paths; j++)
            add_path(table, trace, trace->paths[j]);
    }
    tf_trace_set_free(hops.set);
    hops.set = NULL;
}

static bool is_last(const frame_data *frame)
{
    return frame->num == hops.last_frame && frame->file_off == hops.last_offset;
}

/* Called twice for a frame where the table was asked for twice at once. But a number alone is no
 * frame: tshark -M counts from 1 again. */
static tap_packet_status add_observation(void *data _U_, packet_info *pinfo,
                                         epan_dissect_t *edt _U_, const void *tapped,
                                         tap_flags_t flags _U_)
{
    if (hops.set == NULL) {
        hops.set = tf_trace_set_new();
        tap_end_await(write_rows, pinfo);
    } else if (is_last(pinfo->fd)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    hops.last_frame = pinfo->num;
    hops.last_offset = pinfo->fd->file_off;
    tf_trace_set_add(hops.set, tapped);
    return TAP_PACKET_REDRAW;
}

/* Asked by tshark alone, and once for each -z. They would all print the one table. */
static void check_argument(const char *argument, const char **filter _U_, char **error)
{
    static bool is_used;
    const char after = argument[strlen(CLI_NAME)];

    if (after != '\0' && after != ',')
        *error = g_strdup_printf("-z %s: there is no such statistic", argument);
    else if (is_used)
        *error = g_strdup_printf("-z %s: %s can be given once only", argument, CLI_NAME);
    is_used = true;
}

static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };

static stat_tap_table_ui statistic = {
    .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
    .title = "Traceflow hops",
    .tap_name = "traceflow",
    .cli_string = CLI_NAME,
    .stat_tap_init_cb = open_table,
    .packet_func = add_observation,
    .stat_tap_reset_table_cb = empty_table,
    .stat_tap_free_table_item_cb = free_cell,
    .stat_filter_check_cb = check_argument,
    .nfields = HOP_COLUMNS,
    .fields = columns,
    .nparams = G_N_ELEMENTS(parameters),
    .params = parameters,
};

void tap_hops_register(void)
{
    hops.replaced = g_ptr_array_new_with_free_func(free_row);
    register_stat_tap_table_ui(&statistic);
}
