/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cache of what is known of addresses, between the loop that wants and the thread that asks. */
#include "lookups.h"

#include "asn_text.h"
#include "lookup_worker.h"

/* So many addresses are remembered; then the oldest goes. */
enum { ENTRIES_MAX = 16384 };

/* What is known of an address. */
struct entry {
    int64_t until_us; /* so long it is waited for */
    bool name_open;
    bool asn_open;
    char *name;
    struct tf_asn *asn;
};

struct lookups {
    bool names;
    bool asns;
    int64_t timeout_us;
    struct lookup_worker *worker;
    GMutex mutex; /* of what follows */
    GCond changed;
    GHashTable *entries; /* struct tf_addr -> struct entry */
    GQueue order;        /* of the keys of entries, oldest first */
};

static guint hash_address(gconstpointer key)
{
    const struct tf_addr *addr = key;
    guint hash = addr->version;

    for (size_t i = 0; i < sizeof addr->bytes; i++)
        hash = hash * 31 + addr->bytes[i];
    return hash;
}

static gboolean equal_addresses(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}

static GHashTable *new_table(GDestroyNotify free_value)
{
    return g_hash_table_new_full(hash_address, equal_addresses, g_free, free_value);
}

static void free_entry(gpointer data)
{
    struct entry *entry = data;

    g_free(entry->name);
    asn_free(entry->asn);
    g_free(entry);
}

static void free_asn(gpointer data)
{
    asn_free(data);
}

/* In the worker's thread, as the next one. An entry that was forgotten meanwhile stays so. */
static void take_name(const struct tf_addr *addr, char *name, void *data)
{
    struct lookups *lookups = data;

    g_mutex_lock(&lookups->mutex);
    struct entry *entry = g_hash_table_lookup(lookups->entries, addr);
    if (entry != NULL && entry->name_open) {
        entry->name = g_steal_pointer(&name);
        entry->name_open = false;
    }
    g_cond_broadcast(&lookups->changed);
    g_mutex_unlock(&lookups->mutex);
    g_free(name);
}

static void take_asn(const struct tf_addr *addr, struct tf_asn *asn, bool more, void *data)
{
    struct lookups *lookups = data;

    g_mutex_lock(&lookups->mutex);
    struct entry *entry = g_hash_table_lookup(lookups->entries, addr);
    if (entry != NULL && entry->asn_open) {
        asn_free(entry->asn);
        entry->asn = g_steal_pointer(&asn);
        entry->asn_open = more;
    }
    g_cond_broadcast(&lookups->changed);
    g_mutex_unlock(&lookups->mutex);
    asn_free(asn);
}

struct lookups *lookups_new(const struct lookups_settings *settings, GError **error)
{
    struct lookups *lookups = g_new0(struct lookups, 1);
    const struct lookup_sink sink = { take_name, take_asn, lookups };

    lookups->names = settings->names;
    lookups->asns = settings->asns;
    lookups->timeout_us = (int64_t)settings->timeout_ms * 1000;
    g_mutex_init(&lookups->mutex);
    g_cond_init(&lookups->changed);
    g_queue_init(&lookups->order);
    lookups->entries = new_table(free_entry);
    lookups->worker = lookup_worker_new(settings, &sink, error);
    if (lookups->worker != NULL)
        return lookups;
    lookups_free(lookups);
    return NULL;
}

void lookups_free(struct lookups *lookups)
{
    if (lookups == NULL)
        return;
    lookup_worker_free(lookups->worker);
    g_queue_clear(&lookups->order);
    g_hash_table_unref(lookups->entries);
    g_cond_clear(&lookups->changed);
    g_mutex_clear(&lookups->mutex);
    g_free(lookups);
}

/* Returns whether the address is new. */
static bool add_entry(struct lookups *lookups, const struct tf_addr *addr)
{
    if (g_hash_table_contains(lookups->entries, addr))
        return false;
    if (g_hash_table_size(lookups->entries) >= ENTRIES_MAX)
        g_hash_table_remove(lookups->entries, g_queue_pop_head(&lookups->order));

    struct tf_addr *key = g_memdup2(addr, sizeof *addr);
    struct entry *entry = g_new0(struct entry, 1);
    entry->until_us = g_get_monotonic_time() + lookups->timeout_us;
    entry->name_open = lookups->names;
    entry->asn_open = lookups->asns;
    g_hash_table_insert(lookups->entries, key, entry);
    g_queue_push_tail(&lookups->order, key);
    return true;
}

static void close_entry(struct lookups *lookups, const struct tf_addr *addr)
{
    take_name(addr, NULL, lookups);
    take_asn(addr, NULL, false, lookups);
}

void lookups_want(struct lookups *lookups, const struct tf_addr *addr)
{
    g_mutex_lock(&lookups->mutex);
    const bool is_new = add_entry(lookups, addr);
    g_mutex_unlock(&lookups->mutex);
    if (is_new && !lookup_worker_ask(lookups->worker, addr))
        close_entry(lookups, addr);
}

/* What to do with a responder; false ends the walk. */
typedef bool (*visitor)(struct lookups *lookups, const struct tf_addr *responder, void *data);

static bool visit_responders(struct lookups *lookups, const struct tf_trace *trace, visitor visit,
                             void *data)
{
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
            const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
            for (size_t j = 0; hop != NULL && j < hop->n_replies; j++)
                if (!visit(lookups, &hop->replies[j].responder, data))
                    return false;
        }
    }
    return true;
}

static bool want_responder(struct lookups *lookups, const struct tf_addr *responder, void *data)
{
    (void)data;
    lookups_want(lookups, responder);
    return true;
}

void lookups_want_trace(struct lookups *lookups, const struct tf_trace *trace)
{
    visit_responders(lookups, trace, want_responder, NULL);
}

/* Notes in data until when the first open responder is waited for. */
static bool is_closed(struct lookups *lookups, const struct tf_addr *responder, void *data)
{
    const struct entry *entry = g_hash_table_lookup(lookups->entries, responder);
    int64_t *until_us = data;

    if (entry == NULL || !(entry->name_open || entry->asn_open) ||
        entry->until_us <= g_get_monotonic_time())
        return true;
    *until_us = entry->until_us;
    return false;
}

bool lookups_ready(struct lookups *lookups, const struct tf_trace *trace)
{
    int64_t until_us = 0;

    g_mutex_lock(&lookups->mutex);
    const bool is_ready = visit_responders(lookups, trace, is_closed, &until_us);
    g_mutex_unlock(&lookups->mutex);
    return is_ready;
}

static bool collect_responder(struct lookups *lookups, const struct tf_addr *responder, void *data)
{
    const struct entry *entry = g_hash_table_lookup(lookups->entries, responder);
    const struct lookups_found *found = data;

    if (entry == NULL)
        return true;
    if (entry->name != NULL && !g_hash_table_contains(found->names, responder))
        g_hash_table_insert(found->names, g_memdup2(responder, sizeof *responder),
                            g_strdup(entry->name));
    if (entry->asn != NULL && !g_hash_table_contains(found->asns, responder))
        g_hash_table_insert(found->asns, g_memdup2(responder, sizeof *responder),
                            asn_copy(entry->asn));
    return true;
}

void lookups_collect(struct lookups *lookups, const struct tf_trace *trace,
                     struct lookups_found *found)
{
    if (lookups->names && found->names == NULL)
        found->names = new_table(g_free);
    if (lookups->asns && found->asns == NULL)
        found->asns = new_table(free_asn);
    g_mutex_lock(&lookups->mutex);
    visit_responders(lookups, trace, collect_responder, found);
    g_mutex_unlock(&lookups->mutex);
}

static void wait_for(struct lookups *lookups, const struct tf_trace *trace)
{
    int64_t until_us = 0;

    g_mutex_lock(&lookups->mutex);
    while (!visit_responders(lookups, trace, is_closed, &until_us))
        g_cond_wait_until(&lookups->changed, &lookups->mutex, until_us);
    g_mutex_unlock(&lookups->mutex);
}

void lookups_wait(struct lookups *lookups, const struct tf_trace_set *traces,
                  struct lookups_found *found)
{
    const size_t n = tf_trace_set_count(traces);

    for (size_t i = 0; i < n; i++)
        lookups_want_trace(lookups, tf_trace_set_get(traces, i));
    for (size_t i = 0; i < n; i++) {
        wait_for(lookups, tf_trace_set_get(traces, i));
        lookups_collect(lookups, tf_trace_set_get(traces, i), found);
    }
}

void lookups_found_clear(struct lookups_found *found)
{
    g_clear_pointer(&found->names, g_hash_table_unref);
    g_clear_pointer(&found->asns, g_hash_table_unref);
}
