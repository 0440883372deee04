/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP segment as the simulated hosts see it, from and to bytes. */
#ifndef TRACEFLOW_LAB_SEGMENT_H
#define TRACEFLOW_LAB_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/datagram.h"

/** The window that every segment but a RST offers, in bytes. */
enum { SEGMENT_WINDOW = 64240 };

/** Bytes of the longest segment that segment_write makes. */
enum { SEGMENT_MAX = 20 + 4 + 12 };

struct segment {
    uint16_t src_port;
    uint16_t dst_port;
    uint32_t seq;
    uint32_t ack;
    uint8_t flags;   /* TF_TCP_FLAG_… */
    size_t data_len; /* of what was read; what is written has none */
    bool has_mss;    /* written only */
    uint16_t mss;
    bool has_timestamp; /* RFC 7323 section 3.2 */
    uint32_t tsval;
    uint32_t tsecr;
};

/** Read the segment of a whole packet; false if it is no TCP, or its header is cut off. */
bool segment_read(struct segment *segment, const struct tf_datagram *datagram);

/** Sequence numbers that it takes up: SEG.LEN of RFC 9293 section 3.3.1. */
uint32_t segment_len(const struct segment *segment);

/** Write header and options, the checksum left zero, to buf (SEGMENT_MAX bytes). Returns the
 * length. */
size_t segment_write(uint8_t *buf, const struct segment *segment);

#endif
