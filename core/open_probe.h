/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes that are open: not answered, and not older than TF_OPEN_NS. */
#ifndef TRACEFLOW_CORE_OPEN_PROBE_H
#define TRACEFLOW_CORE_OPEN_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe_table.h"

bool probe_is_open(const struct probe *probe, int64_t now_ns);

/** The open probes among some, as far as a reply that names none of them is concerned. */
struct open_probes {
    unsigned n;
    bool differ;               /* in TTL or run: they cannot be meant all alike */
    struct probe_group *group; /* of the newest */
    struct probe *newest;      /* if n > 0 */
};

/** The open probes of one group at now_ns; except is left out. */
struct open_probes open_in_group(struct probe_group *group, int64_t now_ns,
                                 const struct probe *except);

/**
 * The same of a flow, whose newest group is given: of its newest groups, twice as many as a run has
 * attempts.
 */
struct open_probes open_in_flow(struct probe_group *newest, int64_t now_ns,
                                const struct probe *except);

/**
 * Whether, as far as a group's own TTLs tell, the capture holds all of its path's probes: each
 * attempt of a TTL has those before it, among the flow's newest groups.
 */
bool attempts_are_gapless(const struct probe_group *group);

/**
 * The attempts of one TTL of an echo's path, whose headers are the same; newest is the newest of
 * their groups. Those that are open, or, if none is, all of them.
 */
struct open_probes open_attempts(struct probe_group *newest, uint8_t ttl, int64_t now_ns);

#endif
