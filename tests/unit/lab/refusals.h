/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Topology files that are refused, each with its line. */
#ifndef TRACEFLOW_TESTS_REFUSALS_H
#define TRACEFLOW_TESTS_REFUSALS_H

#include <stddef.h>

struct refusal {
    const char *text;
    const char *message; /* without the file's name before it */
};

/** Check that each text is refused with exactly its message, as wrong usage. */
void check_refusals(const struct refusal *refusals, size_t count);

#endif
