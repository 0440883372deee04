/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths a text table shows. */
#ifndef TRACEFLOW_CORE_ROWS_H
#define TRACEFLOW_CORE_ROWS_H

#include <glib.h>

#include "traceflow/report.h"

/** A path that is shown, and how many others its row stands for. */
struct table_row {
    const struct tf_path *path;
    unsigned others;
};

/** struct row, by ascending path ID; paths that are not stable have none. */
GArray *rows_new(const struct tf_trace *trace, enum tf_report_rows wanted);

#endif
