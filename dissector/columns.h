/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet list's Protocol and Info columns. */
#ifndef TRACEFLOW_DISSECTOR_COLUMNS_H
#define TRACEFLOW_DISSECTOR_COLUMNS_H

#include "sighting.h"

/** tree may be NULL. */
void columns_set(packet_info *pinfo, proto_tree *tree, const struct sighting *sighting);

#endif
