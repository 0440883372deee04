/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that have no origin in the routing of the Internet. */
#ifndef TRACEFLOW_PROBER_SPECIAL_H
#define TRACEFLOW_PROBER_SPECIAL_H

#include <stdbool.h>

#include "traceflow/addr.h"

/**
 * Whether an address is of special purpose (the IANA registries of RFC 6890): private, shared,
 * link-local, loopback, documentation, benchmarking, multicast, reserved; for IPv6 all that is not
 * global unicast, and what embeds an IPv4 address (6to4, Teredo), which may be a private one.
 */
bool addr_is_special(const struct tf_addr *addr);

#endif
