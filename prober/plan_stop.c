/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stop rule.
 *
 * A balancer of K next hops shows only K - 1 of them to n flows with a chance of at most
 * K ((K-1)/K)^n; fewer still is much less likely (Veitch, Augustin, Teixeira and Friedman, INFOCOM
 * 2009). The promise is one about the whole network: in a share of at most alpha of all networks a
 * next hop of any node is missed. So alpha is divided among the network's balancers (union bound).
 * How many there are is not known; but if one is missed, then the others were found, or the case
 * is rarer by far. Hence it is divided among those found, and one that was not:
 *
 *   A balancer that shows one next hop to n_1 flows has two with a chance of 2^(1-n), three with
 *   3^(1-n), …  The sum over all found, and one more of two, takes most of alpha, because most
 * nodes have one next hop: each flow less for them saves most.
 *
 *   What is left is for those that show K - 1 of K > 2. A missed one counts as wide already if it
 *   has shown three; if it has shown two, it is the one more.
 *
 * The thresholds grow with every balancer that is found, so nodes may need more flows again.
 */
#include "plan_stop.h"

#include <glib.h>
#include <math.h>

/* The share of alpha that nodes with one next hop may take. */
static const double first_share = 0.90;

/* Balancing by packet is seldom, and seen by every repetition: more are never spent on it. */
static const double repeats_alpha = 0.05;

/* The chance that some balancer shows only one next hop to n flows. */
static double chance_of_one(const unsigned balancers[STOP_WIDTHS + 1], unsigned flows)
{
    double chance = exp2(1.0 - flows);

    for (unsigned width = 2; width <= STOP_WIDTHS; width++)
        if (balancers[width] > 0)
            chance += balancers[width] * pow(width, 1.0 - flows);
    return chance;
}

struct stop_rule stop_rule_for(uint8_t confidence, const unsigned balancers[STOP_WIDTHS + 1])
{
    struct stop_rule rule = { .alpha = (100 - confidence) / 100.0, .first = 2 };
    unsigned wide = 0;

    while (chance_of_one(balancers, rule.first) > first_share * rule.alpha)
        rule.first++;
    for (unsigned width = 3; width <= STOP_WIDTHS; width++)
        wide += balancers[width];
    const double left = rule.alpha - chance_of_one(balancers, rule.first);
    rule.narrow = left / (1 + wide);
    rule.wide = left / (wide > 0 ? wide : 1);
    return rule;
}

unsigned stop_flows(const struct stop_rule *rule, unsigned next_hops)
{
    if (next_hops <= 1)
        return rule->first;
    const double chance = next_hops == 2 ? rule->narrow : rule->wide;
    const double of_one = log((next_hops + 1.0) / next_hops);

    return (unsigned)ceil(log((next_hops + 1.0) / chance) / of_one);
}

unsigned stop_samples(const struct stop_rule *rule, double share)
{
    return (unsigned)ceil((2 + log(1.0 / rule->alpha)) / share);
}

unsigned stop_repeats(const struct stop_rule *rule, unsigned next_hops)
{
    const double alpha = MAX(rule->alpha, repeats_alpha);
    const unsigned repeats = (unsigned)ceil(log(1.0 / alpha) / log(next_hops) - 1e-9);

    return next_hops == 2 ? repeats + repeats % 2 : repeats; /* pairs, where most are narrow */
}
