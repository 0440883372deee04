/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Silence that lost packets explain, and silence that they do not. */
#ifndef TRACEFLOW_PROBER_PLAN_LOSS_H
#define TRACEFLOW_PROBER_PLAN_LOSS_H

#include <stdbool.h>

/**
 * The chance that a cell stays silent by loss alone: so many cells were answered, by the last of so
 * many attempts in all, where each is asked so often at most.
 */
double loss_chance(unsigned answered, unsigned tries, unsigned attempts);

/** Whether so many silent ones of some are no more than that chance makes likely. */
bool loss_explains(double chance, unsigned silent, unsigned of);

/** Whether all of so many are likely to be silent by that chance. */
bool loss_explains_all(double chance, unsigned silent);

#endif
