/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of a few lines under a simulated clock, to run the plan against. */
#ifndef TRACEFLOW_TESTS_NETWORK_H
#define TRACEFLOW_TESTS_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

enum { NETWORK_PATHS_MAX = 255, NETWORK_TTL_MAX = 255 };

/** What a path's TTLs are. Path IDs count from 1. */
struct network {
    uint8_t length;      /* the destination's TTL, 0: there is none */
    uint8_t more_on_odd; /* … of paths with an odd ID, so much more */
    bool silent_end;     /* the destination does not answer */
    uint8_t silent_from; /* routers of TTLs silent_from to silent_to do not answer; 0: all do */
    uint8_t silent_to;
    bool all_silent;
    int64_t delay_ns;  /* of the answer, for each TTL */
    unsigned bucket;   /* ICMP errors that a router sends at once; 0: as many as it is asked for */
    int64_t token_ns;  /* time for a further one */
    uint16_t dead_end; /* this path ID ends with Host Unreachable at TTL 2; 0: none */
    bool ttl_unknown;  /* answers say their TTL only where one probe of the path is out */
};

/** What the plan did. */
struct run {
    bool done;       /* PLAN_DONE came, and no answer was on its way */
    bool moved_back; /* PLAN_WAIT until a time that had passed */
    unsigned steps;  /* calls of plan_next */
    unsigned sent;
    int64_t ended_ns;   /* simulated time; the run begins at 0 */
    int64_t closest_ns; /* shortest time between two probes */
    unsigned most_out;  /* most probes of one path unanswered, and not timed out, at once */
    uint8_t attempts[NETWORK_PATHS_MAX + 1][NETWORK_TTL_MAX + 1];
    bool answered[NETWORK_PATHS_MAX + 1][NETWORK_TTL_MAX + 1];
};

/** Defaults of the program: 8 paths, TTL 1 to 64, 3 attempts, gap limit 8, timeout 1 s, adaptive
 * pace. */
struct plan_options default_plan(void);

/** The TTL at which a path of the network ends. */
uint8_t network_end(const struct network *network, uint16_t path_id);

/** Run a plan to its end, or until it has taken too many steps. */
void network_run(const struct network *network, const struct plan_options *options,
                 struct run *run);

#endif
