/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interface and source address lead to a destination. */
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
    char interface[IF_NAMESIZE]; /* where the packets leave; never "any" */
};

/**
 * Ask the kernel for the route to dst.
 *
 * interface restricts it to one device (NULL or "any": none); src, if not NULL, is the source
 * address to use, which must be one of this host's. Fails with TF_EXIT_IO: no such interface,
 * interface down, no route, or a foreign source address.
 */
bool route_find(struct route *route, const struct tf_addr *dst, const char *interface,
                const struct tf_addr *src, GError **error);

#endif
