/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets with right checksums: made, and recognised. Neither options nor extension headers. */
#ifndef TRACEFLOW_TESTS_SEALED_H
#define TRACEFLOW_TESTS_SEALED_H

#include "support.h"

/** Make the checksum of UDP, TCP, ICMP or ICMPv6 right, and that of an IPv4 header. */
void seal(struct packet *ip);

/** Whether length, header checksum (IPv4) and transport checksum are right. */
bool is_sealed(const uint8_t *packet, size_t len);

#endif
