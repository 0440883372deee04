/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the report. */
#include "output.h"

#include <errno.h>

#include "traceflow/error.h"
#include "traceflow/report.h"

struct output {
    const struct options *options;
    FILE *stream;
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

static void append_report(GString *text, const struct options *options,
                          const struct tf_trace_set *traces, const char *destination_name,
                          GHashTable *names)
{
    const struct tf_report_options report = {
        .destination_name = options->numeric ? NULL : destination_name,
        .names = names,
        .rtt = options->rtt,
        .dedup = options->dedup,
    };

    switch (options->format) {
    case FORMAT_VERT: tf_report_vert(text, traces, &report); return;
    case FORMAT_HORIZ: tf_report_horiz(text, traces, &report); return;
    case FORMAT_JSON: tf_report_json(text, traces, &report); return;
    }
}

bool output_report(struct output *output, const struct tf_trace_set *traces,
                   const char *destination_name, GHashTable *names, GError **error)
{
    GString *text = g_string_new(NULL);

    append_report(text, output->options, traces, destination_name, names);
    const bool written = fwrite(text->str, 1, text->len, output->stream) == text->len &&
                         fflush(output->stream) == 0;
    g_string_free(text, TRUE);
    return written || fail(output->options, error);
}
