/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several probes of one flow tell, compared in the order in which they were sent. */
#include "repeats.h"

#include "path.h"

static gint compare_sent(gconstpointer a, gconstpointer b)
{
    const struct tf_observation *x = *(const struct tf_observation *const *)a;
    const struct tf_observation *y = *(const struct tf_observation *const *)b;

    if (x->probe_frame != y->probe_frame)
        return x->probe_frame < y->probe_frame ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static bool tells_responder(const struct tf_observation *reply)
{
    return reply->has_probe && !reply->duplicate;
}

/* Whoever refuses a packet may do so anywhere. */
static bool tells_length(const struct tf_observation *reply)
{
    return tells_responder(reply) &&
           (reply->kind == TF_KIND_DESTINATION_REPLY || !tf_observation_ends_path(reply));
}

/* The first reply to each probe of a hop that tells what is asked for. */
static void add_answers(GPtrArray *answers, const struct tf_hop *hop,
                        bool (*tells)(const struct tf_observation *reply))
{
    for (size_t i = 0; !hop->contradicted && i < hop->n_replies; i++)
        if (tells(&hop->replies[i]))
            g_ptr_array_add(answers, &hop->replies[i]);
}

static void add_change(struct repeated *repeated, const struct tf_observation *before,
                       const struct tf_observation *after)
{
    if (repeated->changes++ > 0)
        return;
    repeated->old_ns = reply_sent_ns(before);
    repeated->new_ns = reply_sent_ns(after);
    repeated->old_frame = before->frame;
    repeated->new_frame = after->frame;
}

static void collect_of_hop(GArray *repeats, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    struct repeated repeated = { .path = path, .ttl = ttl };
    if (hop == NULL || hop->n_replies < 2)
        return;

    g_autoptr(GPtrArray) answers = g_ptr_array_new();
    add_answers(answers, hop, tells_responder);
    g_ptr_array_sort(answers, compare_sent);
    repeated.answers = answers->len;
    for (guint i = 1; i < answers->len; i++) {
        const struct tf_observation *before = answers->pdata[i - 1];
        const struct tf_observation *after = answers->pdata[i];
        if (!tf_addr_equal(&before->responder, &after->responder))
            add_change(&repeated, before, after);
    }
    if (repeated.answers > 1)
        g_array_append_val(repeats, repeated);
}

/* What the answers so far say of a length that they can all agree on. */
struct bounds {
    const struct tf_observation *router;      /* of the highest TTL: the way is longer than that */
    const struct tf_observation *destination; /* of the lowest: it is no longer than that */
};

/* The answer that contradicts the next one, or NULL. */
static const struct tf_observation *opposed(const struct bounds *bounds,
                                            const struct tf_observation *next)
{
    if (next->kind == TF_KIND_DESTINATION_REPLY)
        return bounds->router != NULL && bounds->router->ttl > next->ttl ? bounds->router : NULL;
    return bounds->destination != NULL && bounds->destination->ttl < next->ttl ? bounds->destination
                                                                               : NULL;
}

static void tighten(struct bounds *bounds, const struct tf_observation *next)
{
    if (next->kind == TF_KIND_DESTINATION_REPLY) {
        if (bounds->destination == NULL || next->ttl <= bounds->destination->ttl)
            bounds->destination = next;
    } else if (bounds->router == NULL || next->ttl >= bounds->router->ttl) {
        bounds->router = next;
    }
}

static void compare_lengths(struct repeated *repeated, const GPtrArray *answers)
{
    struct bounds bounds = { 0 };

    for (guint i = 0; i < answers->len; i++) {
        const struct tf_observation *next = answers->pdata[i];
        const struct tf_observation *before = opposed(&bounds, next);
        if (before != NULL) {
            repeated->ttl = MIN(repeated->ttl, MIN(before->ttl, next->ttl));
            add_change(repeated, before, next);
            bounds = (struct bounds){ 0 };
        }
        tighten(&bounds, next);
    }
}

void repeats_collect_length(GArray *repeats, const struct tf_path *path)
{
    struct repeated repeated = { .path = path, .ttl = UINT8_MAX };
    g_autoptr(GPtrArray) answers = g_ptr_array_new();

    for (size_t ttl = 1; ttl < path->n_hops; ttl++)
        add_answers(answers, path_cell(path, ttl), tells_length);
    g_ptr_array_sort(answers, compare_sent);
    compare_lengths(&repeated, answers);
    repeated.answers = repeated.changes + 1;
    if (repeated.changes > 0)
        g_array_append_val(repeats, repeated);
}

void repeats_collect(GArray *repeats, const struct tf_path *path)
{
    const uint8_t last = path_extent(path);

    for (unsigned ttl = 1; ttl <= last; ttl++)
        collect_of_hop(repeats, path, (uint8_t)ttl);
}
