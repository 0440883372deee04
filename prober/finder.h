/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Destinations' addresses, many at a time: a slow name delays no other. */
#ifndef TRACEFLOW_PROBER_FINDER_H
#define TRACEFLOW_PROBER_FINDER_H

#include <glib.h>
#include <stdint.h>

#include "resolve.h"

struct finder;

/** What a text was found to be. */
struct target {
    char *text;
    struct destination destination;
    GError *error; /* why there is no destination, or NULL */
};
void target_free(struct target *target);

/** version as in resolve_destination. Threads are first made by finder_ask; fails with TF_EXIT_IO.
 */
struct finder *finder_new(uint8_t version, GError **error);

/** What is under way is given up, without waiting for it; finder_free(NULL) is fine. */
void finder_free(struct finder *finder);

/** Look a text up, which it takes over. */
void finder_ask(struct finder *finder, char *text);

/** The next that is found, or known not to be; NULL if there is none now. */
struct target *finder_take(struct finder *finder);

/** How many were asked for and not yet taken. */
unsigned finder_open(const struct finder *finder);

/** A descriptor that is readable when there is something to take. */
int finder_fd(const struct finder *finder);

#endif
