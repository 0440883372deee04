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

#endif
