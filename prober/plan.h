/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to send next: a pure engine, time and observations in, probes out. */
#ifndef TRACEFLOW_PROBER_PLAN_H
#define TRACEFLOW_PROBER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/observation.h"

struct plan_options {
    uint16_t paths;     /* path IDs 1..paths; if automatic, at most so many */
    bool automatic;     /* as many paths as statistics want, instead of just so many */
    uint8_t confidence; /* percent, if automatic: that no next hop of the network was missed */
    uint8_t first_ttl;
    uint8_t max_ttl;
    uint8_t attempts;    /* probes per path and TTL at most, while it is not answered */
    uint8_t gap_limit;   /* silent TTLs in a row, on all paths, that end the search */
    bool has_state;      /* the destination keeps state of a flow (TCP): see plan.c */
    int64_t timeout_ns;  /* how long an answer may take */
    int64_t interval_ns; /* between two probes; 0 for as fast as answers come */
    uint32_t seed;       /* of the order of probes */
};

/** One probe to send. */
struct probe_spec {
    uint16_t path_id;
    uint8_t ttl;
    uint8_t attempt;
};

enum plan_step {
    PLAN_SEND, /* *spec is to be sent now, and counts as sent */
    PLAN_WAIT, /* nothing before *until_ns, unless an observation comes */
    PLAN_DONE  /* everything is answered or given up */
};

struct plan;

/** Never NULL. */
struct plan *plan_new(const struct plan_options *options);
void plan_free(struct plan *plan);

/** The next step at a time; times never run backwards, and have any origin. */
enum plan_step plan_next(struct plan *plan, int64_t now_ns, struct probe_spec *spec,
                         int64_t *until_ns);

/** Take an observation of this run into account; those of unknown paths are ignored. */
void plan_observe(struct plan *plan, const struct tf_observation *obs);

/** What a person who watches may want to know. */
struct plan_progress {
    unsigned sent;     /* probes */
    unsigned answered; /* of them */
    unsigned waiting;  /* of them, and may still be answered */
    unsigned silent;   /* path and TTL pairs that will be asked again */
    uint16_t paths;    /* begun so far */
    uint8_t top;       /* the highest TTL that was answered; 0 for none */
};
struct plan_progress plan_progress(const struct plan *plan);

#endif
