/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random packets of all shapes, and edits of them made by hand. */
#ifndef TRACEFLOW_TESTS_LAB_SHAPES_H
#define TRACEFLOW_TESTS_LAB_SHAPES_H

#include "edit.h"
#include "lab_packets.h"

/** What a random packet is like. */
struct lab_shape {
    const char *name;
    bool ipv6;
    uint8_t protocol; /* as of lab_packet */
    size_t options;   /* IPv4: bytes of options; IPv6: of extension headers; of 8 */
    bool no_checksum; /* UDP */
    bool is_error;    /* ICMP, but no echo */
    bool is_fragment; /* IPv4, a later one: no transport header */
};

enum { LAB_SHAPES = 18 };
extern const struct lab_shape lab_shapes[LAB_SHAPES];

/** Length of a shape's IP header, options and extension headers included. */
size_t lab_header_len(const struct lab_shape *shape);

/** A packet of a shape, random otherwise, checksums right. */
struct packet lab_shape_packet(const struct lab_shape *shape, uint32_t *seed);

/** Where to: an address, and mostly a port. */
struct endpoint lab_shape_endpoint(bool ipv6, uint32_t *seed);

/** Where a shape's port is in its transport header; false if there is none. */
bool lab_port_offset(const struct lab_shape *shape, enum edit_end end, size_t *offset);

/** What edit_endpoint should make of a packet: fields set, all checksums computed anew. */
struct packet lab_edited_by_hand(const struct packet *packet, const struct lab_shape *shape,
                                 enum edit_end end, const struct endpoint *to);

/** Fail the test unless the first len bytes are equal. */
void lab_check_equal(const struct packet *got, const struct packet *want, size_t len,
                     const char *name);

#endif
