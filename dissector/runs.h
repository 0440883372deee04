/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of the open capture file, and the frames of each. */
#ifndef TRACEFLOW_DISSECTOR_RUNS_H
#define TRACEFLOW_DISSECTOR_RUNS_H

#include "record.h"

struct conclusions;

/** What trace.h makes one trace of. */
struct run {
    const struct tf_flow *flow; /* of its first frame */
    uint32_t run_id;
    bool has_run_id;
    bool any_probe;
    uint32_t n_frames;
    struct record *first;
    struct record *last;
    struct conclusions *conclusions; /* conclusions.h; NULL as long as nobody has asked */
};

/** Call once, at registration. */
void runs_register(void);

/** A file is opened, or dissected anew. */
void runs_open(void);

/** Whether the file holds probes, of whichever run. */
bool runs_any_probe(void);

/** Append a record to its run, which is made if it is the first. run_id is that of the observation,
 * if it has one. */
void runs_add(struct record *record, uint32_t run_id);

#endif
