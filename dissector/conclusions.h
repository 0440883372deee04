/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the frames of a run prove together: core's findings, by the frames that show them. */
#ifndef TRACEFLOW_DISSECTOR_CONCLUSIONS_H
#define TRACEFLOW_DISSECTOR_CONCLUSIONS_H

#include "runs.h"
#include "traceflow/findings.h"

/** Conclusions are drawn from so many of a run's frames, the first: its trace is built in memory,
 * where a frame takes more than its record does. */
enum { CONCLUSIONS_FRAMES_MAX = 1 << 18 };

/** Whether a run has more frames than conclusions are drawn from. */
bool conclusions_are_partial(const struct run *run);

/**
 * Call visit for each finding of a run that names this frame.
 *
 * They are drawn from all of the run that has been read, when they are first asked for; again when
 * it has grown, but only so often that it takes a twentieth of the time, or as often as it grows by
 * a quarter. So ask only for frames that have been visited: on the first pass, every frame would
 * ask.
 */
typedef void (*conclusion_visit)(const struct tf_finding *finding, void *data);
void conclusions_visit(struct run *run, uint32_t frame, conclusion_visit visit, void *data);

#endif
