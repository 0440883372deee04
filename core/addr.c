/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: from packet bytes, compared, and as text. */
#include "traceflow/addr.h"

#include <stdio.h>
#include <string.h>

#include "traceflow/bytes.h"

enum { IPV6_GROUPS = 8 };

struct tf_addr tf_addr_from(uint8_t version, const uint8_t *bytes)
{
    struct tf_addr addr = { .version = version };

    memcpy(addr.bytes, bytes, tf_addr_len(&addr));
    return addr;
}

size_t tf_addr_len(const struct tf_addr *addr)
{
    return addr->version == 6 ? 16 : 4;
}

bool tf_addr_equal(const struct tf_addr *a, const struct tf_addr *b)
{
    return tf_addr_compare(a, b) == 0;
}

int tf_addr_compare(const struct tf_addr *a, const struct tf_addr *b)
{
    if (a->version != b->version)
        return a->version - b->version;
    return memcmp(a->bytes, b->bytes, tf_addr_len(a));
}

struct zero_run {
    int start;
    int length;
};

/* RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals. */
static struct zero_run longest_zero_run(const uint8_t *bytes)
{
    struct zero_run best = { .start = IPV6_GROUPS, .length = 1 };

    for (int i = 0; i < IPV6_GROUPS; i++) {
        int length = 0;
        while (i + length < IPV6_GROUPS && tf_get_u16(bytes + 2 * (i + length)) == 0)
            length++;
        if (length > best.length)
            best = (struct zero_run){ .start = i, .length = length };
    }
    return best;
}

static void ipv6_text(const uint8_t *bytes, char buf[TF_ADDR_TEXT_LEN])
{
    const struct zero_run zeros = longest_zero_run(bytes);
    char *out = buf;

    for (int i = 0; i < IPV6_GROUPS; i++) {
        if (i == zeros.start) {
            out += sprintf(out, "::");
            i += zeros.length - 1;
            continue;
        }
        const bool separate = i > 0 && i != zeros.start + zeros.length;
        out += sprintf(out, "%s%x", separate ? ":" : "", tf_get_u16(bytes + 2 * i));
    }
}

const char *tf_addr_text(const struct tf_addr *addr, char buf[TF_ADDR_TEXT_LEN])
{
    if (addr->version == 6)
        ipv6_text(addr->bytes, buf);
    else
        snprintf(buf, TF_ADDR_TEXT_LEN, "%u.%u.%u.%u", addr->bytes[0], addr->bytes[1],
                 addr->bytes[2], addr->bytes[3]);
    return buf;
}
