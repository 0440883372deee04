/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a of 8 bytes at a time, seeded and finished by MurmurHash3's 64-bit finalizer (public
 * domain, Austin Appleby). */
#include "hash.h"

#include <string.h>

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

/* A product's low bits know nothing of a word's high ones: each step brings them down. */
static uint64_t step(uint64_t h, uint64_t word, uint64_t multiplier)
{
    h = (h ^ word) * multiplier;
    return h ^ h >> 32;
}

/* The seed goes into every step, or equal states would stay equal whatever it is. */
uint64_t hash_bytes_wide(const void *key, size_t len)
{
    const uint8_t *bytes = key;
    const uint64_t multiplier = mix(seed()) | 1;
    uint64_t h = seed();
    uint64_t word;

    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        h = step(h, word, multiplier);
    }
    word = 0;
    memcpy(&word, bytes, len);
    return mix(step(h, word, multiplier));
}

guint hash_bytes(const void *key, size_t len)
{
    return (guint)hash_bytes_wide(key, len);
}

guint hash_addr(gconstpointer addr)
{
    return hash_bytes(addr, sizeof(struct tf_addr));
}

gboolean equal_addr(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}
