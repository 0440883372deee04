/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: trace live, or analyse a capture; then report. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "analysis.h"
#include "live.h"
#include "lookups.h"
#include "options.h"
#include "output.h"
#include "privileges.h"
#include "reader.h"

#include "traceflow/error.h"

/* How long the names of responders may take, all together. */
enum { NAMES_MS = 2000 };

/* Frames are read to the last good one, and what they tell is reported before the error. */
static bool read_capture(const struct options *options, struct analysis *analysis,
                         struct output **output, GError **error)
{
    struct reader *reader = reader_open(options->read_file, error);
    struct tf_frame frame;
    struct tf_observation obs;
    enum tf_status status = TF_BAD;
    if (reader == NULL)
        return false;

    *output = output_open(options, error);
    while (*output != NULL && (status = reader_next(reader, &frame, error)) == TF_OK)
        analysis_frame(analysis, &frame, &obs);
    reader_free(reader);
    return status == TF_END;
}

static bool gather(const struct options *options, struct analysis *analysis, struct output **output,
                   const char **destination_name, GError **error)
{
    if (options->read_file != NULL)
        return read_capture(options, analysis, output, error);
    return live_run(options, analysis, output, destination_name, error);
}

static bool has_answer(const struct tf_trace_set *traces)
{
    for (size_t i = 0; i < tf_trace_set_count(traces); i++) {
        const struct tf_trace *trace = tf_trace_set_get(traces, i);
        for (size_t j = 0; j < trace->n_paths; j++)
            if (tf_path_length(trace->paths[j]) > 0 || trace->paths[j]->unplaced > 0)
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
    tf_note("%s: %s (%s)", is_file ? options->read_file : options->destination,
            is_file && is_empty ? "no probe or reply of traceflow" : "nothing answered", account);
    return TF_EXIT_NO_ANSWER;
}

/* A capture's names are not looked up: whoever reads it may be elsewhere, years later, or secretly.
 */
static void report(const struct options *options, const struct tf_trace_set *traces,
                   const char *destination_name, struct output *output, GError **error)
{
    const struct lookups_settings settings = { .names = true, .timeout_ms = NAMES_MS };
    struct lookups_found found = { 0 };

    if (!options->numeric && options->read_file == NULL) {
        struct lookups *lookups = lookups_new(&settings, NULL);
        lookups_wait(lookups, traces, &found);
        lookups_free(lookups);
    }
    output_report(output, traces, destination_name, found.names, error);
    lookups_found_clear(&found);
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
        report(options, analysis->traces, destination_name, output, &output_error);
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
    g_autoptr(GError) error = NULL;

    g_set_prgname("traceflow");
    tf_reserve_standard_streams();
    setlocale(LC_CTYPE, "");  /* for GLib's messages; numbers look the same everywhere */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a file at its limit are errors of the write */
    signal(SIGXFSZ, SIG_IGN);
    struct options *options = privileges_refuse_setid(&error) ? options_parse(argc, argv, &error)
                                                              : NULL;
    if (options == NULL)
        return tf_error_print(error);

    const int status = run(options);
    options_free(options);
    return status;
}
