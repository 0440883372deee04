/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers that a probe's headers bear, besides the Identification. */
#ifndef TRACEFLOW_DISSECTOR_NUMBERS_H
#define TRACEFLOW_DISSECTOR_NUMBERS_H

#include "bearer.h"

void numbers_register(int proto);

/**
 * Add what the frame's headers hold of a probe's numbers: IPv6's flow label, an echo's or SYN's
 * sequence number, the key, the time stamp that is the run ID.
 */
void numbers_add(proto_tree *tree, const struct bearer *bearer, const struct tf_observation *obs);

#endif
