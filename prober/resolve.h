/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a destination's name to its IPv4 address. */
#ifndef TRACEFLOW_PROBER_RESOLVE_H
#define TRACEFLOW_PROBER_RESOLVE_H

#include <glib.h>
#include <stdbool.h>

#include "traceflow/addr.h"

/**
 * Resolve a host name or a literal address; *is_name tells which it was.
 *
 * Fails with TF_EXIT_NO_ANSWER where the name does not resolve, or to IPv6 addresses only, and with
 * TF_EXIT_USAGE where the address is not one host's (unspecified, multicast, limited broadcast).
 */
bool resolve_destination(const char *text, struct tf_addr *addr, bool *is_name, GError **error);

/** Parse a literal IPv4 address; option names what it was given for. Fails with TF_EXIT_USAGE. */
bool parse_literal(const char *option, const char *text, struct tf_addr *addr, GError **error);

#endif
