/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chains of groups that have something in common, newest first.
 *
 * One set holds the heads of all chains. An entry is the address of one of the head's chain
 * numbers, which stands for both, group and chain: keys are made of the group whenever they are
 * compared, as five of them would take more memory than a group.
 */
#include "probe_chain.h"

#include <stddef.h>
#include <string.h>

#include "hash.h"

static gpointer entry_of(const struct probe_group *group, enum chain chain)
{
    return (gpointer)&group->chain_number[chain];
}

static struct probe_group *group_of(gconstpointer entry)
{
    const uint8_t *number = entry;
    const uint8_t *first = number - *number;

    return (struct probe_group *)(first - offsetof(struct probe_group, chain_number));
}

static struct chain_key key_of(gconstpointer entry)
{
    const struct probe_group *group = group_of(entry);
    const struct claim *claim = &group->claim;
    const enum chain chain = *(const uint8_t *)entry;
    const struct tf_tag tag = { .run_id = claim->run_id,
                                .path_id = claim->path_id,
                                .attempt = claim->attempt };

    switch (chain) {
    case CHAIN_TAG: return chain_key_of_tag(&tag, group->header.flow.protocol);
    case CHAIN_RUN: return chain_key_of_run(claim->run_id);
    case CHAIN_FLOW: return chain_key_of_flow(&group->header.flow);
    default: return chain_key_of_end(&group->header, chain);
    }
}

static guint hash_entry(gconstpointer entry)
{
    const struct chain_key key = key_of(entry);

    return hash_bytes(&key, sizeof key);
}

static gboolean equal_entries(gconstpointer a, gconstpointer b)
{
    const struct chain_key x = key_of(a);
    const struct chain_key y = key_of(b);

    return memcmp(&x, &y, sizeof x) == 0;
}

GHashTable *chains_new(void)
{
    return g_hash_table_new(hash_entry, equal_entries);
}

struct probe_group *chain_find(GHashTable *chains, const struct probe_group *pattern,
                               enum chain chain)
{
    const gconstpointer entry = g_hash_table_lookup(chains, entry_of(pattern, chain));

    return entry != NULL ? group_of(entry) : NULL;
}

void chain_link(GHashTable *chains, struct probe_group *group, enum chain chain)
{
    struct probe_group *older = chain_find(chains, group, chain);

    if (older != NULL)
        older->newer[chain] = group;
    group->older[chain] = older;
    group->newer[chain] = NULL;
    g_hash_table_add(chains, entry_of(group, chain));
}

void chain_unlink(GHashTable *chains, struct probe_group *group, enum chain chain)
{
    struct probe_group *older = group->older[chain];
    struct probe_group *newer = group->newer[chain];

    if (older != NULL)
        older->newer[chain] = newer;
    if (newer != NULL)
        newer->older[chain] = older;
    else if (older != NULL)
        g_hash_table_add(chains, entry_of(older, chain));
    else
        g_hash_table_remove(chains, entry_of(group, chain));
}
