/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The open TCP connections of all simulated hosts: found by addresses and ports, bounded. */
#ifndef TRACEFLOW_LAB_TCP_TABLE_H
#define TRACEFLOW_LAB_TCP_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "host.h"
#include "traceflow/addr.h"

/** So many connections at most: a new one more takes the place of the oldest. */
enum { CONNECTIONS_MAX = 65536 };

/** remote is whoever connected; local is the simulated host. */
struct connection_key {
    struct tf_addr remote;
    struct tf_addr local;
    uint16_t remote_port;
    uint16_t local_port;
    uint32_t salt; /* the table's own, whatever it is here */
};

/** RFC 9293 section 3.3.2. A host has nothing to say after a FIN, so CLOSE-WAIT is passed through.
 */
enum tcp_state { TCP_STATE_SYN_RECEIVED, TCP_STATE_ESTABLISHED, TCP_STATE_LAST_ACK };

struct connection {
    struct connection_key key;
    enum tcp_state state;
    int64_t since_ns; /* when it entered the state */
    uint32_t irs;     /* RFC 9293 section 3.3.1: IRS, RCV.NXT, SND.NXT */
    uint32_t rcv_nxt;
    uint32_t snd_nxt;
    bool has_timestamp; /* both ends sent the option in their SYN */
    uint32_t ts_recent; /* RFC 7323 section 4.3 */
    bool challenged;    /* a bare ACK answered something unacceptable … */
    int64_t challenged_ns;
    GList by_age; /* the table's own */
};

/**
 * The connection of a key, or NULL.
 *
 * One that waits for its peer's acknowledgement waits 63 s: Linux repeats a SYN/ACK 5 times
 * (tcp_synack_retries), after 1, 2, 4, 8 and 16 s, and gives up 32 s later. One that is established
 * stays until it is closed, or the oldest.
 */
struct connection *connections_find(struct connections *connections,
                                    const struct connection_key *key, int64_t now_ns);

/** Enter a connection in SYN-RECEIVED whose key is not there yet; SND.NXT follows a random ISN. The
 * table owns it; the next connections_add may free any. */
struct connection *connections_add(struct connections *connections,
                                   const struct connection_key *key, int64_t now_ns);

/** Remove and free a connection. */
void connections_remove(struct connections *connections, struct connection *connection);

#endif
