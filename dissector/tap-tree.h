/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistic -z traceflow,tree, and Statistics > Traceflow replies. */
#ifndef TRACEFLOW_DISSECTOR_TAP_TREE_H
#define TRACEFLOW_DISSECTOR_TAP_TREE_H

/** Offer it. Call once, when protocols are registered. */
void tap_tree_register(void);

#endif
