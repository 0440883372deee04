/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether losses are those of chance, or of somebody who answers only so often. */
#ifndef TRACEFLOW_CORE_BURSTS_H
#define TRACEFLOW_CORE_BURSTS_H

#include <glib.h>
#include <stdbool.h>

/** How far a sequence of struct outcome (answers.h) is from chance, in standard deviations; 0 where
 * there is too little of it. Chance alone passes 3.3 once in 2,000 times. */
struct bursts {
    double runs; /* answers and losses come in fewer runs than by chance (Wald and Wolfowitz) */
    double gaps; /* what was lost was asked sooner after an answer (Mann and Whitney) */
};
struct bursts bursts_of(const GArray *outcomes);

/**
 * Whether nobody who limits his answers, to whatever rate, behaves like that: after a loss nothing
 * was left of what may be answered, so the answers up to the next one came at the rate at least;
 * and whoever has answered and loses the next had not yet got the right to one more. Rates of more
 * than 1000 answers a second are no limits here.
 */
bool bursts_defy_limits(const GArray *outcomes);

/** Probes of one kind, and how many of them were lost. */
struct losses {
    unsigned asked;
    unsigned lost;
};

/** The chance that, of all losses of both kinds, so many or more fall on the first if each probe is
 * as likely to be lost as any other (Fisher's exact test). */
double bursts_uneven(struct losses first, struct losses second);

#endif
