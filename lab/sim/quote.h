/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router quotes of a packet, and what it gets wrong in it. */
#ifndef TRACEFLOW_LAB_QUOTE_H
#define TRACEFLOW_LAB_QUOTE_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"
#include "traceflow/ip.h"

/**
 * Write the quote of a packet that was decoded to *ip, at most room bytes, to buf.
 *
 * What the packet's header claims beyond its bytes, or its bytes have beyond what the header
 * claims, is not quoted. Returns the quote's length.
 */
size_t quote_build(uint8_t *buf, const struct quoting *quoting, const struct tf_ip *ip,
                   size_t room);

#endif
