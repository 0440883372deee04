/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline from frames to the trace table, and its account for --debug. */
#include "analysis.h"

#include <glib.h>

#include "debug.h"

/* With ports given, they are the ones to recognise bare quotes by, before the defaults. */
static struct tf_match_options match_options(const struct options *options)
{
    struct tf_match_options match = tf_match_defaults();

    if (options->has_bases) {
        match.bases[match.n_bases++] = match.bases[0];
        match.bases[0] = (struct tf_base_ports){ options->src_base, options->dst_base };
    }
    return match;
}

struct analysis *analysis_new(const struct options *options)
{
    const struct tf_match_options match = match_options(options);
    struct analysis *analysis = g_new0(struct analysis, 1);

    analysis->match = tf_match_new(&match);
    analysis->traces = tf_trace_set_new();
    analysis->debug = options->debug;
    return analysis;
}

void analysis_free(struct analysis *analysis)
{
    if (analysis == NULL)
        return;
    tf_match_free(analysis->match);
    tf_trace_set_free(analysis->traces);
    g_free(analysis);
}

enum tf_status analysis_match(struct analysis *analysis, const struct tf_frame *frame,
                              struct tf_observation *obs)
{
    const enum tf_status status = tf_match_frame(analysis->match, frame, obs);

    if (analysis->debug)
        debug_frame(frame, status, obs);
    return status;
}

void analysis_add(struct analysis *analysis, enum tf_status status,
                  const struct tf_observation *obs)
{
    analysis->frames++;
    if (status == TF_OK)
        tf_trace_set_add(analysis->traces, obs);
    else
        analysis->refused[status]++;
}

void analysis_pass_over(struct analysis *analysis, const struct tf_frame *frame)
{
    if (analysis->debug)
        debug_frame(frame, TF_NOT_OURS, NULL);
    analysis->frames++;
    analysis->unknown_links++;
}

bool analysis_is_answered(const struct tf_trace *trace)
{
    for (size_t i = 0; trace != NULL && i < trace->n_paths; i++)
        if (tf_path_length(trace->paths[i]) > 0 || trace->paths[i]->unplaced > 0)
            return true;
    return false;
}

char *analysis_account(const struct analysis *analysis)
{
    static const struct {
        enum tf_status status;
        const char *what;
    } reasons[] = { { TF_SHORT, "cut short" },
                    { TF_BAD, "malformed" },
                    { TF_NOT_OURS, "not ours" },
                    { TF_FORGED, "forged" } };
    const unsigned unmatched = tf_trace_set_unmatched(analysis->traces);
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%" G_GUINT64_FORMAT " frame%s", analysis->frames,
                    analysis->frames == 1 ? "" : "s");
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (analysis->refused[reasons[i].status] > 0)
            g_string_append_printf(text, ", %" G_GUINT64_FORMAT " %s",
                                   analysis->refused[reasons[i].status], reasons[i].what);
    if (analysis->unknown_links > 0)
        g_string_append_printf(text, ", %" G_GUINT64_FORMAT " of link types not supported",
                               analysis->unknown_links);
    if (unmatched > 0)
        g_string_append_printf(text, ", %u repl%s without a probe", unmatched,
                               unmatched == 1 ? "y" : "ies");
    return g_string_free(text, FALSE);
}
