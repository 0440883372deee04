/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bucket is one number, the time at which it would be full again: the generic cell rate algorithm
 * (ITU-T I.371 annex A), which is a token bucket without a counter.
 */
#include "icmp_rate.h"

#include <string.h>

/* Peers remembered; more of them are forgotten all together. */
enum { BUCKETS_MAX = 65536 };

/* The peer is of version 0 in the bucket for all. */
struct bucket {
    uint32_t node;
    struct tf_addr peer;
    int64_t full_ns;
};

struct icmp_rates {
    GHashTable *buckets;
};

static guint bucket_hash(gconstpointer key)
{
    const struct bucket *bucket = key;
    guint hash = bucket->node * 31 + bucket->peer.version;

    for (size_t i = 0; i < sizeof(bucket->peer.bytes); i++)
        hash = hash * 31 + bucket->peer.bytes[i];
    return hash;
}

static gboolean bucket_equal(gconstpointer a, gconstpointer b)
{
    const struct bucket *x = a;
    const struct bucket *y = b;

    return x->node == y->node && x->peer.version == y->peer.version &&
           memcmp(x->peer.bytes, y->peer.bytes, sizeof(x->peer.bytes)) == 0;
}

struct icmp_rates *icmp_rates_new(void)
{
    struct icmp_rates *rates = g_new0(struct icmp_rates, 1);

    rates->buckets = g_hash_table_new_full(bucket_hash, bucket_equal, g_free, NULL);
    return rates;
}

void icmp_rates_free(struct icmp_rates *rates)
{
    if (rates == NULL)
        return;
    g_hash_table_destroy(rates->buckets);
    g_free(rates);
}

static struct bucket *bucket_of(struct icmp_rates *rates, uint32_t node, const struct tf_addr *peer)
{
    struct bucket key = { .node = node, .peer = *peer, .full_ns = INT64_MIN };
    struct bucket *bucket = g_hash_table_lookup(rates->buckets, &key);
    if (bucket != NULL)
        return bucket;

    if (g_hash_table_size(rates->buckets) >= BUCKETS_MAX)
        g_hash_table_remove_all(rates->buckets);
    bucket = g_memdup2(&key, sizeof(key));
    g_hash_table_add(rates->buckets, bucket);
    return bucket;
}

static bool has_token(const struct bucket *bucket, const struct rate *rate, int64_t now_ns)
{
    return bucket->full_ns <= now_ns ||
           bucket->full_ns - now_ns <= (int64_t)(rate->burst - 1) * rate->token_ns;
}

static void take(struct bucket *bucket, const struct rate *rate, int64_t now_ns)
{
    bucket->full_ns = MAX(bucket->full_ns, now_ns) + rate->token_ns;
}

bool icmp_rates_allow(struct icmp_rates *rates, uint32_t node, const struct traits *traits,
                      const struct tf_addr *peer, int64_t now_ns)
{
    const struct tf_addr everyone = { 0 };
    const struct rate *all = &traits->icmp_rate;
    const struct rate *each = &traits->icmp_rate_per_peer;

    /* The second look-up may forget the first one's bucket, so there is one at a time. */
    if (all->token_ns != 0 && !has_token(bucket_of(rates, node, &everyone), all, now_ns))
        return false;
    if (each->token_ns != 0) {
        struct bucket *bucket = bucket_of(rates, node, peer);
        if (!has_token(bucket, each, now_ns))
            return false;
        take(bucket, each, now_ns);
    }
    if (all->token_ns != 0)
        take(bucket_of(rates, node, &everyone), all, now_ns);
    return true;
}
