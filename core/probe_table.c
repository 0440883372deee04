/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe table: groups of probes by header, and in chains by flow, by what a NAT leaves alone,
 * by tag and by run. */
#include "probe_table.h"

#include <glib.h>
#include <string.h>

#include "hash.h"

/* A quote is compared with so many groups at most: no capture can make it quadratic. */
enum { TRANSLATED_MAX = 16 };

struct probe_table {
    GHashTable *by_header; /* struct header_key, of the group itself -> struct probe_group, owned */
    GHashTable *chains;    /* struct chain_key -> newest struct probe_group */
    GHashTable *strangers; /* set of struct tf_flow */
    bool has_forgotten;
};

static guint hash_header(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct header_key));
}

static gboolean equal_header(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct header_key)) == 0;
}

static guint hash_flow(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct tf_flow));
}

static gboolean equal_flow(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct tf_flow)) == 0;
}

static guint hash_chain(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct chain_key));
}

static gboolean equal_chain(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct chain_key)) == 0;
}

static void free_group(gpointer data)
{
    struct probe_group *group = data;

    g_free(group->probes);
    g_free(group);
}

struct probe_table *probe_table_new(void)
{
    struct probe_table *table = g_new0(struct probe_table, 1);

    table->by_header = g_hash_table_new_full(hash_header, equal_header, NULL, free_group);
    table->chains = g_hash_table_new_full(hash_chain, equal_chain, g_free, NULL);
    table->strangers = g_hash_table_new_full(hash_flow, equal_flow, g_free, NULL);
    return table;
}

void probe_table_free(struct probe_table *table)
{
    if (table == NULL)
        return;
    g_hash_table_destroy(table->strangers);
    g_hash_table_destroy(table->chains);
    g_hash_table_destroy(table->by_header);
    g_free(table);
}

static struct chain_key key_of(const struct probe_group *group, enum chain chain)
{
    const struct claim *claim = &group->claim;
    const struct tf_tag tag = { .run_id = claim->run_id,
                                .path_id = claim->path_id,
                                .attempt = claim->attempt,
                                .probe_id = group->header.number };

    switch (chain) {
    case CHAIN_TAG: return chain_key_of_tag(&tag, group->header.flow.protocol);
    case CHAIN_RUN: return chain_key_of_run(claim->run_id);
    case CHAIN_FLOW: return chain_key_of_flow(&group->header.flow);
    default: return chain_key_of_end(&group->header, chain);
    }
}

static void put_head(struct probe_table *table, const struct chain_key *key,
                     struct probe_group *group)
{
    if (group != NULL)
        g_hash_table_replace(table->chains, g_memdup2(key, sizeof *key), group);
    else
        g_hash_table_remove(table->chains, key);
}

static void link_group(struct probe_table *table, struct probe_group *group, enum chain chain)
{
    const struct chain_key key = key_of(group, chain);
    struct probe_group *older = g_hash_table_lookup(table->chains, &key);

    if (older != NULL)
        older->newer[chain] = group;
    group->older[chain] = older;
    group->newer[chain] = NULL;
    put_head(table, &key, group);
}

static void unlink_group(struct probe_table *table, struct probe_group *group, enum chain chain)
{
    const struct chain_key key = key_of(group, chain);
    struct probe_group *older = group->older[chain];
    struct probe_group *newer = group->newer[chain];

    if (older != NULL)
        older->newer[chain] = newer;
    if (newer != NULL)
        newer->older[chain] = older;
    else
        put_head(table, &key, older);
}

/* The chains of what a group's header says, and of what its claim says. */
static void link_header(struct probe_table *table, struct probe_group *group)
{
    link_group(table, group, CHAIN_FLOW);
    link_group(table, group, CHAIN_FAR_END);
    link_group(table, group, CHAIN_NEAR_END);
}

static void link_claim(struct probe_table *table, struct probe_group *group)
{
    if (!group->claim.has_run_id)
        return;
    link_group(table, group, CHAIN_TAG);
    link_group(table, group, CHAIN_RUN);
}

static void unlink_claim(struct probe_table *table, struct probe_group *group)
{
    if (!group->claim.has_run_id)
        return;
    unlink_group(table, group, CHAIN_TAG);
    unlink_group(table, group, CHAIN_RUN);
}

static struct probe_group *add_group(struct probe_table *table, const struct header_key *key,
                                     const struct claim *claim)
{
    struct probe_group *group = g_new0(struct probe_group, 1);

    memcpy(&group->header, key, sizeof *key);
    group->claim = *claim;
    g_hash_table_insert(table->by_header, &group->header, group);
    link_header(table, group);
    link_claim(table, group);
    return group;
}

static bool same_claim(const struct claim *a, const struct claim *b)
{
    return a->evidence == b->evidence && a->run_id == b->run_id && a->path_id == b->path_id &&
           a->attempt == b->attempt;
}

/* Keys of two runs can collide: the newer run counts. */
static void hand_over(struct probe_table *table, struct probe_group *group,
                      const struct claim *claim)
{
    unlink_claim(table, group);
    group->claim = *claim;
    group->n_probes = 0;
    link_claim(table, group);
}

static struct probe *append_probe(struct probe_group *group)
{
    if (group->n_probes == group->capacity) {
        group->capacity = group->capacity == 0 ? 4 : group->capacity * 2;
        group->probes = g_renew(struct probe, group->probes, group->capacity);
    }
    return &group->probes[group->n_probes++];
}

struct probe_group *probe_table_add(struct probe_table *table, const struct header_key *key,
                                    const struct claim *claim, const struct probe *probe,
                                    bool *duplicate)
{
    struct probe_group *group = probe_table_find(table, key);
    struct claim common = *claim;

    if (is_echo_flow(&key->flow))
        common.attempt = 0;
    if (group == NULL)
        group = add_group(table, key, &common);
    else if (!same_claim(&group->claim, &common))
        hand_over(table, group, &common);

    struct probe *place = probe_group_find(group, probe->ttl, probe->attempt);
    *duplicate = place != NULL;
    if (place == NULL)
        place = append_probe(group);
    *place = *probe;
    return group;
}

static struct probe_group *find_chain(const struct probe_table *table, const struct chain_key *key)
{
    return g_hash_table_lookup(table->chains, key);
}

void probe_table_forget_run(struct probe_table *table, uint32_t run_id)
{
    const struct chain_key key = chain_key_of_run(run_id);
    struct probe_group *group;

    table->has_forgotten = true;
    while ((group = find_chain(table, &key)) != NULL) {
        for (int chain = 0; chain < CHAINS; chain++)
            unlink_group(table, group, (enum chain)chain);
        g_hash_table_remove(table->by_header, &group->header);
    }
}

bool probe_table_has_forgotten(const struct probe_table *table)
{
    return table->has_forgotten;
}

void probe_table_add_stranger(struct probe_table *table, const struct tf_flow *flow)
{
    if (!g_hash_table_contains(table->strangers, flow))
        g_hash_table_add(table->strangers, g_memdup2(flow, sizeof *flow));
}

bool probe_table_knows_stranger(const struct probe_table *table, const struct tf_flow *flow)
{
    return g_hash_table_contains(table->strangers, flow);
}

bool probe_table_knows_flow(const struct probe_table *table, const struct tf_flow *flow)
{
    return probe_table_find_flow(table, flow) != NULL || probe_table_knows_stranger(table, flow);
}

/* Spares captures of other traffic the hash of every datagram. */
static bool is_empty(const struct probe_table *table)
{
    return g_hash_table_size(table->by_header) == 0;
}

struct probe_group *probe_table_find(const struct probe_table *table, const struct header_key *key)
{
    return is_empty(table) ? NULL : g_hash_table_lookup(table->by_header, key);
}

struct probe_group *probe_table_find_tag(const struct probe_table *table, const struct tf_tag *tag,
                                         uint16_t protocol)
{
    const struct chain_key key = chain_key_of_tag(tag, protocol);

    return find_chain(table, &key);
}

struct probe_group *probe_table_find_flow(const struct probe_table *table,
                                          const struct tf_flow *flow)
{
    if (is_empty(table))
        return NULL;

    const struct chain_key key = chain_key_of_flow(flow);
    return find_chain(table, &key);
}

struct probe_group *probe_table_find_translated(const struct probe_table *table,
                                                const struct header_key *key,
                                                probe_group_visit visit, void *data)
{
    for (int end = CHAIN_FAR_END; end <= CHAIN_NEAR_END; end++) {
        const struct chain_key chain = chain_key_of_end(key, (enum chain)end);
        struct probe_group *group = find_chain(table, &chain);

        for (int n = 0; group != NULL && n < TRANSLATED_MAX; n++) {
            if (visit(group, data))
                return group;
            group = group->older[end];
        }
    }
    return NULL;
}

struct probe *probe_group_find(const struct probe_group *group, uint8_t ttl, uint8_t attempt)
{
    for (unsigned i = 0; i < group->n_probes; i++)
        if (group->probes[i].ttl == ttl && group->probes[i].attempt == attempt)
            return &group->probes[i];
    return NULL;
}
