/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many flows through a node are enough: the stop rule, with its confidence over the whole
 * network. */
#ifndef TRACEFLOW_PROBER_PLAN_STOP_H
#define TRACEFLOW_PROBER_PLAN_STOP_H

#include <stdint.h>

/** Balancers are counted by their next hops; those with as many as this, or more, together. */
enum { STOP_WIDTHS = 16 };

struct stop_rule {
    double alpha;   /* the share of networks in which a next hop may be missed */
    unsigned first; /* flows that rule a second next hop out: n_1 */
    double narrow;  /* chance to miss the third next hop of one node */
    double wide;    /* … the fourth, or a further one */
};

/**
 * The rule for a confidence in percent, while balancers[k] nodes have shown k next hops (2 to
 * STOP_WIDTHS, where the last is "or more").
 */
struct stop_rule stop_rule_for(uint8_t confidence, const unsigned balancers[STOP_WIDTHS + 1]);

/** The flows through a node that rule out more next hops than it has shown (1 or more). */
unsigned stop_flows(const struct stop_rule *rule, unsigned next_hops);

/** The samples that rule out a further responder which has at least that share of all. */
unsigned stop_samples(const struct stop_rule *rule, double share);

/** The repetitions, each of another flow, that tell whether a node with so many next hops (2 or
 * more) balances packets: the chance that it does and all of them agree is at most alpha. */
unsigned stop_repeats(const struct stop_rule *rule, unsigned next_hops);

#endif
