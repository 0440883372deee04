/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture file in, the reports of its traces out. */
#include "replay.h"

#include <stdio.h>

#include "analysis.h"
#include "lookups.h"
#include "output.h"
#include "reader.h"
#include "traceflow/error.h"
#include "traceflow/link.h"

/* How long the origin of a responder may take. */
enum { LOOKUP_MS = 2000 };

static bool read_frames(struct reader *reader, struct analysis *analysis, GError **error)
{
    struct tf_frame frame;
    struct tf_observation obs;
    enum tf_status status = TF_BAD;

    while ((status = reader_next(reader, &frame, error)) == TF_OK)
        if (tf_link_known(frame.linktype))
            analysis_add(analysis, analysis_match(analysis, &frame, &obs), &obs);
        else
            analysis_pass_over(analysis, &frame);
    return status == TF_END;
}

/* A capture's names are not looked up: whoever reads it may be elsewhere, years later, or secretly.
 * Origins are, for whoever asks for them. */
static bool report(const struct options *options, const struct tf_trace_set *traces,
                   struct output *output, GError **error)
{
    const struct lookups_settings settings = {
        .asns = true,
        .asn_server = options->asn_server,
        .asn_zone = options->asn_zone,
        .asn_db = options->asn_db,
        .timeout_ms = LOOKUP_MS,
    };
    struct lookups_found found = { 0 };

    if (options->asn) {
        struct lookups *lookups = lookups_new(&settings, error);
        if (lookups == NULL)
            return false;
        lookups_wait(lookups, traces, &found);
        lookups_free(lookups);
    }
    const struct output_names names = { .asns = found.asns };
    const bool ok = output_traces(output, traces, &names, error);
    lookups_found_clear(&found);
    return ok;
}

static int conclude(const struct options *options, const struct analysis *analysis)
{
    const bool is_empty = tf_trace_set_count(analysis->traces) == 0;
    g_autofree char *account = analysis_account(analysis);

    if (options->debug)
        fprintf(stderr, "captured: %s\n", account);
    for (size_t i = 0; i < tf_trace_set_count(analysis->traces); i++)
        if (analysis_is_answered(tf_trace_set_get(analysis->traces, i)))
            return TF_EXIT_DONE;
    tf_note("%s: %s (%s)", options->read_file,
            is_empty ? "no probe or reply of traceflow" : "nothing answered", account);
    return TF_EXIT_NO_ANSWER;
}

static int analyse(const struct options *options, struct reader *reader, struct output *output)
{
    struct analysis *analysis = analysis_new(options);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) output_error = NULL;
    int status = TF_EXIT_DONE;

    const bool is_whole = read_frames(reader, analysis, &error);
    if ((is_whole || tf_trace_set_count(analysis->traces) > 0) &&
        !report(options, analysis->traces, output, &output_error))
        status = tf_error_print(output_error);
    if (!is_whole)
        status = tf_error_print(error);
    if (status == TF_EXIT_DONE)
        status = conclude(options, analysis);
    analysis_free(analysis);
    return status;
}

int replay_run(const struct options *options)
{
    g_autoptr(GError) error = NULL;
    struct reader *reader = reader_open(options->read_file, &error);
    struct output *output = reader != NULL ? output_open(options, &error) : NULL;

    const int status = output != NULL ? analyse(options, reader, output) : tf_error_print(error);
    output_free(output);
    reader_free(reader);
    return status;
}
