/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines around the table of a text report: whose trace it is, what it comes to, how sure. */
#ifndef TRACEFLOW_CORE_SUMMARY_H
#define TRACEFLOW_CORE_SUMMARY_H

#include "digest.h"
#include "traceflow/report.h"

/** One line above the table. */
void summary_heading(GString *out, const struct tf_trace *trace,
                     const struct tf_report_options *options);

/** One line below the table: paths, lengths, whether they reach the destination, odd replies. */
void summary_line(GString *out, const struct digest *digest);

/** One line: diamonds, how sure it is that nothing was missed, an estimate of what was. */
void summary_sure(GString *out, const struct digest *digest);

/** Append a share as percent, rounded down to one digit behind the point, and 99.9 at most. */
void summary_append_percent(GString *out, double share);

/** "udp", "tcp" or "icmp". */
const char *summary_protocol(const struct tf_trace *trace);

#endif
