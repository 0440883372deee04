/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs under way, each in its turn. */
#ifndef TRACEFLOW_PROBER_RUNS_H
#define TRACEFLOW_PROBER_RUNS_H

#include <glib.h>
#include <stdbool.h>

#include "run.h"

struct runs {
    GPtrArray *list;     /* struct run, which it owns */
    GHashTable *by_id;   /* uint32_t run ID -> struct run, which holds both */
    guint cursor;        /* whose turn it is */
    int64_t next_ns;     /* no probe before */
    int64_t interval_ns; /* between two probes, whoever's */
};

void runs_begin(struct runs *runs, int64_t interval_ns);
void runs_end(struct runs *runs);

void runs_add(struct runs *runs, struct run *run);

/** Take the run at an index out, to be freed by the caller. */
struct run *runs_take(struct runs *runs, guint index);

/** The run of that ID, or to that destination; NULL if none is under way. */
struct run *runs_find(const struct runs *runs, uint32_t run_id);
const struct run *runs_find_destination(const struct runs *runs, const struct tf_addr *dst);

/**
 * Send what may be sent now, a few probes at most, one run after the other; with debug, each is
 * told.
 *
 * Returns when to come again if no frame comes before: now_ns where there may be more, INT64_MAX
 * where nothing is under way.
 */
int64_t runs_send(struct runs *runs, int64_t now_ns, bool debug);

#endif
