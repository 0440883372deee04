/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link address of a neighbour, from the kernel's table (RFC 826, RFC 4861). */
#ifndef TRACEFLOW_PROBER_NEIGHBOUR_H
#define TRACEFLOW_PROBER_NEIGHBOUR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "traceflow/addr.h"
#include "traceflow/wire.h"

/**
 * Find the MAC address of a neighbour on an interface. Where the kernel does not know it, it is
 * made to ask, and up to a second is waited for the answer.
 *
 * Fails with TF_EXIT_IO: nobody answers, or no link addresses on this interface.
 */
bool neighbour_find(uint8_t mac[TF_MAC_LEN], const char *interface, const struct tf_addr *addr,
                    GError **error);

#endif
