/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paths that a topology really has: worked out with the simulator's own routing, without a
 * packet sent. */
#ifndef TRACEFLOW_LAB_TRUTH_H
#define TRACEFLOW_LAB_TRUTH_H

#include "topology.h"

struct truth_query {
    bool ipv6;        /* … alone; otherwise IPv4, where the destination has such an address */
    uint8_t protocol; /* IP protocol number: UDP, TCP or ICMP (as of version 4) */
    bool has_ports;   /* the path of each source port; otherwise the set of all paths */
    uint16_t first_port;
    uint16_t last_port;
    uint16_t dport;
    const char *to; /* host ID, name or address; NULL: the first host of the topology */
    bool json;
};

/**
 * Print paths from the source's first router to a destination, as the topology is at its beginning.
 *
 * As text, a line a path: the first address of each router, then of the destination, separated by
 * spaces; `*` for a node without address of that family. All paths are those that UDP source ports
 * 33481 to 37576 (or identifiers of ICMP echo) can take, each once, sorted; with has_ports each
 * line begins with `PORT: `, and where routers balance per packet a port has several. Routers that
 * do not answer or cannot be seen are listed all the same. A path ends where packets are denied or
 * have no way on. Branches of packets that are balanced one by one multiply: where there are more
 * than a million, a note on standard error says that not all are listed. JSON is one object,
 * {"destination":…,"paths":[{"src_port":…,"hops":[{"node":…,"address":…}]}]}, src_port only with
 * has_ports.
 *
 * False if there is no such destination, or the source has no address of its family
 * (TF_EXIT_USAGE).
 */
bool truth_print(const struct topology *topology, const struct truth_query *query, GString *out,
                 GError **error);

#endif
