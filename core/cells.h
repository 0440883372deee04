/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path x TTL table of a text report. */
#ifndef TRACEFLOW_CORE_CELLS_H
#define TRACEFLOW_CORE_CELLS_H

#include "digest.h"
#include "table.h"
#include "traceflow/report.h"

/** Append a responder as the tables show it: address or `name (address)`, and its AS. */
void cells_append_responder(GString *cell, const struct tf_addr *addr,
                            const struct tf_report_options *options);

/**
 * The table: row 0 and column 0 are headings; stable paths are rows, TTLs columns. Unstable paths
 * share one row, the last. table_free it.
 */
struct table *cells_new(const struct digest *digest, const struct tf_report_options *options);

#endif
