/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace table: each observation goes to its run, path and hop. */
#include "traceflow/trace.h"

#include <glib.h>
#include <string.h>

#include "hash.h"
#include "path.h"
#include "settle.h"

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
    GHashTable *by_id;  /* uint32_t -> the first of a run ID's traces; keys are theirs */
    GPtrArray *traces;  /* in the order of their first frames */
    bool any_probe;
    unsigned unmatched;
    unsigned provisional; /* replies that made traces before the first probe */
};

static guint hash_run(gconstpointer key)
{
    return hash_bytes(key, sizeof(struct run_key));
}

static guint hash_run_id(gconstpointer run_id)
{
    return hash_bytes(run_id, sizeof(uint32_t));
}

static gboolean equal_run(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct run_key)) == 0;
}

static void free_hop(struct tf_hop *hop)
{
    if (hop == NULL)
        return;
    g_free(hop->probes);
    g_free(hop->replies);
    g_free(hop);
}

static void free_path(struct tf_path *path)
{
    for (size_t ttl = 0; ttl < path->n_hops; ttl++) {
        path_forget_inferred(path, (uint8_t)ttl);
        free_hop(path->hops[ttl]);
    }
    g_free(path->hops);
    g_free(path);
}

static void free_trace(gpointer data)
{
    struct tf_trace *trace = data;

    for (size_t i = 0; i < trace->n_paths; i++)
        free_path(trace->paths[i]);
    g_free(trace->paths);
    g_clear_pointer(&trace->inferred, g_hash_table_destroy);
    g_free(trace);
}

struct tf_trace_set *tf_trace_set_new(void)
{
    struct tf_trace_set *set = g_new0(struct tf_trace_set, 1);

    set->by_run = g_hash_table_new_full(hash_run, equal_run, g_free, free_trace);
    set->by_id = g_hash_table_new(hash_run_id, g_int_equal);
    set->traces = g_ptr_array_new();
    return set;
}

void tf_trace_set_free(struct tf_trace_set *set)
{
    if (set == NULL)
        return;
    g_ptr_array_free(set->traces, TRUE);
    g_hash_table_destroy(set->by_id);
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
    if (trace->has_run_id && !g_hash_table_contains(set->by_id, &trace->run_id))
        g_hash_table_insert(set->by_id, &trace->run_id, trace);
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

/* Room for one more in an array that grows by powers of two: most have one element, few many. */
static bool is_full(size_t n)
{
    return (n & (n - 1)) == 0;
}

static void append_probe(struct tf_hop *hop, const struct tf_observation *obs)
{
    if (is_full(hop->sent))
        hop->probes = g_renew(struct tf_sent, hop->probes, hop->sent == 0 ? 1 : 2 * hop->sent);
    hop->probes[hop->sent++] = (struct tf_sent){ obs->frame, obs->time_ns, obs->attempt };
}

static void append_reply(struct tf_hop *hop, const struct tf_observation *obs)
{
    if (hop->n_replies == TF_HOP_REPLIES_MAX) {
        hop->omitted++;
        return;
    }
    for (size_t i = 0; i < hop->n_replies; i++)
        hop->contradicted |= replies_contradict(&hop->replies[i], obs);
    if (is_full(hop->n_replies))
        hop->replies = g_renew(struct tf_observation, hop->replies,
                               hop->n_replies == 0 ? 1 : 2 * hop->n_replies);
    hop->replies[hop->n_replies++] = *obs;
}

/* The first probe of a capture ends the time when replies alone made traces, and those traces. */
static void forget_provisional(struct tf_trace_set *set)
{
    g_ptr_array_set_size(set->traces, 0);
    g_hash_table_remove_all(set->by_id);
    g_hash_table_remove_all(set->by_run);
    set->unmatched += set->provisional;
    set->any_probe = true;
}

static struct tf_trace *reach_trace(struct tf_trace_set *set, const struct tf_observation *obs)
{
    const struct run_key key = run_key_of(obs);
    struct tf_trace *trace = g_hash_table_lookup(set->by_run, &key);

    if (trace == NULL)
        trace = add_trace(set, &key, obs);
    trace->settled = false;
    return trace;
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
    struct tf_trace *trace = g_hash_table_lookup(set->by_run, &key);
    if (trace == NULL)
        return NULL;
    trace->settled = false;
    return find_path(trace, obs->path_id);
}

static void add_probe(struct tf_trace_set *set, const struct tf_observation *obs)
{
    if (!set->any_probe)
        forget_provisional(set);
    struct tf_path *path = reach_path(reach_trace(set, obs), obs);

    if (!obs->duplicate)
        append_probe(path_reach_hop(path, obs->ttl), obs);
}

static void add_reply(struct tf_trace_set *set, const struct tf_observation *obs)
{
    struct tf_path *path = path_of_reply(set, obs);

    if (path == NULL) {
        set->unmatched++;
    } else if (obs->has_ttl) {
        append_reply(path_reach_hop(path, obs->ttl), obs);
    } else {
        path->unplaced++;
        path->end_unplaced |= obs->kind == TF_KIND_DESTINATION_REPLY;
    }
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

/* What follows from the observations is worked out when somebody asks. */
static const struct tf_trace *settled(struct tf_trace *trace)
{
    if (!trace->settled)
        settle(trace);
    trace->settled = true;
    return trace;
}

const struct tf_trace *tf_trace_set_get(const struct tf_trace_set *set, size_t index)
{
    return settled(set->traces->pdata[index]);
}

void tf_trace_set_remove(struct tf_trace_set *set, const struct tf_trace *trace)
{
    const struct tf_observation of_run = { .flow = trace->flow,
                                           .has_run_id = trace->has_run_id,
                                           .run_id = trace->run_id };
    const struct run_key key = run_key_of(&of_run);

    if (g_hash_table_lookup(set->by_id, &trace->run_id) == trace)
        g_hash_table_remove(set->by_id, &trace->run_id);
    g_ptr_array_remove(set->traces, (gpointer)trace);
    g_hash_table_remove(set->by_run, &key);
}

const struct tf_trace *tf_trace_set_find(const struct tf_trace_set *set, uint32_t run_id)
{
    struct tf_trace *trace = g_hash_table_lookup(set->by_id, &run_id);

    return trace != NULL ? settled(trace) : NULL;
}

unsigned tf_trace_set_unmatched(const struct tf_trace_set *set)
{
    return set->unmatched;
}
