/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user may set. */
#ifndef TRACEFLOW_DISSECTOR_PREFERENCES_H
#define TRACEFLOW_DISSECTOR_PREFERENCES_H

#include "traceflow/match.h"

/** Register the preferences of the protocol; returns what follows them, which lives for ever. */
const struct tf_match_options *preferences_register(int proto);

#endif
