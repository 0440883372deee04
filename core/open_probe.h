/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes that are open: not answered, and not older than TF_OPEN_NS. */
#ifndef TRACEFLOW_CORE_OPEN_PROBE_H
#define TRACEFLOW_CORE_OPEN_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe_table.h"

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

/** The same of all groups of a flow, of which the newest is given; none if there are too many. */
struct open_probes open_in_flow(struct probe_group *newest, int64_t now_ns,
                                const struct probe *except);

#endif
