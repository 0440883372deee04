/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the frames of a run prove together: core's findings, by the frames that show them. */
#ifndef TRACEFLOW_DISSECTOR_CONCLUSIONS_H
#define TRACEFLOW_DISSECTOR_CONCLUSIONS_H

#include "runs.h"
#include "traceflow/findings.h"

/** The longest run that conclusions are drawn from, in frames: its trace is built in memory, which
 * takes more than the records do. */
enum { CONCLUSIONS_FRAMES_MAX = 1 << 18 };

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
