/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace table: each observation goes to its run, path and hop. */
#include "traceflow/trace.h"

#include <glib.h>
#include <string.h>

#include "hash.h"

/* What makes a run; hashed as bytes, so it is cleared before its members are set. */
struct run_key {
    struct tf_addr src;
    struct tf_addr dst;
    uint16_t protocol;
    uint16_t dst_port;
    uint16_t has_run_id;
    uint32_t run_id;
};

struct tf_trace_set {
    GHashTable *by_run; /* struct run_key -> struct tf_trace, which it owns */
    GPtrArray *traces;  /* in the order of their first frames */
    bool any_probe;
    unsigned unmatched;
    unsigned provisional; /* replies that made traces before the first probe */
};

static guint hash_run(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct run_key));
}

static gboolean equal_run(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct run_key)) == 0;
}

static void free_path(struct tf_path *path)
{
    for (size_t ttl = 0; ttl < path->n_hops; ttl++)
        g_free(path->hops[ttl].replies);
    g_free(path->hops);
    g_free(path);
}

static void free_trace(gpointer data)
{
    struct tf_trace *trace = data;

    for (size_t i = 0; i < trace->n_paths; i++)
        free_path(trace->paths[i]);
    g_free(trace->paths);
    g_free(trace);
}

struct tf_trace_set *tf_trace_set_new(void)
{
    struct tf_trace_set *set = g_new0(struct tf_trace_set, 1);

    set->by_run = g_hash_table_new_full(hash_run, equal_run, g_free, free_trace);
    set->traces = g_ptr_array_new();
    return set;
}

void tf_trace_set_free(struct tf_trace_set *set)
{
    if (set == NULL)
        return;
    g_ptr_array_free(set->traces, TRUE);
    g_hash_table_destroy(set->by_run);
    g_free(set);
}

static struct run_key run_key_of(const struct tf_observation *obs)
{
    struct run_key key;

    memset(&key, 0, sizeof key);
    key.src = obs->flow.src;
    key.dst = obs->flow.dst;
    key.protocol = obs->flow.protocol;
    key.dst_port = obs->flow.dst_port;
    key.has_run_id = obs->has_run_id;
    key.run_id = obs->has_run_id ? obs->run_id : 0;
    return key;
}

static struct tf_trace *add_trace(struct tf_trace_set *set, const struct run_key *key,
                                  const struct tf_observation *obs)
{
    struct tf_trace *trace = g_new0(struct tf_trace, 1);

    trace->has_run_id = obs->has_run_id;
    trace->run_id = obs->run_id;
    trace->flow = obs->flow;
    trace->started_ns = obs->time_ns;
    g_hash_table_insert(set->by_run, g_memdup2(key, sizeof *key), trace);
    g_ptr_array_add(set->traces, trace);
    return trace;
}

/* The index of a path, or of the place where it belongs. */
static size_t path_index(const struct tf_trace *trace, uint16_t path_id)
{
    size_t low = 0;
    size_t high = trace->n_paths;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (trace->paths[middle]->path_id < path_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct tf_path *find_path(const struct tf_trace *trace, uint16_t path_id)
{
    const size_t at = path_index(trace, path_id);

    return at < trace->n_paths && trace->paths[at]->path_id == path_id ? trace->paths[at] : NULL;
}

static struct tf_path *add_path(struct tf_trace *trace, const struct tf_observation *obs)
{
    const size_t at = path_index(trace, obs->path_id);
    struct tf_path *path = g_new0(struct tf_path, 1);

    path->path_id = obs->path_id;
    path->flow = obs->flow;
    trace->paths = g_renew(struct tf_path *, trace->paths, trace->n_paths + 1);
    memmove(trace->paths + at + 1, trace->paths + at,
            (trace->n_paths - at) * sizeof trace->paths[0]);
    trace->paths[at] = path;
    trace->n_paths++;
    return path;
}

static struct tf_hop *reach_hop(struct tf_path *path, uint8_t ttl)
{
    if (ttl >= path->n_hops) {
        const size_t grown = (size_t)ttl + 1;
        path->hops = g_renew(struct tf_hop, path->hops, grown);
        memset(path->hops + path->n_hops, 0, (grown - path->n_hops) * sizeof path->hops[0]);
        path->n_hops = grown;
    }
    return &path->hops[ttl];
}

static void append_reply(struct tf_hop *hop, const struct tf_observation *obs)
{
    if (hop->n_replies == TF_HOP_REPLIES_MAX) {
        hop->omitted++;
        return;
    }
    /* powers of two: most hops have one reply, few have many */
    if ((hop->n_replies & (hop->n_replies - 1)) == 0)
        hop->replies = g_renew(struct tf_observation, hop->replies,
                               hop->n_replies == 0 ? 1 : 2 * hop->n_replies);
    hop->replies[hop->n_replies++] = *obs;
}

/* The first probe of a capture ends the time when replies alone made traces, and those traces. */
static void forget_provisional(struct tf_trace_set *set)
{
    g_ptr_array_set_size(set->traces, 0);
    g_hash_table_remove_all(set->by_run);
    set->unmatched += set->provisional;
    set->any_probe = true;
}

static struct tf_trace *reach_trace(struct tf_trace_set *set, const struct tf_observation *obs)
{
    const struct run_key key = run_key_of(obs);
    struct tf_trace *trace = g_hash_table_lookup(set->by_run, &key);

    return trace != NULL ? trace : add_trace(set, &key, obs);
}

static struct tf_path *reach_path(struct tf_trace *trace, const struct tf_observation *obs)
{
    struct tf_path *path = find_path(trace, obs->path_id);

    return path != NULL ? path : add_path(trace, obs);
}

/* The path of a reply: of a probed one only, in a capture that holds probes. */
static struct tf_path *path_of_reply(struct tf_trace_set *set, const struct tf_observation *obs)
{
    if (!set->any_probe) {
        set->provisional++;
        return reach_path(reach_trace(set, obs), obs);
    }
    const struct run_key key = run_key_of(obs);
    const struct tf_trace *trace = g_hash_table_lookup(set->by_run, &key);
    return trace != NULL ? find_path(trace, obs->path_id) : NULL;
}

static void add_probe(struct tf_trace_set *set, const struct tf_observation *obs)
{
    if (!set->any_probe)
        forget_provisional(set);
    struct tf_path *path = reach_path(reach_trace(set, obs), obs);
    struct tf_hop *hop = reach_hop(path, obs->ttl);

    if (!obs->duplicate)
        hop->sent++;
}

static void add_reply(struct tf_trace_set *set, const struct tf_observation *obs)
{
    struct tf_path *path = path_of_reply(set, obs);

    if (path == NULL)
        set->unmatched++;
    else if (obs->has_ttl)
        append_reply(reach_hop(path, obs->ttl), obs);
    else
        path->unplaced++;
}

void tf_trace_set_add(struct tf_trace_set *set, const struct tf_observation *obs)
{
    if (obs->kind == TF_KIND_PROBE)
        add_probe(set, obs);
    else
        add_reply(set, obs);
}

size_t tf_trace_set_count(const struct tf_trace_set *set)
{
    return set->traces->len;
}

const struct tf_trace *tf_trace_set_get(const struct tf_trace_set *set, size_t index)
{
    return set->traces->pdata[index];
}

unsigned tf_trace_set_unmatched(const struct tf_trace_set *set)
{
    return set->unmatched;
}

static const struct tf_observation *ending_reply(const struct tf_hop *hop)
{
    for (size_t i = 0; i < hop->n_replies; i++)
        if (tf_observation_ends_path(&hop->replies[i]))
            return &hop->replies[i];
    return NULL;
}

uint8_t tf_path_end(const struct tf_path *path)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++)
        if (ending_reply(&path->hops[ttl]) != NULL)
            return (uint8_t)ttl;
    return 0;
}

bool tf_path_reached(const struct tf_path *path)
{
    const uint8_t end = tf_path_end(path);

    return end != 0 && ending_reply(&path->hops[end])->kind == TF_KIND_DESTINATION_REPLY;
}

uint8_t tf_path_last_ttl(const struct tf_path *path)
{
    const uint8_t end = tf_path_end(path);

    return end != 0 || path->n_hops == 0 ? end : (uint8_t)(path->n_hops - 1);
}

uint8_t tf_path_length(const struct tf_path *path)
{
    uint8_t length = tf_path_end(path);

    for (size_t ttl = 1; length == 0 && ttl < path->n_hops; ttl++)
        if (path->hops[path->n_hops - ttl].n_replies > 0)
            length = (uint8_t)(path->n_hops - ttl);
    return length;
}

const struct tf_hop *tf_path_hop(const struct tf_path *path, uint8_t ttl)
{
    if (ttl >= path->n_hops)
        return NULL;
    const struct tf_hop *hop = &path->hops[ttl];
    return hop->sent > 0 || hop->n_replies > 0 ? hop : NULL;
}

static uint8_t path_first_ttl(const struct tf_path *path)
{
    size_t ttl = 1;

    while (ttl < path->n_hops && tf_path_hop(path, (uint8_t)ttl) == NULL)
        ttl++;
    return (uint8_t)MIN(ttl, UINT8_MAX);
}

struct tf_ttl_range tf_trace_ttls(const struct tf_trace *trace)
{
    struct tf_ttl_range range = { .first = UINT8_MAX, .last = 0 };

    for (size_t i = 0; i < trace->n_paths; i++) {
        range.first = MIN(range.first, path_first_ttl(trace->paths[i]));
        range.last = MAX(range.last, tf_path_last_ttl(trace->paths[i]));
    }
    if (range.last == 0)
        range.first = 1;
    return range;
}
