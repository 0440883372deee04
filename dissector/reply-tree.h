/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the packet details that only replies have. */
#ifndef TRACEFLOW_DISSECTOR_REPLY_TREE_H
#define TRACEFLOW_DISSECTOR_REPLY_TREE_H

#include "sighting.h"

void reply_tree_register(int proto);

/** Add who answered, when, to which probe, and what of it came back. */
void reply_tree_add(proto_tree *tree, const struct sighting *sighting);

#endif
