/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of stages of branches, as lab/kernel has them, for the simulator. */
#ifndef TRACEFLOW_BENCH_SHAPE_H
#define TRACEFLOW_BENCH_SHAPE_H

#include <stdint.h>

/**
 * The topology file of a shape: stages separated by `/`, each number how many routers a branch has.
 * The seed is that of its routers' hashing. Freed with g_free.
 */
char *shape_text(const char *shape, uint64_t seed);

#endif
