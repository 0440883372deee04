/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tracing: send, capture, decide what to send next, and report. */
#ifndef TRACEFLOW_PROBER_LIVE_H
#define TRACEFLOW_PROBER_LIVE_H

#include "options.h"

/**
 * Trace to all destinations and report each as it ends, or what is known when an interrupt or an
 * error comes. Errors are printed.
 *
 * Returns the exit status (enum tf_exit): of several destinations the highest.
 */
int live_run(const struct options *options);

#endif
