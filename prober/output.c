/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the report. */
#include "output.h"

#include <errno.h>
#include <stdio.h>

#include "traceflow/error.h"
#include "traceflow/report.h"

struct output {
    const struct options *options;
    FILE *stream;
    bool has_trace; /* an empty line separates the next */
};

static bool is_stdout(const struct options *options)
{
    return options->output_file == NULL || g_strcmp0(options->output_file, "-") == 0;
}

static const char *name_of(const struct options *options)
{
    return is_stdout(options) ? "standard output" : options->output_file;
}

static bool fail(const struct options *options, GError **error)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", name_of(options), g_strerror(errno));
    return false;
}

struct output *output_open(const struct options *options, GError **error)
{
    FILE *stream = is_stdout(options) ? stdout : fopen(options->output_file, "w");
    if (stream == NULL) {
        fail(options, error);
        return NULL;
    }

    struct output *output = g_new0(struct output, 1);
    output->options = options;
    output->stream = stream;
    return output;
}

void output_free(struct output *output)
{
    if (output == NULL)
        return;
    if (output->stream != stdout)
        fclose(output->stream);
    g_free(output);
}

static struct tf_report_options report_options(const struct options *options,
                                               const struct output_names *names)
{
    return (struct tf_report_options){
        .destination_names = options->numeric ? NULL : names->destinations,
        .names = names->names,
        .asns = names->asns,
        .rtt = options->rtt,
        .rows = options->rows,
    };
}

static bool write_text(struct output *output, GString *text, GError **error)
{
    const bool written = fwrite(text->str, 1, text->len, output->stream) == text->len &&
                         fflush(output->stream) == 0;

    g_string_free(text, TRUE);
    return written || fail(output->options, error);
}

static void append_lines(GString *text, const struct tf_trace_set *traces,
                         const struct tf_report_options *report)
{
    for (size_t i = 0; i < tf_trace_set_count(traces); i++)
        tf_report_ndjson(text, tf_trace_set_get(traces, i), report);
}

bool output_traces(struct output *output, const struct tf_trace_set *traces,
                   const struct output_names *names, GError **error)
{
    const struct tf_report_options report = report_options(output->options, names);
    GString *text = g_string_new(NULL);

    switch (output->options->format) {
    case FORMAT_VERT: tf_report_vert(text, traces, &report); break;
    case FORMAT_HORIZ: tf_report_horiz(text, traces, &report); break;
    case FORMAT_JSON: tf_report_json(text, traces, &report); break;
    case FORMAT_NDJSON: append_lines(text, traces, &report); break;
    }
    return write_text(output, text, error);
}

bool output_is_stream(const struct output *output)
{
    return output->options->format != FORMAT_JSON;
}

bool output_trace(struct output *output, const struct tf_trace *trace,
                  const struct output_names *names, GError **error)
{
    const struct tf_report_options report = report_options(output->options, names);
    const bool is_table = output->options->format != FORMAT_NDJSON;
    GString *text = g_string_new(is_table && output->has_trace ? "\n" : NULL);

    if (output->options->format == FORMAT_VERT)
        tf_report_vert_trace(text, trace, &report);
    else if (output->options->format == FORMAT_HORIZ)
        tf_report_horiz_trace(text, trace, &report);
    else
        tf_report_ndjson(text, trace, &report);
    output->has_trace = true;
    return write_text(output, text, error);
}
