/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of addresses, and of what else describes a network, a node, a change or a generated
 * network. */
#ifndef TRACEFLOW_LAB_FIELDS_NODE_H
#define TRACEFLOW_LAB_FIELDS_NODE_H

#include "fields.h"

/**
 * Read at most one address of each family, at least one in all, into pair[0] (IPv4) and pair[1]
 * (IPv6); the other has version 0.
 */
bool read_pair(const struct reading *reading, const struct key *key, const char *text,
               struct tf_addr pair[2]);

field_reader read_source;          /* struct topology */
field_reader read_first;           /* uint32_t, the number of a router */
field_reader read_node;            /* uint32_t, the number of a router or host */
field_reader read_addresses;       /* struct node */
field_reader read_public;          /* struct node */
field_reader read_host_prefixes;   /* struct generate */
field_reader read_router_prefixes; /* struct generate */
field_reader read_depth;           /* struct generate */

#endif
