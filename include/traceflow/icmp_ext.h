/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP extension structures (RFC 4884) and the MPLS label stacks in them (RFC 4950). */
#ifndef TRACEFLOW_ICMP_EXT_H
#define TRACEFLOW_ICMP_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/status.h"

/** Where the quote was padded to before RFC 4884 named its length, in bytes (section 5.5). */
#define TF_EXT_COMPAT_OFFSET 128

/** How an extension structure was found. */
enum tf_ext_found {
    TF_EXT_NONE,
    TF_EXT_BY_LENGTH,   /* where the message's length field says */
    TF_EXT_COMPAT,      /* at byte 128, the length field being zero (RFC 4884 section 5.5) */
    TF_EXT_WRONG_LENGTH /* at byte 128, although the length field says otherwise */
};

/** An iterator over extension objects. */
struct tf_ext_iter {
    const uint8_t *next;
    const uint8_t *end;
};

struct tf_ext_obj {
    uint8_t class_num;
    uint8_t c_type;
    const uint8_t *payload;
    size_t payload_len;
};

/**
 * Find the extension structure in the body of an ICMP error.
 *
 * body holds body_len bytes after the 8-byte ICMP header; quote_len is what the message's length
 * field says, in bytes (0 if the router left it empty). Where the length field points, a structure
 * of version 2 is taken whose checksum holds or is absent (zero, RFC 4884 section 8); at byte 128,
 * as second try, only one whose checksum holds.
 *
 * On a find *it is ready for tf_ext_next and *offset is the length of the quote before the
 * structure; on TF_EXT_NONE neither is written.
 */
enum tf_ext_found tf_ext_find(struct tf_ext_iter *it, size_t *offset, const uint8_t *body,
                              size_t body_len, size_t quote_len);

/**
 * The next object (RFC 4884 section 8).
 *
 * Returns TF_OK, TF_END, TF_SHORT (the object reaches past the structure) or TF_BAD (a length under
 * 4). After anything but TF_OK the iterator does not advance.
 */
TF_MUST_CHECK enum tf_status tf_ext_next(struct tf_ext_iter *it, struct tf_ext_obj *obj);

/** One label stack entry (RFC 3032 section 2.1). */
struct tf_mpls {
    uint32_t label; /* 20 bits */
    uint8_t tc;     /* traffic class, 3 bits (RFC 5462) */
    uint8_t ttl;
    bool bottom;
};

/** Deepest stack that is kept; entries beyond are counted in depth only. */
#define TF_MPLS_MAX 8

/** A label stack, top first; depth entries were there, the first TF_MPLS_MAX of them are kept. */
struct tf_mpls_stack {
    uint16_t depth;
    struct tf_mpls entry[TF_MPLS_MAX];
};

/** The number of entries kept. */
static inline size_t tf_mpls_kept(const struct tf_mpls_stack *stack)
{
    return stack->depth < TF_MPLS_MAX ? stack->depth : TF_MPLS_MAX;
}

/**
 * Append the entries of an RFC 4950 object (class 1, C-Type 1) to a stack.
 *
 * Returns TF_OK, TF_NOT_OURS (another object) or TF_BAD (not a whole number of 4-byte entries).
 */
TF_MUST_CHECK enum tf_status tf_mpls_append(struct tf_mpls_stack *stack,
                                            const struct tf_ext_obj *obj);

#endif
