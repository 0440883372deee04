/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the report goes. */
#ifndef TRACEFLOW_PROBER_OUTPUT_H
#define TRACEFLOW_PROBER_OUTPUT_H

#include <glib.h>
#include <stdbool.h>

#include "options.h"
#include "traceflow/trace.h"

struct output;

/** What a report says beside what is in packets. */
struct output_names {
    GHashTable *destinations; /* run ID -> text; NULL: none */
    GHashTable *names;        /* of responders: struct tf_addr -> text; NULL: none */
    GHashTable *asns;         /* struct tf_addr -> struct tf_asn; NULL: not asked for */
};

/** Open the file named by -o, or standard output. Fails with TF_EXIT_IO. */
struct output *output_open(const struct options *options, GError **error);

/** Close without writing; output_free(NULL) is fine. */
void output_free(struct output *output);

/**
 * Write the report of all traces, to the end, in the format that was asked for. Fails with
 * TF_EXIT_IO (a full disk, a closed pipe).
 */
bool output_traces(struct output *output, const struct tf_trace_set *traces,
                   const struct output_names *names, GError **error);

/** Whether traces can be written one after the other; a JSON document is written as a whole. */
bool output_is_stream(const struct output *output);

/** Write the report of one trace more; only if output_is_stream. */
bool output_trace(struct output *output, const struct tf_trace *trace,
                  const struct output_names *names, GError **error);

#endif
