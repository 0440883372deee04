/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Analysing a capture file. */
#ifndef TRACEFLOW_PROBER_REPLAY_H
#define TRACEFLOW_PROBER_REPLAY_H

#include "options.h"

/**
 * Report what the file options->read_file tells, to its last good frame. Errors are printed.
 *
 * Returns the exit status (enum tf_exit).
 */
int replay_run(const struct options *options);

#endif
