/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen on many paths, counted once for each thing that it says. */
#include "tally.h"

#include <string.h>

#include "findings_parts.h"
#include "hash.h"

/* The bytes of a sign without padding. */
struct tally_key {
    struct tf_addr addr;
    struct tf_addr other;
    uint8_t numbers[8];
};

struct tally {
    GHashTable *by_key; /* struct tally_key -> struct counted */
    GPtrArray *order;   /* struct counted, as first seen; owns them */
};

static guint hash_key(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct tally_key));
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct tally_key)) == 0;
}

static void free_counted(gpointer data)
{
    struct counted *counted = data;

    g_array_unref(counted->frames);
    g_free(counted);
}

struct tally *tally_new(void)
{
    struct tally *tally = g_new0(struct tally, 1);

    tally->by_key = g_hash_table_new_full(hash_key, equal_keys, g_free, NULL);
    tally->order = g_ptr_array_new_with_free_func(free_counted);
    return tally;
}

void tally_free(struct tally *tally)
{
    if (tally == NULL)
        return;
    g_hash_table_destroy(tally->by_key);
    g_ptr_array_unref(tally->order);
    g_free(tally);
}

static struct tally_key key_of(const struct sign *sign)
{
    const uint32_t numbers[2] = { (uint32_t)sign->kind, sign->value };
    struct tally_key key = { .addr = sign->addr, .other = sign->other };

    memcpy(key.numbers, numbers, sizeof key.numbers);
    return key;
}

static struct counted *reach(struct tally *tally, const struct sign *sign)
{
    const struct tally_key key = key_of(sign);
    struct counted *counted = g_hash_table_lookup(tally->by_key, &key);
    if (counted != NULL)
        return counted;

    counted = g_new0(struct counted, 1);
    counted->sign = *sign;
    counted->ttl = UINT8_MAX;
    counted->frames = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_hash_table_insert(tally->by_key, g_memdup2(&key, sizeof key), counted);
    g_ptr_array_add(tally->order, counted);
    return counted;
}

void tally_add(struct tally *tally, const struct sign *sign, const struct place_seen *place)
{
    struct counted *counted = reach(tally, sign);
    const guint64 frame = place->frame;

    counted->flows += counted->times == 0 || counted->last_path != place->path_id;
    counted->times++;
    counted->last_path = place->path_id;
    counted->ttl = MIN(counted->ttl, place->ttl);
    if (frame != 0 && counted->frames->len <= TF_FINDING_FRAMES_MAX)
        g_array_append_val(counted->frames, frame);
}

void tally_report(const struct tally *tally, GPtrArray *findings,
                  char *(*text_of)(const struct counted *counted))
{
    for (guint i = 0; i < tally->order->len; i++) {
        const struct counted *counted = tally->order->pdata[i];
        char *text = text_of(counted);
        if (text == NULL)
            continue;
        struct tf_finding *finding = finding_add(findings, counted->sign.kind, text);
        finding->ttl = counted->ttl;
        finding->addr = counted->sign.addr;
        for (guint j = 0; j < counted->frames->len; j++)
            finding_add_frame(finding, g_array_index(counted->frames, guint64, j));
    }
}
