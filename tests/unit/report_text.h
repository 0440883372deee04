/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of text reports share. */
#ifndef TRACEFLOW_TESTS_REPORT_TEXT_H
#define TRACEFLOW_TESTS_REPORT_TEXT_H

#include <glib.h>

/** The first line of a report on a scene; ports is " 33481" or "s 33481-33482". */
#define HEADING(ports)                                                                             \
    "traceflow to 198.51.100.9 from 192.0.2.1: UDP, source port" ports                             \
    ", destination port 33480, run 1badcafe\n"

/** Cut a report to what stands before its first blank line: heading, table, summary. */
void cut_to_table(GString *report);

/** Fail, showing both, unless the texts are the same. */
void check_text(const char *name, const char *got, const char *want);

#endif
