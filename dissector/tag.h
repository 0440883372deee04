/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload of a probe, byte by byte. */
#ifndef TRACEFLOW_DISSECTOR_TAG_H
#define TRACEFLOW_DISSECTOR_TAG_H

#include "bearer.h"

void tag_register(int proto);

/** Whether a UDP payload starts with the tag, or is the original tool's ten digits. Cheap: no
 * allocation. */
bool tag_present(tvbuff_t *tvb);

/** How many bytes of the frame, from the payload on, are of the tag, or of the digits; 0 if none.
 */
int tag_len(const struct bearer *bearer);

/** Whether the tag is there from its first byte to its last, and is that of the observation's run
 * and path. */
bool tag_is_whole(const struct bearer *bearer, const struct tf_observation *obs);

/** Say of a payload that came back, where it stands, that it did: its fields are elsewhere. */
void tag_add_returned(proto_tree *tree, tvbuff_t *tvb, bool is_quoted);

/** Add the payload's fields, as far as it goes, to a tree. */
void tag_add(proto_tree *tree, const struct bearer *bearer);

#endif
