/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expert infos: what deserves attention in a frame of ours. */
#ifndef TRACEFLOW_DISSECTOR_EXPERTS_H
#define TRACEFLOW_DISSECTOR_EXPERTS_H

#include "sighting.h"

void experts_register(int proto);

/** Add what holds of the frame to its item, which may be NULL: infos are counted without a tree,
 * too. */
void experts_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting);

#endif
