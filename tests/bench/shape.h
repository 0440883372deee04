/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of stages of branches, as lab/kernel has them. */
#ifndef TRACEFLOW_BENCH_SHAPE_H
#define TRACEFLOW_BENCH_SHAPE_H

#include <stdint.h>

#include "topology.h"

/**
 * The network of a shape: stages separated by `/`, each number how many routers a branch has. The
 * seed is that of its routers' hashing. NULL if the shape is none.
 */
struct topology *shape_network(const char *shape, uint64_t seed);

#endif
