/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolver's sockets: names are asked of 127.0.0.1 port 53, over UDP and TCP. */
#ifndef TRACEFLOW_LAB_RESOLVER_H
#define TRACEFLOW_LAB_RESOLVER_H

#include <glib.h>
#include <poll.h>
#include <stdint.h>

#include "topology.h"

enum {
    RESOLVER_CLIENTS_MAX = 8, /* TCP connections at once; further ones wait for their turn */
    RESOLVER_WATCHED = 2 + RESOLVER_CLIENTS_MAX,
};

struct resolver;

/**
 * Bind both sockets; nothing here ever waits for a client.
 *
 * NULL with an error (TF_EXIT_IO). The topology must outlive the resolver.
 */
struct resolver *resolver_open(const struct topology *topology, GError **error);
void resolver_close(struct resolver *resolver);

/** Fill in what poll(2) is to look at for the resolver. */
void resolver_watch(const struct resolver *resolver, struct pollfd watched[RESOLVER_WATCHED]);

/** When resolver_work has to be called at the latest; INT64_MAX: when something comes. */
int64_t resolver_due_ns(const struct resolver *resolver);

/**
 * Answer what poll(2) has found to be there.
 *
 * A TCP client (RFC 1035 section 4.2.2) may ask several queries, one after the other. One that
 * sends more than DNS_QUERY_MAX bytes or what cannot be answered, or takes more than three seconds
 * for a query and for taking its answer, is dropped.
 */
void resolver_work(struct resolver *resolver, const struct pollfd watched[RESOLVER_WATCHED],
                   int64_t now_ns);

#endif
