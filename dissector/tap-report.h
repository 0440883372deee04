/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistics -z traceflow,paths and -z traceflow,json: the prober's own reports. */
#ifndef TRACEFLOW_DISSECTOR_TAP_REPORT_H
#define TRACEFLOW_DISSECTOR_TAP_REPORT_H

/** Offer them. Only tshark has them: there is no window for text. Call once, from plugin_register.
 */
void tap_report_register_plugin(void);

#endif
