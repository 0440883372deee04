/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe table: groups of probes by header, and in chains by flow, by what a NAT leaves alone,
 * by tag and by run. */
#include "probe_table.h"

#include <glib.h>
#include <string.h>

#include "flow_filter.h"
#include "hash.h"
#include "probe_chain.h"

/* A quote is compared with so many groups at most: no capture can make it quadratic. */
enum { TRANSLATED_MAX = 16 };

/* Most packets are about a probe of a moment ago: there, the key will do for a hash. */
enum { RECENT = 256 };

struct probe_table {
    struct probe_group *recent[RECENT]; /* by key: a group that a probe was added to; or NULL */
    GHashTable *by_header; /* struct header_key, of the group itself -> struct probe_group, owned */
    GHashTable *chains;    /* probe_chain.h */
    struct flow_filter *strangers; /* NULL: none yet */
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
    table->chains = chains_new();
    return table;
}

void probe_table_free(struct probe_table *table)
{
    if (table == NULL)
        return;
    flow_filter_free(table->strangers);
    g_hash_table_destroy(table->chains);
    g_hash_table_destroy(table->by_header);
    g_free(table);
}

/* The chains of what a group's header says, and of what its claim says. */
static void link_header(struct probe_table *table, struct probe_group *group)
{
    chain_link(table->chains, group, CHAIN_FLOW);
    chain_link(table->chains, group, CHAIN_FAR_END);
    chain_link(table->chains, group, CHAIN_NEAR_END);
}

static void link_claim(struct probe_table *table, struct probe_group *group)
{
    if (!group->claim.has_run_id)
        return;
    chain_link(table->chains, group, CHAIN_TAG);
    chain_link(table->chains, group, CHAIN_RUN);
}

static void unlink_claim(struct probe_table *table, struct probe_group *group)
{
    if (!group->claim.has_run_id)
        return;
    chain_unlink(table->chains, group, CHAIN_TAG);
    chain_unlink(table->chains, group, CHAIN_RUN);
}

static void number_chains(struct probe_group *group)
{
    for (int chain = 0; chain < CHAINS; chain++)
        group->chain_number[chain] = (uint8_t)chain;
}

static struct probe_group *add_group(struct probe_table *table, const struct header_key *key,
                                     const struct claim *claim)
{
    struct probe_group *group = g_new0(struct probe_group, 1);

    memcpy(&group->header, key, sizeof *key);
    group->claim = *claim;
    number_chains(group);
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
        group->capacity = (uint16_t)(group->capacity + group->capacity / 2 + 1);
        group->probes = g_renew(struct probe, group->probes, group->capacity);
    }
    return &group->probes[group->n_probes++];
}

struct probe_group *probe_table_add(struct probe_table *table, const struct header_key *key,
                                    const struct claim *claim, const struct probe *probe,
                                    bool *duplicate)
{
    struct header_key header = *key;

    if (is_echo_flow(&key->flow))
        header.number = claim->attempt;
    struct probe_group *group = probe_table_find(table, &header);
    if (group == NULL)
        group = add_group(table, &header, claim);
    else if (!same_claim(&group->claim, claim))
        hand_over(table, group, claim);

    struct probe *place = probe_group_find(group, probe->ttl);
    *duplicate = place != NULL;
    if (place == NULL)
        place = append_probe(group);
    *place = *probe;
    table->recent[header.key % RECENT] = group;
    return group;
}

/* A group that is in no chain, to find others by. */
static struct probe_group pattern_of(const struct tf_flow *flow)
{
    struct probe_group pattern = { .n_probes = 0 };

    memcpy(&pattern.header.flow, flow, sizeof *flow);
    number_chains(&pattern);
    return pattern;
}

void probe_table_forget_run(struct probe_table *table, uint32_t run_id)
{
    const struct tf_flow none = { .protocol = 0 };
    struct probe_group pattern = pattern_of(&none);
    struct probe_group *group;

    pattern.claim.run_id = run_id;
    table->has_forgotten = true;
    memset(table->recent, 0, sizeof table->recent);
    while ((group = chain_find(table->chains, &pattern, CHAIN_RUN)) != NULL) {
        for (int chain = 0; chain < CHAINS; chain++)
            chain_unlink(table->chains, group, (enum chain)chain);
        g_hash_table_remove(table->by_header, &group->header);
    }
}

bool probe_table_knows_run(const struct probe_table *table, uint32_t run_id)
{
    const struct tf_flow none = { .protocol = 0 };
    struct probe_group pattern = pattern_of(&none);

    pattern.claim.run_id = run_id;
    return chain_find(table->chains, &pattern, CHAIN_RUN) != NULL;
}

bool probe_table_has_forgotten(const struct probe_table *table)
{
    return table->has_forgotten;
}

void probe_table_add_stranger(struct probe_table *table, const struct tf_flow *flow)
{
    if (table->strangers == NULL)
        table->strangers = flow_filter_new();
    flow_filter_add(table->strangers, flow);
}

bool probe_table_knows_stranger(const struct probe_table *table, const struct tf_flow *flow)
{
    return table->strangers != NULL && flow_filter_has(table->strangers, flow);
}

bool probe_table_knows_flow(const struct probe_table *table, const struct tf_flow *flow)
{
    return probe_table_find_flow(table, flow) != NULL || probe_table_knows_stranger(table, flow);
}

bool probe_table_is_empty(const struct probe_table *table)
{
    return g_hash_table_size(table->by_header) == 0;
}

struct probe_group *probe_table_find(const struct probe_table *table, const struct header_key *key)
{
    struct probe_group *recent = table->recent[key->key % RECENT];

    if (recent != NULL && equal_header(&recent->header, key))
        return recent;
    return probe_table_is_empty(table) ? NULL : g_hash_table_lookup(table->by_header, key);
}

struct probe_group *probe_table_find_tag(const struct probe_table *table, const struct tf_tag *tag,
                                         uint16_t protocol)
{
    const struct tf_flow flow = { .protocol = protocol };
    struct probe_group pattern = pattern_of(&flow);

    pattern.claim = recognise_tag_claim(tag);
    return chain_find(table->chains, &pattern, CHAIN_TAG);
}

struct probe_group *probe_table_find_flow(const struct probe_table *table,
                                          const struct tf_flow *flow)
{
    if (probe_table_is_empty(table))
        return NULL;

    const struct probe_group pattern = pattern_of(flow);
    return chain_find(table->chains, &pattern, CHAIN_FLOW);
}

struct probe_group *probe_table_find_header(const struct probe_table *table,
                                            const struct header_key *key)
{
    if (!is_echo_flow(&key->flow))
        return probe_table_find(table, key);

    struct probe_group *group = probe_table_find_flow(table, &key->flow);
    for (int n = 1; group != NULL && group->header.key != key->key; n++)
        group = n < OF_FLOW_MAX ? group->older[CHAIN_FLOW] : NULL;
    return group;
}

struct probe_group *probe_table_find_translated(const struct probe_table *table,
                                                const struct header_key *key,
                                                probe_group_visit visit, void *data)
{
    struct probe_group pattern = pattern_of(&key->flow);

    pattern.header = *key;
    for (int end = CHAIN_FAR_END; end <= CHAIN_NEAR_END; end++) {
        struct probe_group *group = chain_find(table->chains, &pattern, (enum chain)end);

        for (int n = 0; group != NULL && n < TRANSLATED_MAX; n++) {
            if (visit(group, data))
                return group;
            group = group->older[end];
        }
    }
    return NULL;
}

struct probe *probe_group_find(const struct probe_group *group, uint8_t ttl)
{
    for (unsigned i = 0; i < group->n_probes; i++)
        if (group->probes[i].ttl == ttl)
            return &group->probes[i];
    return NULL;
}
