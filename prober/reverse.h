/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name of an address, by reverse look-up. */
#ifndef TRACEFLOW_PROBER_REVERSE_H
#define TRACEFLOW_PROBER_REVERSE_H

#include <gio/gio.h>

#include "traceflow/addr.h"

/** Takes over a name, cleaned, or NULL if there is none. */
typedef void (*reverse_done)(const struct tf_addr *addr, char *name, void *data);

/**
 * Ask the system's resolver for the name of an address. done is called exactly once, from the main
 * context that is the calling thread's default; after cancelling soon, whatever the resolver does.
 */
void reverse_ask(const struct tf_addr *addr, GCancellable *cancellable, reverse_done done,
                 void *data);

/** Replace what is no letter, digit, hyphen, underscore or dot, so that no name can act on a
 * terminal. */
void reverse_clean(char *name);

#endif
