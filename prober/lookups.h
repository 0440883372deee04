/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and origins of responders: asked for as they turn up, by a thread, once in a program. */
#ifndef TRACEFLOW_PROBER_LOOKUPS_H
#define TRACEFLOW_PROBER_LOOKUPS_H

#include <glib.h>
#include <stdbool.h>

#include "traceflow/trace.h"

/** What is wanted of every address. Texts are as the user gave them, and are copied. */
struct lookups_settings {
    bool names;             /* reverse names, by the system's resolver */
    bool asns;              /* origin AS: by DNS, or from asn_db alone if that is set */
    const char *asn_server; /* --asn-server ADDR[:PORT]; NULL: the system's */
    const char *asn_zone;   /* --asn-zone NAME; NULL: asn.cymru.com */
    const char *asn_db;     /* --asn-db FILE (MMDB); NULL: by DNS */
    unsigned timeout_ms;    /* how long an address may take, from when it is first wanted */
};

/** Tables for struct tf_report_options: struct tf_addr -> text, and -> struct tf_asn. */
struct lookups_found {
    GHashTable *names; /* NULL: not wanted */
    GHashTable *asns;  /* NULL: not wanted */
};

struct lookups;

/**
 * Check the settings and open the database; to be called before privileges are dropped. Nothing is
 * asked and no thread runs before the first lookups_want, which belongs after the drop: a thread
 * keeps the capabilities that it was born with.
 *
 * Without asn_server, addresses that have no origin in the Internet's routing (special.h) are not
 * asked for in the DNS, where they would tell strangers about a private network; a server of one's
 * own is asked for all.
 *
 * Returns NULL and an error: TF_EXIT_USAGE (server, zone, or one of these beside a database),
 * TF_EXIT_IO (a database that cannot be read or is none).
 */
struct lookups *lookups_new(const struct lookups_settings *settings, GError **error);

/** Everything under way is given up, without waiting for it. */
void lookups_free(struct lookups *lookups);

/**
 * Start asking for an address unless it was wanted before. Never waits for the network: made to be
 * called for every reply while probes are sent.
 */
void lookups_want(struct lookups *lookups, const struct tf_addr *addr);

/** The same for all responders of a trace. */
void lookups_want_trace(struct lookups *lookups, const struct tf_trace *trace);

/**
 * Whether all that was wanted of a trace's responders has been answered, or its time is over.
 * Nothing wakes the caller: one who waits asks again after some milliseconds.
 */
bool lookups_ready(struct lookups *lookups, const struct tf_trace *trace);

/**
 * Add what is known by now of a trace's responders to *found, whose tables are made here where they
 * are NULL and wanted. What comes later serves later traces.
 */
void lookups_collect(struct lookups *lookups, const struct tf_trace *trace,
                     struct lookups_found *found);

/** Want all traces of a set, wait until they are ready, and collect: for one that only waits. */
void lookups_wait(struct lookups *lookups, const struct tf_trace_set *traces,
                  struct lookups_found *found);

/** Free the tables. */
void lookups_found_clear(struct lookups_found *found);

#endif
