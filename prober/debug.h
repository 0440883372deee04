/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --debug tells on standard error: every probe, every frame, and what was made of it. */
#ifndef TRACEFLOW_PROBER_DEBUG_H
#define TRACEFLOW_PROBER_DEBUG_H

#include "run.h"
#include "traceflow/match.h"
#include "traceflow/observation.h"
#include "traceflow/status.h"

/** The probe that a run has just sent, with its bytes. */
void debug_probe(const struct run *run);

/** A captured frame: its observation (if status is TF_OK), or why there is none, with its bytes. */
void debug_frame(const struct tf_frame *frame, enum tf_status status,
                 const struct tf_observation *obs);

/** A frame that is dropped, and why, with its bytes. */
void debug_dropped(const struct tf_frame *frame, const char *why);

#endif
