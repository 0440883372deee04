/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expert infos of what a whole run proves: one for each kind of finding. */
#ifndef TRACEFLOW_DISSECTOR_EXPERTS_RUN_H
#define TRACEFLOW_DISSECTOR_EXPERTS_RUN_H

#include <epan/expert.h>

#include "sighting.h"

void experts_run_register(expert_module_t *module);

/** Add the findings that name the frame, which has been visited, if a single frame's own expert
 * infos do not say the same. */
void experts_run_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting);

#endif
