/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated internet from a few lines of text, and what it answers, in words. */
#ifndef TRACEFLOW_TESTS_LAB_SCENE_H
#define TRACEFLOW_TESTS_LAB_SCENE_H

#include "lab_packets.h"
#include "sim.h"
#include "topology.h"

#define LAB_MS INT64_C(1000000)
#define LAB_S  (1000 * LAB_MS)

/** The topology of a text; the test fails where it is none. Freed by topology_free. */
struct topology *lab_topology(const char *text);

/**
 * The text of a row of three routers, r1 to r3, 10.0.0.1 to 10.0.0.3, and a host h, 198.51.100.1,
 * with further lines of r2 and h; the link to r1 takes a millisecond. Of IPv6: 2001:db8::1 to 3,
 * 2001:db8:d::1.
 */
char *lab_row(const char *keys2, const char *keys_host);

/** The node with an ID; the test fails where there is none. */
uint32_t lab_node(const struct topology *topology, const char *id);

/** A simulation on a clock that begins at 0, and its latest reply. */
struct lab {
    struct topology *topology;
    struct sim *sim;
    int64_t now_ns;
    int64_t took_ns; /* from sending to the reply */
    size_t len;      /* of the reply; 0: there was none */
    uint8_t reply[SIM_PACKET_MAX];
};

struct lab *lab_open(const char *text, uint64_t seed);
void lab_close(struct lab *lab);

/** Send a packet now. */
void lab_send(struct lab *lab, const struct packet *packet);

/**
 * Put the clock forward to the next reply, whose checksums are checked, and keep it; false, with
 * the clock as it was, if nothing more comes.
 */
bool lab_receive(struct lab *lab);

/** Send a probe, wait for its reply, and tell it as lab_words does; "nothing" if there is none. */
const char *lab_ask(struct lab *lab, const struct lab_probe *probe);

/** A probe through a row, and its reply. */
struct lab_case {
    const char *name;
    const char *keys2;
    const char *keys_host;
    struct lab_probe probe;
    const char *want; /* lab_ask */
};

/** Ask each row's probe in a simulation of its own: the reply is as wanted, and the only one. */
void lab_check_cases(const struct lab_case *cases, size_t count);

#define LAB_HOST4 "198.51.100.1"
#define LAB_HOST6 "2001:db8:d::1"

/** The quote of a probe to them from and to the default ports: its protocol, TTL and TOS. */
#define LAB_QUOTE4(PROTOCOL, TTL, TOS)                                                             \
    " {192.0.2.1:33481 > 198.51.100.1:33480 " PROTOCOL " ttl " TTL " tos " TOS "}"
#define LAB_QUOTE6(PROTOCOL, TTL, TOS)                                                             \
    " {2001:db8:a::1:33481 > 2001:db8:d::1:33480 " PROTOCOL " ttl " TTL " tos " TOS "}"

#endif
