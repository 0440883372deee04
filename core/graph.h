/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph of a trace: its responders, and the links that single flows were seen to take. */
#ifndef TRACEFLOW_CORE_GRAPH_H
#define TRACEFLOW_CORE_GRAPH_H

#include <glib.h>

#include "stability.h"
#include "traceflow/trace.h"

struct node {
    struct tf_addr addr; /* version 0: the source */
    unsigned flows;      /* paths on which it answered; of the source: all */
    unsigned inferred;   /* further paths that must lead through it */
    unsigned next_hops;  /* responders that follow it on some path */
    unsigned told; /* paths whose next hop is known, though they may be led here by inference */
    bool is_end;   /* some path ends here, and none is known to go on */
    bool is_destination;
    double confidence; /* 0..1: that no next hop was missed, if node_has_confidence */
    uint64_t ttls[4];  /* a set of bits: where it answered */
};

/** Two responders at neighbouring TTLs of one path. */
struct link {
    struct tf_addr from;
    struct tf_addr to;
    GArray *path_ids; /* uint16_t, ascending: the paths that take it */
};

struct graph {
    GArray *nodes; /* struct node, by address: the source first */
    GArray *links; /* struct link, by from and to */
};

/**
 * Nodes are all responders up to their path's end, and the source. A link needs one responder on
 * either side: where several answered one flow, or none, which of them follow each other is not
 * known. Nor is it where flows do not keep to one way (stability.h), or where a responder answers
 * two TTLs in a row, the first of them with a quoted TTL of 0: another router stood between.
 */
struct graph *graph_new(const struct tf_trace *trace, const struct stability *stability);
void graph_free(struct graph *graph);

/** Whether anything answered. */
bool graph_is_answered(const struct graph *graph);

/** Whether anything is known of what follows a node: else its confidence says nothing. */
bool node_has_confidence(const struct node *node);

/** Whether a node answered at a TTL. */
bool node_answers_at(const struct node *node, uint8_t ttl);

/** The lowest TTL at which a node answered; 0 for the source. */
uint8_t node_lowest_ttl(const struct node *node);

/** The node of an address, or NULL. */
const struct node *graph_node(const struct graph *graph, const struct tf_addr *addr);

/**
 * How sure it is that no next hop of the whole graph was missed, 0..1, floor 0.
 *
 * Only a balancer can hide a next hop. How many there are is not known; reckoned with are those
 * that were found, and one more, wherever that is least sure: among the nodes that show one next
 * hop; and among those that show two, or else each of those that show more (what they leave open
 * adds up). Nodes behind which all is silent, or that are ends, do not count.
 */
double graph_confidence(const struct graph *graph);

/** The node of which that is least sure, or NULL if there is none. */
const struct node *graph_weakest(const struct graph *graph);

#endif
