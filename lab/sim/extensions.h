/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The extension structure that a router appends to its ICMP errors. */
#ifndef TRACEFLOW_LAB_EXTENSIONS_H
#define TRACEFLOW_LAB_EXTENSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"

/**
 * Bytes of the longest structure: its header; a stack of TF_MPLS_MAX labels; an interface object of
 * index, IPv6 address, name of 63 bytes and MTU.
 */
enum { EXTENSIONS_MAX = 4 + (4 + 4 * TF_MPLS_MAX) + (4 + 4 + 20 + 64 + 4) };

/**
 * Write the RFC 4884 structure that a router's quoting asks for to buf (EXTENSIONS_MAX bytes): the
 * label stack (RFC 4950) and the interface (RFC 5837), whose address, if told, is own.
 *
 * The bottom-of-stack bits are as given. Returns its length, a multiple of 4, or 0: none is asked
 * for.
 */
size_t extensions_build(uint8_t *buf, const struct quoting *quoting, const struct tf_addr *own);

#endif
