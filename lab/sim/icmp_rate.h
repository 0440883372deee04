/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP rate limits: token buckets of routers, altogether and for each peer. */
#ifndef TRACEFLOW_LAB_ICMP_RATE_H
#define TRACEFLOW_LAB_ICMP_RATE_H

#include "topology.h"

struct icmp_rates;

/** Buckets are full at the beginning. Never NULL. */
struct icmp_rates *icmp_rates_new(void);
void icmp_rates_free(struct icmp_rates *rates);

/** Whether a node with these traits may send an error to a peer at a time; if so, the tokens are
 * gone. */
bool icmp_rates_allow(struct icmp_rates *rates, uint32_t node, const struct traits *traits,
                      const struct tf_addr *peer, int64_t now_ns);

#endif
