/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with each captured frame: whose it is, kept, matched, told to its run. */
#ifndef TRACEFLOW_PROBER_INTAKE_H
#define TRACEFLOW_PROBER_INTAKE_H

#include <glib.h>

#include "analysis.h"
#include "capture.h"
#include "lookups.h"
#include "record.h"
#include "runs.h"

struct intake {
    struct analysis *analysis;
    struct runs *runs;
    struct record *record;   /* NULL: the capture is not kept */
    struct lookups *lookups; /* NULL: nothing is looked up */
    GError *record_error;    /* the first failure to keep a frame; tracing goes on */
};

/**
 * Take a captured frame; data is the intake.
 *
 * What belongs to no run that is under way is dropped: another prober beside this one adds nothing
 * to a report, nor to a file. Frames are numbered as they are kept.
 */
void intake_take(const struct captured *captured, void *data);

#endif
