/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071) as a running sum, and its changes with fields (RFC 1624). */
#ifndef TRACEFLOW_CHECKSUM_H
#define TRACEFLOW_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"

/**
 * Add len bytes, taken as big-endian 16-bit words (an odd last byte is padded with zero), to a
 * running sum.
 *
 * Start with 0. The sum is folded at the end only, so up to 65,536 bytes can be added without
 * overflow.
 */
uint32_t tf_sum_add(uint32_t sum, const uint8_t *buf, size_t len);

/** Add the pseudo header of RFC 768 (IPv4) or RFC 8200 section 8.1 (IPv6); length in bytes. */
uint32_t tf_sum_add_pseudo(uint32_t sum, const struct tf_addr *src, const struct tf_addr *dst,
                           uint8_t protocol, uint16_t length);

/** Fold a running sum to 16 bits, end-around carry (not complemented). */
uint16_t tf_sum_fold(uint32_t sum);

/** The Internet checksum of len bytes: the complement of their folded sum. */
uint16_t tf_checksum(const uint8_t *buf, size_t len);

/**
 * Ones' complement difference a - b of two folded sums (RFC 1624 section 3).
 *
 * Zero has two representations, 0 and 0xffff; the result is in 0..0xfffe.
 */
uint16_t tf_sum_sub(uint16_t a, uint16_t b);

#endif
