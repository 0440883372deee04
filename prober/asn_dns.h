/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The origin of an address, asked of the DNS: first the number, then the name of its holder. */
#ifndef TRACEFLOW_PROBER_ASN_DNS_H
#define TRACEFLOW_PROBER_ASN_DNS_H

#include "asn_server.h"
#include "traceflow/report.h"

struct asn_dns;

/**
 * Takes over an origin, or NULL if none is known. Where more is to come, a second call brings the
 * same with its holder's name, so that a name that is slow costs no number.
 */
typedef void (*asn_dns_done)(const struct tf_addr *addr, struct tf_asn *asn, bool more, void *data);

/** Whom to ask, and whom to tell. */
struct asn_dns_settings {
    const struct asn_server *server; /* NULL: the system's */
    const char *zone;                /* outlives the object */
    unsigned timeout_ms;             /* for each of the two questions */
    asn_dns_done done;
    void *data;
};

/** NULL and an error: TF_EXIT_IO. Nothing is asked yet. */
struct asn_dns *asn_dns_new(const struct asn_dns_settings *settings, GError **error);

/** Free, nobody told of what was still open. From the context's thread, or after it. */
void asn_dns_free(struct asn_dns *dns);

/** Let a context do the work: what follows happens in its thread. */
void asn_dns_attach(struct asn_dns *dns, GMainContext *context);

/**
 * Ask for the origin of an address; done may be called before this returns. Some dozens of
 * questions are under way at a time, further ones wait, and beyond some thousands none is asked. A
 * holder's name is asked for once.
 */
void asn_dns_ask(struct asn_dns *dns, const struct tf_addr *addr);

#endif
