/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Identification of a probe, whose two bytes are path ID and TTL. */
#ifndef TRACEFLOW_DISSECTOR_IDENT_H
#define TRACEFLOW_DISSECTOR_IDENT_H

#include "bearer.h"

void ident_register(int proto);

/** Once all protocols are registered. */
void ident_handoff(void);

/**
 * Find the Identification of the IP dissector that is the probe's, as captured or as quoted, and
 * name its two bytes there; and show them once more in tree, our own. root is the tree of the
 * packet. Only for an observation that has an Identification.
 */
void ident_add(proto_tree *root, proto_tree *tree, const struct bearer *bearer,
               const struct tf_observation *obs);

#endif
