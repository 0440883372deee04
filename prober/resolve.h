/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a destination's name to its address. */
#ifndef TRACEFLOW_PROBER_RESOLVE_H
#define TRACEFLOW_PROBER_RESOLVE_H

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "traceflow/addr.h"

/** A destination as its user wrote it, found. */
struct destination {
    struct tf_addr addr;
    bool is_name;           /* a host name, not a literal address */
    char zone[IF_NAMESIZE]; /* the interface named behind a link-local address, or "" */
};

/**
 * Resolve a host name, or a literal address of either family ("fe80::1%eth0" with its zone: RFC
 * 4007 section 11). Of a name's addresses to which there is a route, the first IPv4 address is
 * taken, or else the first IPv6 one (in the system's order, RFC 6724).
 *
 * version 4 or 6 admits addresses of that family only; 0 either. Fails with TF_EXIT_NO_ANSWER where
 * the name does not resolve, or has no address of that version, and with TF_EXIT_USAGE where the
 * literal is of the other family, the address is not one host's (unspecified, multicast, limited
 * broadcast, IPv4-mapped), or its zone is no interface.
 */
bool resolve_destination(const char *text, uint8_t version, struct destination *destination,
                         GError **error);

#endif
