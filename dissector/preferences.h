/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user may set. */
#ifndef TRACEFLOW_DISSECTOR_PREFERENCES_H
#define TRACEFLOW_DISSECTOR_PREFERENCES_H

#include "compat.h"

#include "traceflow/match.h"

/** Register the preferences of the protocol. */
void preferences_register(int proto);

/** How packets without a tag are recognised. */
struct tf_match_options preferences_match_options(void);

/** How long an answer may take; 0: for ever. */
int64_t preferences_timeout_ns(void);

/** Whether to look at frames that no layer has recognised as a probe's. */
bool preferences_every_frame(void);

#endif
