/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the simulated internet: from a name to addresses, and back. */
#ifndef TRACEFLOW_LAB_NAMES_H
#define TRACEFLOW_LAB_NAMES_H

#include "topology.h"

enum named_kind {
    NAMED_NODE,
    NAMED_SOURCE,
    NAMED_LOOPBACK, /* localhost */
};

/** What a name stands for. */
struct named {
    enum named_kind kind;
    uint32_t node; /* NAMED_NODE: its number, generated nodes included */
};

/**
 * Find a name, as text: case and one dot at the end do not matter.
 *
 * Names are those of nodes, of the source, localhost, and of the generated network d17.DOMAIN
 * (destination 17) and r4711.DOMAIN (router 4711). Returns false for any other; *named is then left
 * alone.
 */
bool names_find(const struct topology *topology, const char *name, struct named *named);

/**
 * The address number which (from 0) of a family (version 4 or 6) that a found name stands for;
 * false if it has not so many. Behind a NAT that is the public address in place of the node's own.
 */
bool names_address(const struct topology *topology, const struct named *named, uint8_t version,
                   size_t which, struct tf_addr *addr);

/**
 * The name of an address: of all that a node has, its public ones included.
 *
 * The caller frees it with g_free. NULL: it has none.
 */
char *names_of(const struct topology *topology, const struct tf_addr *addr);

#endif
