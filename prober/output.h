/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the report goes. */
#ifndef TRACEFLOW_PROBER_OUTPUT_H
#define TRACEFLOW_PROBER_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "options.h"
#include "traceflow/trace.h"

struct output;

/** Open the file named by -o, or standard output. Fails with TF_EXIT_IO. */
struct output *output_open(const struct options *options, GError **error);

/** Close without writing; output_free(NULL) is fine. */
void output_free(struct output *output);

/**
 * Write the report in the format that was asked for, to the end; destination_name and names (of
 * responders, reverse.h) may be NULL.
 * Fails with TF_EXIT_IO (a full disk, a closed pipe).
 */
bool output_report(struct output *output, const struct tf_trace_set *traces,
                   const char *destination_name, GHashTable *names, GError **error);

#endif
