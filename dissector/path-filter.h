/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversation Filter > Traceflow path. */
#ifndef TRACEFLOW_DISSECTOR_PATH_FILTER_H
#define TRACEFLOW_DISSECTOR_PATH_FILTER_H

/** Offer it. Call once, when protocols are registered. */
void path_filter_register(void);

#endif
