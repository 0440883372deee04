/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the DNS: c-ares on a GLib main context. */
#ifndef TRACEFLOW_PROBER_DNS_CHANNEL_H
#define TRACEFLOW_PROBER_DNS_CHANNEL_H

#include <glib.h>

#include "asn_server.h"

struct dns_channel;

/**
 * The text records of an answer, each joined from its strings, and NULL at the end; NULL instead
 * where there is no such answer. They are freed after the call.
 */
typedef void (*dns_texts)(char **texts, void *data);

/**
 * Make a channel to one server, or to the system's if that is NULL. A question is repeated once,
 * and then given up timeout_ms after it was asked; with several servers later.
 *
 * Nothing is asked and no socket opened yet. NULL and an error: TF_EXIT_IO.
 */
struct dns_channel *dns_channel_new(const struct asn_server *server, unsigned timeout_ms,
                                    GError **error);

/** Give every open question up, its callback told NULL, and free. From the context's thread, or
 * after it. */
void dns_channel_free(struct dns_channel *channel);

/** Let a context work for the channel: all that follows happens in the context's thread. */
void dns_channel_attach(struct dns_channel *channel, GMainContext *context);

/** Ask for the TXT records of a name. The callback may come before this returns. */
void dns_channel_ask(struct dns_channel *channel, const char *name, dns_texts done, void *data);

#endif
