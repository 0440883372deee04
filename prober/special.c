/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registries of special-purpose addresses, as a table of prefixes. */
#include "special.h"

#include <string.h>

/* The first len bits of an address; only its first four bytes are ever looked at. */
struct prefix {
    uint8_t bytes[4];
    uint8_t len;
};

static const struct prefix special4[] = {
    { { 0 }, 8 },             /* this network, RFC 791 */
    { { 10 }, 8 },            /* private, RFC 1918 */
    { { 100, 64 }, 10 },      /* shared, RFC 6598 */
    { { 127 }, 8 },           /* loopback, RFC 1122 */
    { { 169, 254 }, 16 },     /* link-local, RFC 3927 */
    { { 172, 16 }, 12 },      /* private */
    { { 192, 0, 0 }, 24 },    /* protocol assignments, RFC 6890 */
    { { 192, 0, 2 }, 24 },    /* documentation, RFC 5737 */
    { { 192, 168 }, 16 },     /* private */
    { { 198, 18 }, 15 },      /* benchmarking, RFC 2544 */
    { { 198, 51, 100 }, 24 }, /* documentation */
    { { 203, 0, 113 }, 24 },  /* documentation */
    { { 224 }, 3 },           /* multicast and reserved, RFC 5771, RFC 1112 */
};

static const struct prefix global6 = { { 0x20 }, 3 }; /* RFC 4291 section 2.5.4 */

static const struct prefix special6[] = {
    { { 0x20, 0x01 }, 23 },             /* protocol assignments, RFC 2928; Teredo, RFC 4380 */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation, RFC 3849 */
    { { 0x20, 0x02 }, 16 },             /* 6to4, RFC 3056 */
    { { 0x3f, 0xff }, 20 },             /* documentation, RFC 9637 */
};

static bool is_in(const struct tf_addr *addr, const struct prefix *prefix)
{
    const size_t whole = prefix->len / 8;
    const unsigned rest = prefix->len % 8;

    if (memcmp(addr->bytes, prefix->bytes, whole) != 0)
        return false;
    return rest == 0 || (addr->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

static bool is_in_any(const struct tf_addr *addr, const struct prefix *prefixes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_in(addr, &prefixes[i]))
            return true;
    return false;
}

bool addr_is_special(const struct tf_addr *addr)
{
    if (addr->version == 4)
        return is_in_any(addr, special4, sizeof special4 / sizeof special4[0]);
    return !is_in(addr, &global6) ||
           is_in_any(addr, special6, sizeof special6 / sizeof special6[0]);
}
