/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that carry other packets. */
#ifndef TRACEFLOW_CORE_TUNNEL_H
#define TRACEFLOW_CORE_TUNNEL_H

#include "layer.h"
#include "traceflow/datagram.h"

/**
 * Move on from layer, an IP packet, into what the datagram that was decoded there carries.
 *
 * False, and layer untouched: it is no tunnel that is known, by its protocol or its UDP port, or it
 * is LAYER_STEPS_MAX deep.
 */
bool tunnel_enter(struct layer *layer, const struct tf_datagram *datagram);

#endif
