/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diamonds: where paths part, and where all of them meet again. */
#ifndef TRACEFLOW_CORE_DIAMONDS_H
#define TRACEFLOW_CORE_DIAMONDS_H

#include <glib.h>

#include "traceflow/trace.h"

struct diamond {
    struct tf_addr divergence; /* version 0: the source */
    struct tf_addr convergence;
    uint8_t ttl;      /* the lowest at which the divergence answered; 0: the source */
    unsigned width;   /* the most responders at one distance from the divergence */
    unsigned longest; /* hops from divergence to convergence */
    unsigned shortest;
};

struct diamonds {
    GArray *list;    /* struct diamond, by TTL and address; one within another is part of it */
    unsigned width;  /* the largest of all */
    unsigned length; /* the longest of all */
};

/**
 * The convergence of a responder that several follow is the first responder that lies on every way
 * from there to an end. Silent hops are passed over: they are no responders, and break no flow.
 * Of unstable paths nothing is taken.
 */
struct diamonds *diamonds_new(const struct tf_trace *trace);
void diamonds_free(struct diamonds *diamonds);

#endif
