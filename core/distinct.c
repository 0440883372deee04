/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths of a trace are distinct: rows that contradict each other somewhere. */
#include <glib.h>
#include <stdlib.h>

#include "path.h"

static bool answered_by(const struct tf_path *path, size_t ttl, const struct tf_addr *responder)
{
    const struct tf_addr *inferred = path_inferred_at(path, (uint8_t)ttl);
    const struct tf_hop *hop = &path->hops[ttl];
    if (inferred != NULL)
        return tf_addr_equal(inferred, responder);

    for (size_t i = 0; i < hop->n_replies; i++)
        if (tf_addr_equal(&hop->replies[i].responder, responder))
            return true;
    return false;
}

static bool is_known(const struct tf_path *path, size_t ttl)
{
    return path->hops[ttl].n_replies > 0 || path_inferred_at(path, (uint8_t)ttl) != NULL;
}

/* Silence and what was not probed agree with everything; two answers agree if they have a responder
 * in common. */
static bool hops_agree(const struct tf_path *a, const struct tf_path *b, size_t ttl)
{
    const struct tf_addr *inferred = path_inferred_at(a, (uint8_t)ttl);
    const struct tf_hop *hop = &a->hops[ttl];
    if (!is_known(a, ttl) || !is_known(b, ttl))
        return true;
    if (inferred != NULL)
        return answered_by(b, ttl, inferred);

    for (size_t i = 0; i < hop->n_replies; i++)
        if (answered_by(b, ttl, &hop->replies[i].responder))
            return true;
    return false;
}

/* A path and what is asked of it again and again. */
struct row {
    const struct tf_path *path;
    size_t index;
    bool unstable;
    unsigned known;    /* hops */
    unsigned answered; /* of them, by an answer */
    uint8_t end;
    uint8_t last;
    uint8_t length;
};

static bool ends_agree(const struct row *a, const struct row *b)
{
    if (a->end != 0 && b->end != 0)
        return a->end == b->end;
    if (a->end != 0)
        return b->length <= a->end;
    return b->end == 0 || a->length <= b->end;
}

static bool rows_agree(const struct row *a, const struct row *b)
{
    const uint8_t last = MIN(a->last, b->last);

    if (!ends_agree(a, b))
        return false;
    for (size_t ttl = 1; ttl <= last; ttl++)
        if (!hops_agree(a->path, b->path, ttl))
            return false;
    return true;
}

static struct row make_row(const struct tf_path *path, size_t index)
{
    struct row row = {
        .path = path,
        .index = index,
        .unstable = path->unstable,
        .end = tf_path_end(path),
        .last = tf_path_last_ttl(path),
        .length = tf_path_length(path),
    };

    for (size_t ttl = 1; ttl <= row.last; ttl++) {
        row.known += is_known(path, ttl);
        row.answered += path->hops[ttl].n_replies > 0;
    }
    return row;
}

/* Stable ones and what is most complete first, then by path ID (the index order). */
static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    if (x->unstable != y->unstable)
        return y->unstable ? -1 : 1;
    if (x->known != y->known)
        return x->known > y->known ? -1 : 1;
    if (x->answered != y->answered)
        return x->answered > y->answered ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

size_t tf_trace_distinct(const struct tf_trace *trace, size_t *representative)
{
    g_autofree struct row *rows = g_new(struct row, trace->n_paths);
    g_autofree const struct row **found = g_new(const struct row *, trace->n_paths);
    size_t n_found = 0;

    for (size_t i = 0; i < trace->n_paths; i++)
        rows[i] = make_row(trace->paths[i], i);
    if (trace->n_paths > 1)
        qsort(rows, trace->n_paths, sizeof rows[0], compare_rows);

    for (size_t i = 0; i < trace->n_paths; i++) {
        size_t group = 0;
        while (group < n_found && !rows_agree(found[group], &rows[i]))
            group++;
        if (group == n_found)
            found[n_found++] = &rows[i];
        representative[rows[i].index] = found[group]->index;
    }
    return n_found;
}
