/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload of a probe, byte by byte. */
#ifndef TRACEFLOW_DISSECTOR_TAG_H
#define TRACEFLOW_DISSECTOR_TAG_H

#include "compat.h"

#include <epan/packet.h>

void tag_register(int proto);

/** Whether a UDP payload starts with the tag, or is the original tool's ten digits. Cheap: no
 * allocation. */
bool tag_present(tvbuff_t *tvb);

/** Add the payload's fields to a tree; the item is named for what it is. */
void tag_add(proto_tree *tree, tvbuff_t *tvb);

#endif
