/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistic -z traceflow,hops, and Statistics > Traceflow hops: a table with one row for each
 * path and TTL. */
#ifndef TRACEFLOW_DISSECTOR_TAP_HOPS_H
#define TRACEFLOW_DISSECTOR_TAP_HOPS_H

/** Offer it. Call once, when protocols are registered. */
void tap_hops_register(void);

#endif
