/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in, traces out: what live tracing and reading a file have in common. */
#ifndef TRACEFLOW_PROBER_ANALYSIS_H
#define TRACEFLOW_PROBER_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "traceflow/match.h"
#include "traceflow/trace.h"

/** All that a capture has told so far. */
struct analysis {
    struct tf_match *match;
    struct tf_trace_set *traces;
    uint64_t frames;
    uint64_t refused[TF_FORGED + 1]; /* frames that gave no observation, by reason */
    uint64_t unknown_links;          /* frames that were passed over */
    bool debug;
};

struct analysis *analysis_new(const struct options *options);
void analysis_free(struct analysis *analysis);

/** Match the next frame. On TF_OK *obs says what it was; nothing is counted yet. */
TF_MUST_CHECK enum tf_status analysis_match(struct analysis *analysis, const struct tf_frame *frame,
                                            struct tf_observation *obs);

/** Add what a frame was matched to be: to the traces, or to the counts of what gave nothing. */
void analysis_add(struct analysis *analysis, enum tf_status status,
                  const struct tf_observation *obs);

/** Count a frame of a link type that cannot be read. */
void analysis_pass_over(struct analysis *analysis, const struct tf_frame *frame);

/** Whether anything answered a trace's probes; NULL is no trace. */
bool analysis_is_answered(const struct tf_trace *trace);

/** What became of the frames, in words ("31 frames, 2 cut short, 5 not ours"); g_free() it. */
char *analysis_account(const struct analysis *analysis);

#endif
