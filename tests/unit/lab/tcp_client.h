/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP client of a simulated host: segments from a table's row, and what it hears. */
#ifndef TRACEFLOW_TESTS_TCP_CLIENT_H
#define TRACEFLOW_TESTS_TCP_CLIENT_H

#include "host.h"
#include "sealed.h"
#include "sim.h"
#include "traceflow/datagram.h"

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, NOTHING = 0 };
enum { ECE = 0x40, CWR = 0x80 };
enum { CLIENT_ISN = 0xfffffff0U, TSVAL = 0x1badcafe };

/**
 * A segment and its answer. Sequence numbers of the client are relative to CLIENT_ISN, which soon
 * goes round; those of the host to the ISN of its first SYN/ACK, or to 0 before it.
 */
struct step {
    int at_ms;
    uint8_t flags;
    int seq;
    int ack;
    int data_len;
    uint8_t want; /* flags, or NOTHING */
    int want_seq;
    int want_ack; /* of the client's; absent without ACK */
};

/** Who talks to whom, and how. */
struct client {
    uint8_t version;
    bool has_timestamp;
    uint16_t src_port;
    uint16_t dst_port;
};

/** An answer; len 0: none. */
struct heard {
    size_t len;
    uint8_t bytes[SIM_PACKET_MAX];
    struct tf_tcp tcp;
};

/** A client's segment; host_isn is what the host began with. */
struct packet segment_of(const struct client *client, const struct step *step, uint32_t host_isn);

/**
 * Give a packet to a host whose port 80 is open, 81 drops, 82 is closed and 83 is open and drops.
 * What it answers is TCP, whole, with right checksums.
 */
struct heard say(struct connections *connections, int64_t now_ns, const struct packet *packet);

#endif
