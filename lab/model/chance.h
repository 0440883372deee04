/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All chance of a simulation: numbers from a seed, and numbers from what something is called. */
#ifndef TRACEFLOW_LAB_CHANCE_H
#define TRACEFLOW_LAB_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/** A sequence of pseudo-random numbers: splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
struct chance {
    uint64_t state;
};

/** The finalizer of splitmix64: every bit of the result depends on every bit of x. */
uint64_t chance_mix(uint64_t x);

/** The next number. */
uint64_t chance_next(struct chance *chance);

/** A number from 0 to bound - 1; bound is at least 1. */
uint32_t chance_below(struct chance *chance, uint32_t bound);

/** Whether something that happens ppm times in a million happens now. Draws only if it is
 * uncertain. */
bool chance_happens(struct chance *chance, uint32_t ppm);

/** 32 well mixed bits as a number from 0 to bound - 1. */
static inline uint32_t chance_scale(uint32_t bits, uint32_t bound)
{
    return (uint32_t)((uint64_t)bits * bound >> 32);
}

#endif
