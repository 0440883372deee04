/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's command line as one struct. */
#ifndef TRACEFLOW_LAB_OPTIONS_H
#define TRACEFLOW_LAB_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "truth.h"

enum lab_action { LAB_RUN, LAB_CHECK, LAB_TRUTH, LAB_DOT };

struct lab_options {
    enum lab_action action;
    char *topology; /* as given: a file, or the name of a topology that comes with the program */
    char **command; /* NULL at the end, never empty; LAB_RUN only */
    bool has_seed;
    uint64_t seed;
    char *to;
    struct truth_query truth; /* LAB_TRUTH only; its `to` is the one above */
};

/**
 * Parse and check a command line. --help and --version print and exit. All behind `--` is the
 * command; without one it is the user's shell ($SHELL).
 *
 * Returns the options, to be freed with lab_options_free, or NULL and an error (TF_EXIT_USAGE).
 */
struct lab_options *lab_options_parse(int argc, char **argv, GError **error);
void lab_options_free(struct lab_options *options);

#endif
