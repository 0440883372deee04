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
    uint64_t refused[TF_NOT_OURS + 1]; /* frames that gave no observation, by reason */
    bool debug;
};

struct analysis *analysis_new(const struct options *options);
void analysis_free(struct analysis *analysis);

/** Take the next frame. On TF_OK *obs says what it was; otherwise it is counted by reason. */
enum tf_status analysis_frame(struct analysis *analysis, const struct tf_frame *frame,
                              struct tf_observation *obs);

/** What became of the frames, in words ("31 frames, 2 cut short, 5 not ours"); g_free() it. */
char *analysis_account(const struct analysis *analysis);

#endif
