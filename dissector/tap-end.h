/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the last of our frames has been tapped, for statistics that need all of them. */
#ifndef TRACEFLOW_DISSECTOR_TAP_END_H
#define TRACEFLOW_DISSECTOR_TAP_END_H

#include "compat.h"

#include <epan/packet.h>

/**
 * Have complete called once all frames have been tapped, and before any statistic is drawn. It may
 * be called more than once. Call with the first frame that is tapped, from its tap.
 */
void tap_end_await(void (*complete)(void), const packet_info *pinfo);

/** Nobody waits any more: what was tapped is forgotten. Not from within a draw. */
void tap_end_cancel(void);

/** Tell of each of our frames while it is being dissected, whether or not it will be tapped. */
void tap_end_frame(const packet_info *pinfo);

#endif
