/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol's part of the packet details. */
#ifndef TRACEFLOW_DISSECTOR_TREE_H
#define TRACEFLOW_DISSECTOR_TREE_H

#include "record.h"
#include "sighting.h"

/** Register all fields. */
void tree_register(int proto);

/** Once all protocols are registered. */
void tree_handoff(void);

/**
 * Add an item where the payload is: of a probe, the protocol's own, without any field, which is
 * returned for tree_add; of a reply, one that says no more than what it is, and NULL is returned.
 * Wireshark takes a dissector that adds no item for one that has declined.
 */
proto_item *tree_add_payload(proto_tree *tree, tvbuff_t *tvb, const struct record *record);

/**
 * Fill the protocol's item, or one of its own at the end of the tree if that is NULL, with the
 * fields and expert infos of the frame. tree may be NULL: expert infos are counted all the same.
 */
void tree_add(proto_tree *tree, proto_item *item, packet_info *pinfo,
              const struct sighting *sighting);

#endif
