/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MPLS labels and link addresses, as the command line names them. */
#ifndef TRACEFLOW_PROBER_LABEL_H
#define TRACEFLOW_PROBER_LABEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "traceflow/icmp_ext.h"
#include "traceflow/wire.h"

/**
 * A label stack to put on packets, top first; depth 0: none.
 *
 * An entry whose TTL was not given takes the packet's own (RFC 3032 section 2.4.3), so that label
 * switching routers answer like any others.
 */
struct label_stack {
    struct tf_mpls_stack entries;
    bool ttl_given[TF_MPLS_MAX];
};

/**
 * Read a stack from what --mpls was given: texts LABEL[:TC[:TTL]], top first, up to TF_MPLS_MAX of
 * them, NULL behind the last; texts may be NULL for no label. TC is 0 where it is not given. The
 * last entry gets the bottom bit.
 *
 * Fails with TF_EXIT_USAGE: more labels than that, or one that is not 0 to 1048575, its TC not 0 to
 * 7, or its TTL not 1 to 255.
 */
bool label_stack_parse(struct label_stack *stack, const char *const *texts, GError **error);

/** Read --gateway-mac: a unicast MAC address, six bytes in hexadecimal with colons. Fails with
 * TF_EXIT_USAGE. */
bool mac_parse(uint8_t mac[TF_MAC_LEN], const char *text, GError **error);

#endif
