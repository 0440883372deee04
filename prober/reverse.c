/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reverse look-ups through GResolver, in parallel, on a main context of their own. */
#include "reverse.h"

#include <gio/gio.h>
#include <string.h>

/* A hostile capture of answers could make any number: beyond so many, addresses stay without names.
 */
enum { LOOKUPS_MAX = 4096 };

struct lookups {
    GHashTable *names;
    GCancellable *cancellable;
    unsigned open;
};

/* One question under way. */
struct lookup {
    struct lookups *lookups;
    struct tf_addr addr;
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

void reverse_clean(char *name)
{
    for (char *c = name; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("-_.", *c) == NULL)
            *c = '?';
}

static void take_name(GObject *resolver, GAsyncResult *result, gpointer data)
{
    g_autofree struct lookup *lookup = data;
    char *name = g_resolver_lookup_by_address_finish(G_RESOLVER(resolver), result, NULL);

    lookup->lookups->open--;
    if (name == NULL)
        return;
    reverse_clean(name);
    g_hash_table_insert(lookup->lookups->names, g_memdup2(&lookup->addr, sizeof lookup->addr),
                        name);
}

static void ask(struct lookups *lookups, GResolver *resolver, const struct tf_addr *addr)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_bytes(
        addr->bytes, addr->version == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
    struct lookup *lookup = g_new(struct lookup, 1);

    *lookup = (struct lookup){ lookups, *addr };
    lookups->open++;
    g_resolver_lookup_by_address_async(resolver, address, lookups->cancellable, take_name, lookup);
}

static void add_responders(GHashTable *set, const struct tf_path *path)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
        const struct tf_hop *hop = &path->hops[ttl];
        for (size_t i = 0; i < hop->n_replies && g_hash_table_size(set) < LOOKUPS_MAX; i++)
            if (!g_hash_table_contains(set, &hop->replies[i].responder))
                g_hash_table_add(set,
                                 g_memdup2(&hop->replies[i].responder, sizeof(struct tf_addr)));
    }
}

static GHashTable *responders_of(const struct tf_trace_set *traces)
{
    GHashTable *set = g_hash_table_new_full(hash_address, equal_addresses, g_free, NULL);

    for (size_t i = 0; i < tf_trace_set_count(traces); i++) {
        const struct tf_trace *trace = tf_trace_set_get(traces, i);
        for (size_t j = 0; j < trace->n_paths; j++)
            add_responders(set, trace->paths[j]);
    }
    return set;
}

static void ask_all(struct lookups *lookups, const struct tf_trace_set *traces)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    g_autoptr(GHashTable) responders = responders_of(traces);
    GHashTableIter iter;
    gpointer addr;

    g_hash_table_iter_init(&iter, responders);
    while (g_hash_table_iter_next(&iter, &addr, NULL))
        ask(lookups, resolver, addr);
}

static gboolean give_up(gpointer cancellable)
{
    g_cancellable_cancel(cancellable);
    return G_SOURCE_REMOVE;
}

/* A look-up that is cancelled ends at once, here; what its thread still does, nobody waits for. */
GHashTable *reverse_lookup(const struct tf_trace_set *traces, unsigned timeout_ms)
{
    struct lookups lookups = {
        .names = g_hash_table_new_full(hash_address, equal_addresses, g_free, g_free),
        .cancellable = g_cancellable_new(),
    };
    GMainContext *context = g_main_context_new();
    GSource *timer = g_timeout_source_new(timeout_ms);

    g_main_context_push_thread_default(context);
    g_source_set_callback(timer, give_up, lookups.cancellable, NULL);
    g_source_attach(timer, context);
    ask_all(&lookups, traces);
    while (lookups.open > 0)
        g_main_context_iteration(context, TRUE);
    g_source_destroy(timer);
    g_source_unref(timer);
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
    g_object_unref(lookups.cancellable);
    return lookups.names;
}
