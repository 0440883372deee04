/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that asks for names and origins, so that the one that sends probes never waits. */
#ifndef TRACEFLOW_PROBER_LOOKUP_WORKER_H
#define TRACEFLOW_PROBER_LOOKUP_WORKER_H

#include "asn_dns.h"
#include "lookups.h"
#include "reverse.h"

/** Where answers go; called in the worker's thread. */
struct lookup_sink {
    reverse_done name;
    asn_dns_done asn;
    void *data;
};

struct lookup_worker;

/** Check and open what lookups_new promises, with its errors; no thread runs yet. */
struct lookup_worker *lookup_worker_new(const struct lookups_settings *settings,
                                        const struct lookup_sink *sink, GError **error);

/** End the thread: names still open are told as NULL, origins no more. */
void lookup_worker_free(struct lookup_worker *worker);

/**
 * Ask for all that is wanted of an address. The first call starts the thread; false if the system
 * refuses one, and then for good.
 */
bool lookup_worker_ask(struct lookup_worker *worker, const struct tf_addr *addr);

#endif
