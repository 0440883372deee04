/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From destinations as texts to runs under way, as many as there is room for. */
#ifndef TRACEFLOW_PROBER_ADMISSION_H
#define TRACEFLOW_PROBER_ADMISSION_H

#include <glib.h>
#include <stdbool.h>

#include "delivery.h"
#include "finder.h"
#include "runs.h"
#include "target_list.h"

struct admission {
    const struct options *options;
    const struct handles *handles;
    struct target_list *list;
    struct finder *finder;
    struct delivery *delivery; /* what cannot begin is told there */
    struct runs *runs;
    GQueue held; /* struct target: another run to the same address is under way */
};

/** Destinations are the words (NULL at the end), unless options name a file. Fails with TF_EXIT_IO.
 */
bool admission_begin(struct admission *admission, char *const *words, GError **error);
void admission_end(struct admission *admission);

/** Begin what can begin now. */
void admission_step(struct admission *admission);

/** A descriptor that is readable when there are more texts, where they are wanted now; else -1. */
int admission_list_fd(const struct admission *admission);

/** Read texts from that descriptor, which is readable. */
void admission_read(struct admission *admission);

/** Whether everything has begun. */
bool admission_is_over(const struct admission *admission);

#endif
