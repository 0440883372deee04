/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistic -z traceflow,paths. */
#ifndef TRACEFLOW_DISSECTOR_TAP_PATHS_H
#define TRACEFLOW_DISSECTOR_TAP_PATHS_H

void tap_paths_register_plugin(void);

#endif
