/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From finished runs to their reports: each waits for the names of its responders only. */
#ifndef TRACEFLOW_PROBER_DELIVERY_H
#define TRACEFLOW_PROBER_DELIVERY_H

#include <glib.h>
#include <stdbool.h>

#include "analysis.h"
#include "handles.h"
#include "options.h"
#include "progress.h"
#include "run.h"

struct delivery {
    const struct options *options;
    const struct handles *handles;
    struct analysis *analysis;
    struct progress *progress; /* its line goes before something is printed */
    struct lookups_found found;
    GHashTable *destination_names; /* uint32_t run ID -> text, as users wrote them */
    GQueue waiting;                /* struct finished */
    bool is_broken;                /* a report could not be written: no other is tried */
    unsigned done;
    int status; /* the highest of all runs: enum tf_exit */
};

void delivery_begin(struct delivery *delivery);
void delivery_end(struct delivery *delivery);

/** Take a run that is over; it is freed, and soon reported. */
void delivery_add(struct delivery *delivery, struct run *run);

/** A destination that could not even be begun: its error, which is freed, is its report. */
void delivery_refuse(struct delivery *delivery, GError *reason);

/** Report what is ready. Fails with TF_EXIT_IO where a report cannot be written. */
bool delivery_step(struct delivery *delivery, GError **error);

/** Wait for names as long as they may take, report all that is left, and end the document. */
bool delivery_finish(struct delivery *delivery, GError **error);

#endif
