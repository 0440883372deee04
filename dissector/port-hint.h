/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to think of Wireshark's "Possible traceroute". */
#ifndef TRACEFLOW_DISSECTOR_PORT_HINT_H
#define TRACEFLOW_DISSECTOR_PORT_HINT_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/observation.h"

void port_hint_register(int proto);

/** Say that the hint misleads, where Wireshark gives it. item may be NULL: infos are counted
 * without a tree, too. */
void port_hint_add(packet_info *pinfo, proto_item *item, const struct tf_observation *obs);

#endif
