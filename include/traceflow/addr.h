/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPv4 or IPv6 address as a plain value. */
#ifndef TRACEFLOW_ADDR_H
#define TRACEFLOW_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** version is 4 or 6; only the first tf_addr_len() bytes count, the rest is zero. */
struct tf_addr {
    uint8_t version;
    uint8_t bytes[16]; /* network order */
};

/** Longest text of an address, terminating zero included (RFC 4291 section 2.2). */
#define TF_ADDR_TEXT_LEN 46

/** Copy 4 (version 4) or 16 (version 6) bytes from a packet into an address. */
struct tf_addr tf_addr_from(uint8_t version, const uint8_t *bytes);

/** 4 or 16. */
size_t tf_addr_len(const struct tf_addr *addr);

bool tf_addr_equal(const struct tf_addr *a, const struct tf_addr *b);

/** Order by version, then by bytes: <0, 0, >0. */
int tf_addr_compare(const struct tf_addr *a, const struct tf_addr *b);

/** Write the address as text (dotted quad; RFC 5952 section 4 for IPv6) to buf and return buf. */
const char *tf_addr_text(const struct tf_addr *addr, char buf[TF_ADDR_TEXT_LEN]);

#endif
