/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Silence that lost packets explain, and silence that they do not.
 *
 * Where packets are lost at random, cells are answered by their first, second, ... attempt; how
 * often each tells how many run out of attempts. A silent router leaves no such trace.
 */
#include "plan_loss.h"

#include <math.h>

enum { STEPS = 16 };

static const double doubt = 0.25; /* a try that failed unseen: a few answers prove little */
static const double deviations = 3;
static const double unlikely = 0.01;

/* The mean number of tries of those that are answered by one of so many, each with that chance. */
static double mean_tries(double chance, unsigned attempts)
{
    const double all_fail = pow(1 - chance, attempts);

    return 1 / chance - attempts * all_fail / (1 - all_fail);
}

double loss_chance(unsigned answered, unsigned tries, unsigned attempts)
{
    double low = 0.01;
    double high = 1;
    if (answered == 0 || attempts < 2)
        return 0;

    const double mean = (tries + doubt) / answered;
    for (unsigned step = 0; step < STEPS; step++) {
        const double middle = (low + high) / 2;
        if (mean_tries(middle, attempts) > mean)
            low = middle;
        else
            high = middle;
    }
    return pow(1 - low, attempts);
}

bool loss_explains(double chance, unsigned silent, unsigned of)
{
    const double expected = of * chance;

    return silent <= expected + deviations * sqrt(expected);
}

bool loss_explains_all(double chance, unsigned silent)
{
    return pow(chance, silent) > unlikely;
}
