/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments of IPv4 (RFC 791 section 3.2) and IPv6 (RFC 8200 section 4.5): read and made. */
#ifndef TRACEFLOW_LAB_FRAGMENT_H
#define TRACEFLOW_LAB_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"

/* What the fragments of one packet have in common. */
struct fragment_key {
    struct tf_addr src;
    struct tf_addr dst;
    uint32_t ident;
    uint8_t protocol; /* IPv4; of IPv6 0 */
};

/* A fragment, read. Pointers are into the packet that was read. */
struct fragment {
    struct fragment_key key;
    const uint8_t *packet;
    size_t header_len;     /* what goes before each fragment; a fragment header comes behind it */
    size_t next_header_at; /* IPv6: where the header before says that a fragment header follows */
    uint8_t next_header;   /* IPv6: what follows the fragment header */
    bool is_last;
    size_t start; /* bytes of what was divided: start to end */
    size_t end;
    const uint8_t *data;
};

/**
 * Read a fragment. Returns false for a whole packet, what is no IP packet, and what is cut. An IPv6
 * packet with a fragment header may be whole nevertheless (RFC 6946).
 */
bool fragment_read(struct fragment *fragment, const uint8_t *packet, size_t len);

/* A packet that is being divided: without IPv4 options or extension headers, as ip_build makes it.
 */
struct fragmentation {
    const uint8_t *packet;
    size_t len;
    size_t mtu;     /* of IPv4 at least 68, of IPv6 at least 1280 */
    uint32_t ident; /* IPv6; that of IPv4 is in the packet */
    size_t next;    /* begins with 0: how far it has been divided */
};

/**
 * Write the next fragment, of mtu bytes at most: a packet that fits is its only one, unchanged.
 * Returns its length, 0 after the last one.
 */
size_t fragment_next(struct fragmentation *fragmentation, uint8_t *fragment);

#endif
