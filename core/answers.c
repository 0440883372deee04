/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probes each responder answered, and which not: asked again, it may have answered then. */
#include "answers.h"

#include "hash.h"
#include "path.h"

struct collection {
    struct answers *answers;
    GHashTable *by_addr;                       /* struct tf_addr -> struct asked_of */
    const struct tf_addr *only[UINT8_MAX + 1]; /* by TTL: the responder, NULL for none yet */
    bool several[UINT8_MAX + 1];
};

static void free_asked(gpointer data)
{
    struct asked_of *asked = data;

    g_array_unref(asked->outcomes);
    g_free(asked);
}

static struct asked_of *reach(struct collection *collection, const struct tf_addr *addr)
{
    struct asked_of *asked = g_hash_table_lookup(collection->by_addr, addr);
    if (asked != NULL)
        return asked;

    asked = g_new0(struct asked_of, 1);
    asked->addr = *addr;
    asked->first_ttl = UINT8_MAX;
    asked->outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
    g_hash_table_insert(collection->by_addr, &asked->addr, asked);
    g_ptr_array_add(collection->answers->responders, asked);
    return asked;
}

static void note_responders(struct collection *collection, const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
            const struct tf_addr *addr = &hop->replies[i].responder;
            if (collection->only[ttl] == NULL)
                collection->only[ttl] = addr;
            collection->several[ttl] |= !tf_addr_equal(collection->only[ttl], addr);
        }
    }
}

static bool was_answered(const struct tf_hop *hop, const struct tf_sent *probe)
{
    for (size_t i = 0; i < hop->n_replies; i++)
        if (hop->replies[i].has_probe && hop->replies[i].probe_frame == probe->frame)
            return true;
    return false;
}

/* The last probe may still be answered when the capture ends: silence proves nothing. Nor does it
 * where a reply of the path does not say which probe it answers. */
static void count_probes(struct collection *collection, struct asked_of *asked,
                         const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    unsigned lost = 0;
    unsigned regained = 0;

    for (unsigned i = 0; i < hop->sent; i++) {
        const struct tf_sent *probe = &hop->probes[i];
        const struct outcome outcome = { probe->time_ns, probe->frame, was_answered(hop, probe) };
        if (!outcome.answered && (i + 1 == hop->sent || path->unplaced > 0))
            continue;
        g_array_append_val(asked->outcomes, outcome);
        lost += !outcome.answered;
        if (outcome.answered)
            regained = lost;
        asked->answered += outcome.answered;
        collection->answers->asked[ttl]++;
    }
    asked->lost += lost;
    asked->regained += regained;
    asked->later += regained > 0;
    asked->first_ttl = MIN(asked->first_ttl, ttl);
    asked->last_ttl = MAX(asked->last_ttl, ttl);
}

static void count_path(struct collection *collection, const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        const struct tf_addr *addr = hop_only_responder(hop);
        if (hop == NULL)
            continue;
        if (hop->n_replies == 0 && !collection->several[ttl])
            addr = collection->only[ttl];
        if (addr != NULL)
            count_probes(collection, reach(collection, addr), path, (uint8_t)ttl);
    }
}

static gint compare_outcomes(gconstpointer a, gconstpointer b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;

    return (x->frame > y->frame) - (x->frame < y->frame);
}

static gint compare_asked(gconstpointer a, gconstpointer b)
{
    const struct asked_of *x = *(const struct asked_of *const *)a;
    const struct asked_of *y = *(const struct asked_of *const *)b;

    return x->first_ttl != y->first_ttl ? x->first_ttl - y->first_ttl
                                        : tf_addr_compare(&x->addr, &y->addr);
}

struct answers *answers_new(const struct tf_trace *trace)
{
    struct answers *answers = g_new0(struct answers, 1);
    struct collection collection = { .answers = answers,
                                     .by_addr = g_hash_table_new(hash_addr, equal_addr) };

    answers->responders = g_ptr_array_new_with_free_func(free_asked);
    for (size_t i = 0; i < trace->n_paths; i++)
        note_responders(&collection, trace->paths[i]);
    for (size_t i = 0; i < trace->n_paths; i++)
        count_path(&collection, trace->paths[i]);
    for (guint i = 0; i < answers->responders->len; i++)
        g_array_sort(((struct asked_of *)answers->responders->pdata[i])->outcomes,
                     compare_outcomes);
    g_ptr_array_sort(answers->responders, compare_asked);
    g_hash_table_destroy(collection.by_addr);
    return answers;
}

void answers_free(struct answers *answers)
{
    if (answers == NULL)
        return;
    g_ptr_array_unref(answers->responders);
    g_free(answers);
}
