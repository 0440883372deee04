/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two who answer one probe, and disagree. */
#ifndef TRACEFLOW_PROBER_PLAN_DISPUTE_H
#define TRACEFLOW_PROBER_PLAN_DISPUTE_H

#include "plan_state.h"

/**
 * Take back the end of a path: the probe that was answered there went on by another's word, obs.
 * One of the two lies; what is behind shows who, so the path is followed.
 */
void plan_dispute_end(struct plan *plan, struct way *way, const struct tf_observation *obs);

#endif
