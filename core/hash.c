/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, seeded and finished by MurmurHash3's 64-bit finalizer (public domain, Austin Appleby). */
#include "hash.h"

#include <stdint.h>

#include "traceflow/addr.h"

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static uint64_t seed(void)
{
    static gsize drawn;

    if (g_once_init_enter(&drawn))
        g_once_init_leave(&drawn, (gsize)g_random_int() << 1 | 1);
    return drawn;
}

/* The seed goes into every step, or equal states would stay equal whatever it is. */
guint hash_bytes(const void *key, size_t len)
{
    const uint8_t *bytes = key;
    const uint64_t multiplier = mix(seed()) | 1;
    uint64_t h = seed();

    for (size_t i = 0; i < len; i++)
        h = (h ^ bytes[i]) * multiplier;
    return (guint)mix(h);
}

guint hash_addr(gconstpointer addr)
{
    return hash_bytes(addr, sizeof(struct tf_addr));
}

gboolean equal_addr(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}
