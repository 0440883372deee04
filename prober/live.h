/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A live run: send, capture, and decide what to send next. */
#ifndef TRACEFLOW_PROBER_LIVE_H
#define TRACEFLOW_PROBER_LIVE_H

#include <glib.h>
#include <stdbool.h>

#include "analysis.h"
#include "options.h"
#include "output.h"

/**
 * Trace to options->destination; what was captured is in *analysis, also after an interrupt or an
 * error.
 *
 * destination_name receives the name if one was given, else NULL; *output is opened before
 * privileges are dropped. Fails with the exit status of the cause: name (1), privilege (3),
 * interface, route, file (4).
 */
bool live_run(const struct options *options, struct analysis *analysis, struct output **output,
              const char **destination_name, GError **error);

#endif
