/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of tunnels share: a probe to find, and packets around it. */
#ifndef TRACEFLOW_TESTS_TUNNELLED_H
#define TRACEFLOW_TESTS_TUNNELLED_H

#include "support.h"
#include "traceflow/packet.h"

enum { IPV4 = 4, IPV6 = 6 };

/** A probe by UDP; version is 4 or 6. */
struct packet tunnel_probe(uint8_t version);

/** An IP header between the ends of a tunnel, of a version, around a payload of a protocol. */
struct packet tunnel_around(const struct packet *payload, uint8_t version, uint8_t protocol);

/** Fail the test unless the packet is tunnel_probe(version), or an ICMP error that quotes it. */
void check_tunnelled(const char *name, uint8_t version, bool is_error,
                     const struct tf_packet *packet);

#endif
