/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of any size whose data follows from its position, and fragments of them. */
#ifndef TRACEFLOW_TESTS_PIECES_H
#define TRACEFLOW_TESTS_PIECES_H

#include "reassembly.h"
#include "support.h"

enum { WHOLE_IDENT = 0x0708, WHOLE_TTL = 61 };

/* UDP by its header, from 192.0.2.1 or 2001:db8::1 to 198.51.100.9 or 2001:db8::9. */
struct whole {
    size_t len;
    uint8_t bytes[SIM_PACKET_MAX];
};

/** A packet with so many bytes behind its IP header. */
struct whole whole_of(uint8_t version, size_t data_len);

/* What is not told is 0. */
struct piece {
    uint8_t version;
    size_t start;
    size_t len;
    bool more;
    bool is_other;  /* its first byte is another */
    uint8_t serial; /* added to the Identification */
};

/** A fragment of it. */
struct packet piece_of(const struct piece *piece);

/** Whether the checksum of an IPv4 header without options is right. */
bool is_ipv4_header_right(const uint8_t *header);

/** reassembly_add of a packet before a guard page, which must be a fragment. */
bool add_packet(struct reassembly *reassembly, int64_t now_ns, const struct packet *packet,
                gpointer note, struct reassembled *whole);

/** The same of a piece, without a note. */
bool add_piece(struct reassembly *reassembly, int64_t now_ns, const struct piece *piece,
               struct reassembled *whole);

/** Fail the test unless it is the packet of whole_of. */
void check_reassembled(const char *name, const struct reassembled *got, uint8_t version,
                       size_t data_len);

#endif
