/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated internet behind an Ethernet link: frames in, frames out; answers ARP and neighbour
 * discovery. */
#ifndef TRACEFLOW_LAB_FRAMES_H
#define TRACEFLOW_LAB_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim.h"

/** Largest frame, in bytes: Ethernet header and packet. */
enum { FRAME_MAX = 14 + SIM_PACKET_MAX };

struct frames;

/** As sim_new. Never NULL. */
struct frames *frames_new(const struct topology *topology, uint64_t seed);
void frames_free(struct frames *frames);

/** Take a frame of the source; whatever is in it. Times as in sim_send. */
void frames_input(struct frames *frames, int64_t now_ns, const uint8_t *frame, size_t len);

/**
 * The next frame for the source that is due by a time, written to frame (FRAME_MAX bytes). Returns
 * its length, or 0 if there is none.
 */
size_t frames_output(struct frames *frames, int64_t now_ns, uint8_t *frame);

/** When frames_output is to be called next, or INT64_MAX. */
int64_t frames_due_ns(const struct frames *frames);

#endif
