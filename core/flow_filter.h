/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows remembered in constant memory, at the price of some that are taken for remembered. */
#ifndef TRACEFLOW_CORE_FLOW_FILTER_H
#define TRACEFLOW_CORE_FLOW_FILTER_H

#include <stdbool.h>

#include "traceflow/observation.h"

/**
 * A Bloom filter of 1 MiB: a flow that was added is always found; of those that were not, after a
 * million different ones were added, about one in twenty is found, too.
 */
struct flow_filter;

struct flow_filter *flow_filter_new(void);
void flow_filter_free(struct flow_filter *filter);

void flow_filter_add(struct flow_filter *filter, const struct tf_flow *flow);
bool flow_filter_has(const struct flow_filter *filter, const struct tf_flow *flow);

#endif
