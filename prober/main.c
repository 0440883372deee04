/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: trace live, or analyse a capture; then report. */
#include <locale.h>
#include <stdio.h>

#include "analysis.h"
#include "error.h"
#include "live.h"
#include "options.h"
#include "output.h"
#include "reader.h"

static bool read_capture(const struct options *options, struct analysis *analysis, GError **error)
{
    struct reader *reader = reader_open(options->read_file, error);
    struct tf_frame frame;
    struct tf_observation obs;
    enum tf_status status = TF_BAD;

    while (reader != NULL && (status = reader_next(reader, &frame, error)) == TF_OK)
        analysis_frame(analysis, &frame, &obs);
    reader_free(reader);
    return status == TF_END;
}

/* Frames are read to the last good one, and what they tell is reported before the error. */
static bool gather(const struct options *options, struct analysis *analysis, struct output **output,
                   const char **destination_name, GError **error)
{
    if (options->read_file == NULL)
        return live_run(options, analysis, output, destination_name, error);
    *output = output_open(options, error);
    return *output != NULL && read_capture(options, analysis, error);
}

static bool has_answer(const struct tf_trace_set *traces)
{
    for (size_t i = 0; i < tf_trace_set_count(traces); i++) {
        const struct tf_trace *trace = tf_trace_set_get(traces, i);
        for (size_t j = 0; j < trace->n_paths; j++)
            if (tf_path_length(trace->paths[j]) > 0)
                return true;
    }
    return false;
}

static int conclude(const struct options *options, const struct analysis *analysis)
{
    const bool is_file = options->read_file != NULL;
    const bool is_empty = tf_trace_set_count(analysis->traces) == 0;
    g_autofree char *account = analysis_account(analysis);

    if (options->debug)
        fprintf(stderr, "captured: %s\n", account);
    if (has_answer(analysis->traces))
        return TF_EXIT_DONE;
    fprintf(stderr, "traceflow: %s: %s (%s)\n", is_file ? options->read_file : options->destination,
            is_file && is_empty ? "no probe or reply of traceflow" : "nothing answered", account);
    return TF_EXIT_NO_ANSWER;
}

static int run(const struct options *options)
{
    struct analysis *analysis = analysis_new(options);
    struct output *output = NULL;
    const char *destination_name = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) output_error = NULL;
    int status = TF_EXIT_DONE;

    gather(options, analysis, &output, &destination_name, &error);
    if (output != NULL && (error == NULL || tf_trace_set_count(analysis->traces) > 0))
        output_report(output, analysis->traces, destination_name, &output_error);
    if (output_error != NULL)
        status = tf_error_print(output_error);
    if (error != NULL)
        status = tf_error_print(error);
    if (status == TF_EXIT_DONE)
        status = conclude(options, analysis);
    output_free(output);
    analysis_free(analysis);
    return status;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* for GLib's messages; numbers look the same everywhere */
    g_autoptr(GError) error = NULL;
    struct options *options = options_parse(argc, argv, &error);
    if (options == NULL)
        return tf_error_print(error);

    const int status = run(options);
    options_free(options);
    return status;
}
