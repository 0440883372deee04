/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to think of notes that other dissectors make of our packets. */
#ifndef TRACEFLOW_DISSECTOR_HINTS_H
#define TRACEFLOW_DISSECTOR_HINTS_H

#include "sighting.h"

void hints_register(int proto);

/** Explain the notes that mislead, where Wireshark makes them. item may be NULL: infos are counted
 * without a tree, too. */
void hints_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting);

#endif
