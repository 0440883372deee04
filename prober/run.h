/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run towards one destination: its plan, its probes, and how far it is. */
#ifndef TRACEFLOW_PROBER_RUN_H
#define TRACEFLOW_PROBER_RUN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "craft.h"
#include "options.h"
#include "plan.h"
#include "resolve.h"
#include "route.h"
#include "sender.h"

struct run {
    char *text;   /* the destination as its user wrote it */
    bool is_name; /* a host name, not an address */
    struct tf_addr dst;
    struct route route;
    uint32_t run_id;
    struct craft *craft;
    struct plan *plan;
    struct sender *sender;  /* not owned */
    struct probe_spec spec; /* the last probe that was made, */
    uint8_t bytes[CRAFT_PROBE_MAX];
    size_t len;
    bool is_held;    /* and not sent yet */
    int64_t wake_ns; /* nothing to send before; a reply resets it */
    bool is_over;    /* planned to its end, or failed */
    GError *error;   /* why it ended early, or NULL */
};

/** Begin a run, with a run ID drawn; its sender is set before the first run_next. */
struct run *run_new(const struct options *options, const char *text,
                    const struct destination *destination, const struct route *route);
void run_free(struct run *run);

enum run_step {
    RUN_SENT,
    RUN_BUSY, /* the send buffer is full */
    RUN_IDLE  /* nothing to send now, or over */
};

/** Send the next probe, if there is one to send now. */
enum run_step run_next(struct run *run, int64_t now_ns);

/** Take in what a frame said about the run. */
void run_observe(struct run *run, const struct tf_observation *obs);

#endif
