/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames to dissect by the million: each is a function of its number, hence the same every time. */
#ifndef TRACEFLOW_BENCH_FRAMES_MADE_H
#define TRACEFLOW_BENCH_FRAMES_MADE_H

#include <stddef.h>
#include <stdint.h>

enum { MADE_FRAME_MAX = 1514 };

struct made_frame {
    size_t len;
    uint8_t bytes[MADE_FRAME_MAX];
};

/** What an IPv4 header needs to be told. */
struct made_packet {
    uint8_t protocol;
    uint8_t ttl;
    uint16_t ident;
    uint32_t src;
    uint32_t dst;
    size_t payload_len;
};

/** Write the Ethernet and IPv4 headers, and say where the payload goes. */
uint8_t *frames_begin(struct made_frame *frame, const struct made_packet *packet);

/** Write a checksum of UDP, TCP (pseudo header included) or ICMP at its offset in the payload. */
void frames_seal(struct made_frame *frame, const struct made_packet *packet, size_t checksum_at);

/**
 * Runs of 16 paths and 16 TTLs, probe by probe, each reply 32 frames after its probe. Of eight
 * runs, six are of UDP, one of ICMP echo, one of TCP. Every other router quotes 28 bytes, the
 * others the whole probe; the two highest TTLs reach the destination.
 */
void frames_make_ours(struct made_frame *frame, uint64_t number);

/** Such runs of one protocol alone. */
void frames_make_udp(struct made_frame *frame, uint64_t number);
void frames_make_echo(struct made_frame *frame, uint64_t number);
void frames_make_tcp(struct made_frame *frame, uint64_t number);

/**
 * What an uplink carries: web, mail and shell over TCP, in segments and acknowledgements; DNS,
 * calls and QUIC over UDP; pings, and errors that quote none of ours.
 */
void frames_make_foreign(struct made_frame *frame, uint64_t number);

#endif
