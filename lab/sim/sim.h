/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated internet: IP packets of the source in, what comes back to it out. Pure: time is
 * passed in. */
#ifndef TRACEFLOW_LAB_SIM_H
#define TRACEFLOW_LAB_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"

/** Largest IP packet that goes in or comes out, in bytes. */
enum { SIM_PACKET_MAX = 9216 };

struct sim;

/**
 * A simulation of a topology, which must outlive it. Equal seeds and equal input, times included,
 * give equal output. Never NULL.
 */
struct sim *sim_new(const struct topology *topology, uint64_t seed);
void sim_free(struct sim *sim);

/**
 * Let the source send an IP packet of len bytes at a time.
 *
 * Times have any origin, the first one given is the beginning (of changes); they must not run
 * backwards. What is no IP packet, or longer than SIM_PACKET_MAX, is dropped.
 */
void sim_send(struct sim *sim, int64_t now_ns, const uint8_t *packet, size_t len);

/**
 * The next IP packet that has come back to the source by a time, in order of arrival: written to
 * packet (SIM_PACKET_MAX bytes). Returns its length, or 0 if there is none.
 */
size_t sim_receive(struct sim *sim, int64_t now_ns, uint8_t *packet);

/** When sim_receive is to be called next: the time of the next event, or INT64_MAX. */
int64_t sim_due_ns(const struct sim *sim);

#endif
