/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of the table of hops. */
#ifndef TRACEFLOW_DISSECTOR_HOP_ROW_H
#define TRACEFLOW_DISSECTOR_HOP_ROW_H

#include "compat.h"

#include <epan/stat_tap_ui.h>

#include "traceflow/trace.h"

/** Numbers that may be missing come last: tshark prints no cell behind one without a value. */
enum hop_column {
    HOP_DESTINATION,
    HOP_RUN,
    HOP_PATH,
    HOP_TTL,
    HOP_RESPONDERS,
    HOP_LABELS,
    HOP_SENT,
    HOP_ANSWERED,
    HOP_LOSS,
    HOP_RTT_MIN,
    HOP_RTT_AVERAGE,
    HOP_RTT_MAX,
    HOP_COLUMNS,
};

/** What a row is about. */
struct hop_place {
    const struct tf_trace *trace;
    const struct tf_path *path;
    const struct tf_hop *hop; /* of that path */
    uint8_t ttl;
};

/** Write the cells of a row; its texts are the row's, until hop_cell_clear. */
void hop_row_fill(stat_tap_table_item_type cells[HOP_COLUMNS], const struct hop_place *place);

/** Free what a cell holds. */
void hop_cell_clear(stat_tap_table_item_type *cell);

#endif
