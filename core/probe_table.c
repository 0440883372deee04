/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe table: groups of probes, indexed by header, by flow and by what a NAT leaves alone. */
#include "probe_table.h"

#include <glib.h>
#include <string.h>

#include "hash.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

/* A quote is compared with so many groups at most: no capture can make it quadratic. */
enum { TRANSLATED_MAX = 16 };

enum end { FAR_END, NEAR_END };

/* One end of a flow, and the sum that address translation conserves. */
struct end_key {
    struct tf_addr addr;
    uint16_t port;
    uint16_t protocol;
    uint16_t udp_length;
    uint16_t invariant;
    uint16_t end;
};

/* What a tag says of its probe, the TTL left out. */
struct tag_key {
    uint32_t run_id;
    uint16_t path_id;
    uint16_t attempt;
};

struct probe_table {
    GHashTable *by_header; /* struct header_key -> struct probe_group, which it owns */
    GHashTable *by_flow;   /* struct tf_flow -> newest struct probe_group */
    GHashTable *by_end;    /* struct end_key -> newest struct probe_group */
    GHashTable *by_tag;    /* struct tag_key -> newest struct probe_group */
    GHashTable *strangers; /* set of struct tf_flow */
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

static guint hash_end(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct end_key));
}

static gboolean equal_end(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct end_key)) == 0;
}

static guint hash_tag(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct tag_key));
}

static gboolean equal_tag(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct tag_key)) == 0;
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

    table->by_header = g_hash_table_new_full(hash_header, equal_header, g_free, free_group);
    table->by_flow = g_hash_table_new_full(hash_flow, equal_flow, g_free, NULL);
    table->by_end = g_hash_table_new_full(hash_end, equal_end, g_free, NULL);
    table->by_tag = g_hash_table_new_full(hash_tag, equal_tag, g_free, NULL);
    table->strangers = g_hash_table_new_full(hash_flow, equal_flow, g_free, NULL);
    return table;
}

void probe_table_free(struct probe_table *table)
{
    if (table == NULL)
        return;
    g_hash_table_destroy(table->strangers);
    g_hash_table_destroy(table->by_tag);
    g_hash_table_destroy(table->by_end);
    g_hash_table_destroy(table->by_flow);
    g_hash_table_destroy(table->by_header);
    g_free(table);
}

/* Keys are hashed as bytes, so padding must be zero: assign members of a cleared struct. */
struct header_key header_key_of(const struct tf_datagram *datagram)
{
    struct header_key key;

    memset(&key, 0, sizeof key);
    key.flow.src = datagram->ip.src;
    key.flow.dst = datagram->ip.dst;
    key.flow.src_port = datagram->udp.src_port;
    key.flow.dst_port = datagram->udp.dst_port;
    key.flow.protocol = TF_IP_PROTO_UDP;
    key.udp_length = datagram->udp.length;
    key.checksum = datagram->udp.checksum;
    return key;
}

/*
 * RFC 1624: the checksum and the sum of what a NAT rewrites (addresses, ports) change by opposite
 * amounts, so that their sum, taken modulo 0xffff, is the same before and after.
 */
static uint16_t nat_invariant(const struct header_key *key)
{
    const struct tf_flow *flow = &key->flow;
    uint32_t sum = (uint32_t)key->checksum + flow->src_port + flow->dst_port;

    sum = tf_sum_add(sum, flow->src.bytes, tf_addr_len(&flow->src));
    sum = tf_sum_add(sum, flow->dst.bytes, tf_addr_len(&flow->dst));
    return tf_sum_sub(tf_sum_fold(sum), 0);
}

static struct end_key end_key_of(const struct header_key *key, enum end end)
{
    const struct tf_flow *flow = &key->flow;
    struct end_key end_key;

    memset(&end_key, 0, sizeof end_key);
    end_key.addr = end == FAR_END ? flow->dst : flow->src;
    end_key.port = end == FAR_END ? flow->dst_port : flow->src_port;
    end_key.protocol = flow->protocol;
    end_key.udp_length = key->udp_length;
    end_key.invariant = nat_invariant(key);
    end_key.end = (uint16_t)end;
    return end_key;
}

static struct probe_group *index_by_end(struct probe_table *table, const struct header_key *key,
                                        enum end end, struct probe_group *group)
{
    const struct end_key end_key = end_key_of(key, end);
    struct probe_group *older = g_hash_table_lookup(table->by_end, &end_key);

    g_hash_table_replace(table->by_end, g_memdup2(&end_key, sizeof end_key), group);
    return older;
}

static struct probe_group *add_group(struct probe_table *table, const struct header_key *key,
                                     const struct claim *claim)
{
    struct probe_group *group = g_new0(struct probe_group, 1);

    group->flow = key->flow;
    group->claim = *claim;
    group->udp_length = key->udp_length;
    group->checksum = key->checksum;
    g_hash_table_insert(table->by_header, g_memdup2(key, sizeof *key), group);
    g_hash_table_replace(table->by_flow, g_memdup2(&key->flow, sizeof key->flow), group);
    group->older_by_far_end = index_by_end(table, key, FAR_END, group);
    group->older_by_near_end = index_by_end(table, key, NEAR_END, group);
    return group;
}

static void index_by_tag(struct probe_table *table, struct probe_group *group)
{
    const struct claim *claim = &group->claim;
    const struct tag_key key = { claim->run_id, claim->path_id, claim->attempt };

    if (claim->has_run_id)
        g_hash_table_replace(table->by_tag, g_memdup2(&key, sizeof key), group);
}

static bool same_attempt(const struct claim *a, const struct claim *b)
{
    return a->evidence == b->evidence && a->run_id == b->run_id && a->path_id == b->path_id &&
           a->attempt == b->attempt;
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
    const bool is_new = group == NULL;
    if (is_new)
        group = add_group(table, key, claim);
    const bool is_other = !same_attempt(&group->claim, claim);
    if (is_other) { /* keys of two runs can collide: the newer run counts */
        group->claim = *claim;
        group->n_probes = 0;
    }
    if (is_new || is_other)
        index_by_tag(table, group);

    struct probe *place = probe_group_find(group, probe->ttl);
    *duplicate = place != NULL;
    if (place == NULL)
        place = append_probe(group);
    *place = *probe;
    return group;
}

void probe_table_add_stranger(struct probe_table *table, const struct tf_flow *flow)
{
    if (!g_hash_table_contains(table->strangers, flow))
        g_hash_table_add(table->strangers, g_memdup2(flow, sizeof *flow));
}

bool probe_table_knows_flow(const struct probe_table *table, const struct tf_flow *flow)
{
    return g_hash_table_contains(table->by_flow, flow) ||
           g_hash_table_contains(table->strangers, flow);
}

struct probe_group *probe_table_find(const struct probe_table *table, const struct header_key *key)
{
    return g_hash_table_lookup(table->by_header, key);
}

struct probe_group *probe_table_find_tag(const struct probe_table *table, const struct tf_tag *tag)
{
    const struct tag_key key = { tag->run_id, tag->path_id, tag->attempt };

    return g_hash_table_lookup(table->by_tag, &key);
}

struct probe_group *probe_table_find_flow(const struct probe_table *table,
                                          const struct tf_flow *flow)
{
    if (g_hash_table_size(table->by_flow) == 0)
        return NULL; /* spares captures of other traffic the hash of every datagram */
    return g_hash_table_lookup(table->by_flow, flow);
}

struct probe_group *probe_table_find_translated(const struct probe_table *table,
                                                const struct header_key *key,
                                                probe_group_visit visit, void *data)
{
    static const enum end ends[] = { FAR_END, NEAR_END };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        const struct end_key end_key = end_key_of(key, ends[i]);
        struct probe_group *group = g_hash_table_lookup(table->by_end, &end_key);

        for (int n = 0; group != NULL && n < TRANSLATED_MAX; n++) {
            if (visit(group, data))
                return group;
            group = ends[i] == FAR_END ? group->older_by_far_end : group->older_by_near_end;
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

struct probe *probe_group_only_open(const struct probe_group *group, int64_t now_ns)
{
    struct probe *open = NULL;

    for (unsigned i = 0; i < group->n_probes; i++) {
        struct probe *probe = &group->probes[i];
        if (probe->replies > 0 || now_ns - probe->time_ns > TF_OPEN_NS)
            continue;
        if (open != NULL)
            return NULL;
        open = probe;
    }
    return open;
}
