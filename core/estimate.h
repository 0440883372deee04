/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was perhaps not seen: next hops of a node, and whole paths. */
#ifndef TRACEFLOW_CORE_ESTIMATE_H
#define TRACEFLOW_CORE_ESTIMATE_H

#include <stddef.h>

#include "traceflow/trace.h"

/**
 * How sure it is that a node has no more than the next hops that flows through it have shown, 0..1:
 * 1 - (k + 1) (k / (k + 1))^F, floor 0. The chance that one of k + 1 equal next hops gets none of F
 * flows is at most the term that is subtracted (Veitch, Augustin, Teixeira, Friedman, INFOCOM
 * 2009).
 */
double estimate_confidence(unsigned next_hops, unsigned flows);

/** How many whole paths exist, from those that were seen: by Chao's lower bound. */
struct path_count {
    size_t seen;      /* distinct stable paths */
    size_t estimated; /* at least seen: seen + f1 (f1 - 1) / (2 (f2 + 1)), of f1 paths that one flow
                       * took, and f2 that two did (Chao 1984, bias-corrected) */
};
struct path_count estimate_paths(const struct tf_trace *trace, const size_t *representative);

#endif
