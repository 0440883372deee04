/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items in brackets: what is concluded, rather than read at one place of the frame. */
#ifndef TRACEFLOW_DISSECTOR_GENERATED_H
#define TRACEFLOW_DISSECTOR_GENERATED_H

#include "compat.h"

#include <epan/packet.h>

static inline proto_item *generated_uint(proto_tree *tree, int hf, uint32_t value)
{
    proto_item *item = proto_tree_add_uint(tree, hf, NULL, 0, 0, value);

    proto_item_set_generated(item);
    return item;
}

/** A link to a frame; none if the frame is 0, as frames count from 1. */
static inline void generated_frame(proto_tree *tree, int hf, uint32_t frame)
{
    if (frame != 0)
        generated_uint(tree, hf, frame);
}

#endif
