/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small internet in which nodes have names, for the tests of names and DNS. */
#ifndef TRACEFLOW_TESTS_NAMED_H
#define TRACEFLOW_TESTS_NAMED_H

#include "topology.h"

enum { NAMED_MANY = 100, NAMED_DESTINATIONS = 1000 };

/**
 * Built as the parser would build it:
 *
 * laptop.example    the source: 192.0.2.1, 2001:db8:a::1
 * R0.example        10.0.0.1, 10.0.0.2, 2001:db8::1, 2001:db8::2
 * many.example      10.1.0.1 to 10.1.0.100
 * nat.example       203.0.113.1, 203.0.113.2
 * www.example       192.168.1.80, fd00::80, public 198.51.100.80 (IPv4 alone)
 * (no name)         10.9.9.9
 * gen.example       destinations 100.64.0.0 on, 2001:db8:6400:: on; routers 44/8, 2001:db8:4400::
 */
struct topology *named_new(void);
void named_free(struct topology *topology);

#endif
