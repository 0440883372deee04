/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sees what is said of a frame. */
#ifndef TRACEFLOW_DISSECTOR_ONLOOKERS_H
#define TRACEFLOW_DISSECTOR_ONLOOKERS_H

#include "compat.h"

#include <epan/packet.h>

/**
 * Whether expert infos of the frame under dissection are seen: in the packet details, in a
 * statistic or in a column. item is what they would be added to; NULL if there is no tree.
 */
bool onlookers_of_experts(const packet_info *pinfo, const proto_item *item);

#endif
