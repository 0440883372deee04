/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interface, source address and next hop lead to a destination. */
#ifndef TRACEFLOW_PROBER_ROUTE_H
#define TRACEFLOW_PROBER_ROUTE_H

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>

#include "traceflow/addr.h"

/** The pseudo interface on which libpcap captures everywhere. */
#define ROUTE_ANY_INTERFACE "any"

struct route {
    struct tf_addr src;
    struct tf_addr next_hop; /* the gateway, of either version, or the destination on the link */
    char interface[IF_NAMESIZE]; /* where the packets leave; never "any" */
};

/** Whether an address means something on its link only (RFC 4291 section 2.5.6). */
bool route_is_link_local(const struct tf_addr *addr);

/**
 * Ask the kernel for the route to dst.
 *
 * interface restricts it to one device (NULL or "any": none; a link-local dst needs one); src, if
 * not NULL, is the source address to use, which must be one of this host's. Fails with TF_EXIT_IO:
 * no such interface, interface down, no route, or a foreign source address; and with TF_EXIT_USAGE:
 * a source of the other version, a link-local dst without interface.
 */
bool route_find(struct route *route, const struct tf_addr *dst, const char *interface,
                const struct tf_addr *src, GError **error);

#endif
