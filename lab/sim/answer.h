/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the node at the end of a packet's way sends back, if anything. */
#ifndef TRACEFLOW_LAB_ANSWER_H
#define TRACEFLOW_LAB_ANSWER_H

#include "chance.h"
#include "routing.h"
#include "walk.h"

/* A packet that has come to the end of its way. */
struct arrival {
    enum walk_outcome outcome;
    uint16_t link_mtu; /* if WALK_TOO_BIG */
    size_t n_nodes;    /* at least 1 */
    size_t n_translations;
    size_t len;
    const struct translation *translation;
    const uint32_t *node;
    const uint8_t *packet;
};

struct answerer;

/** Never NULL. */
struct answerer *answerer_new(uint64_t seed);
void answerer_free(struct answerer *answerer);

/**
 * Write the answer to reply (SIM_PACKET_MAX bytes), as its sender puts it on the wire.
 *
 * *delay_ns is how long the sender takes. Returns the length, 0 for silence.
 */
size_t answer(struct answerer *answerer, const struct routing *routing,
              const struct arrival *arrival, int64_t now_ns, uint8_t *reply, int64_t *delay_ns);

#endif
