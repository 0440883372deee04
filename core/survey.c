/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answers at each TTL, over all paths of a trace. */
#include "survey.h"

#include <glib.h>

#include "hash.h"
#include "path.h"

static void note_hop(struct level *level, const struct tf_hop *hop)
{
    level->silence |= hop->n_replies == 0;
    level->answers += (unsigned)hop->n_replies;
    for (size_t i = 0; i < hop->n_replies; i++) {
        const struct tf_addr *addr = &hop->replies[i].responder;
        if (level->first.version == 0)
            level->first = *addr;
        level->several |= !tf_addr_equal(&level->first, addr);
    }
}

/* Where a responder was met first; TTLs are looked at in ascending order. */
static void note_places(GHashTable *places, struct level *levels, const struct tf_hop *hop,
                        unsigned ttl)
{
    for (size_t i = 0; i < hop->n_replies; i++) {
        const struct tf_addr *addr = &hop->replies[i].responder;
        const unsigned met = GPOINTER_TO_UINT(g_hash_table_lookup(places, addr));
        if (met == 0) {
            g_hash_table_insert(places, (gpointer)addr, GUINT_TO_POINTER(ttl));
            levels[ttl].begun++;
        } else if (met != ttl) {
            levels[met].strays = true;
            levels[ttl].strays = true;
        }
    }
}

void survey(struct level levels[UINT8_MAX + 1], const struct tf_trace *trace)
{
    g_autoptr(GHashTable) places = g_hash_table_new(hash_addr, equal_addr);
    g_autofree uint8_t *extents = g_new(uint8_t, trace->n_paths);

    for (size_t i = 0; i < trace->n_paths; i++)
        extents[i] = path_extent(trace->paths[i]);
    for (unsigned ttl = 1; ttl <= UINT8_MAX; ttl++)
        for (size_t i = 0; i < trace->n_paths; i++) {
            const struct tf_hop *hop = tf_path_hop(trace->paths[i], (uint8_t)ttl);
            if (hop == NULL || ttl > extents[i])
                continue;
            note_hop(&levels[ttl], hop);
            note_places(places, levels, hop, ttl);
        }
}
