/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths of a trace are distinct: rows that contradict each other somewhere. */
#include <glib.h>
#include <stdlib.h>

#include "hash.h"
#include "path.h"

/* A cell of a row: nothing known, the number of the one responder that is, or several. Rows are
 * compared in pairs, so that comparing numbers, not addresses, decides how long that takes. */
enum { CELL_UNKNOWN, CELL_SEVERAL, CELL_FIRST_NUMBER };

/* A path and what is asked of it again and again. */
struct row {
    const struct tf_path *path;
    size_t index;
    guint *cells; /* by TTL */
    bool unstable;
    unsigned known;    /* hops */
    unsigned answered; /* of them, by an answer */
    uint8_t end;
    uint8_t last;
    uint8_t length;
};

static guint number_of(GHashTable *numbers, const struct tf_addr *addr)
{
    const guint next = CELL_FIRST_NUMBER + g_hash_table_size(numbers);
    const guint *number = g_hash_table_lookup(numbers, addr);
    if (number != NULL)
        return *number;

    g_hash_table_insert(numbers, (gpointer)addr, g_memdup2(&next, sizeof next));
    return next;
}

static guint cell_of(GHashTable *numbers, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *known = path_known_at(path, ttl);

    if (known != NULL)
        return number_of(numbers, known);
    return path_cell(path, ttl)->n_replies > 0 ? CELL_SEVERAL : CELL_UNKNOWN;
}

static bool answered_by(const struct tf_path *path, size_t ttl, const struct tf_addr *responder)
{
    const struct tf_addr *inferred = path_inferred_at(path, (uint8_t)ttl);
    const struct tf_hop *hop = path_cell(path, ttl);
    if (inferred != NULL)
        return tf_addr_equal(inferred, responder);

    for (size_t i = 0; i < hop->n_replies; i++)
        if (tf_addr_equal(&hop->replies[i].responder, responder))
            return true;
    return false;
}

/* Of cells one of which has several responders: one in common is enough. */
static bool have_common(const struct tf_path *a, const struct tf_path *b, size_t ttl)
{
    const struct tf_addr *inferred = path_inferred_at(a, (uint8_t)ttl);
    const struct tf_hop *hop = path_cell(a, ttl);
    if (inferred != NULL)
        return answered_by(b, ttl, inferred);

    for (size_t i = 0; i < hop->n_replies; i++)
        if (answered_by(b, ttl, &hop->replies[i].responder))
            return true;
    return false;
}

/* Silence and what was not probed agree with everything. */
static bool cells_agree(const struct row *a, const struct row *b, size_t ttl)
{
    const guint x = a->cells[ttl];
    const guint y = b->cells[ttl];

    if (x == CELL_UNKNOWN || y == CELL_UNKNOWN)
        return true;
    if (x == CELL_SEVERAL || y == CELL_SEVERAL)
        return have_common(a->path, b->path, ttl);
    return x == y;
}

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
        if (!cells_agree(a, b, ttl))
            return false;
    return true;
}

static struct row make_row(GHashTable *numbers, const struct tf_path *path, size_t index)
{
    struct row row = {
        .path = path,
        .index = index,
        .unstable = path->unstable,
        .end = tf_path_end(path),
        .last = tf_path_last_ttl(path),
        .length = tf_path_length(path),
    };

    row.cells = g_new0(guint, row.last + 1U);
    for (size_t ttl = 1; ttl <= row.last; ttl++) {
        row.cells[ttl] = cell_of(numbers, path, (uint8_t)ttl);
        row.known += row.cells[ttl] != CELL_UNKNOWN;
        row.answered += path_cell(path, ttl)->n_replies > 0;
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

static struct row *make_rows(const struct tf_trace *trace)
{
    g_autoptr(GHashTable) numbers = g_hash_table_new_full(hash_addr, equal_addr, NULL, g_free);
    struct row *rows = g_new(struct row, trace->n_paths);

    for (size_t i = 0; i < trace->n_paths; i++)
        rows[i] = make_row(numbers, trace->paths[i], i);
    if (trace->n_paths > 1)
        qsort(rows, trace->n_paths, sizeof rows[0], compare_rows);
    return rows;
}

static void free_rows(const struct tf_trace *trace, struct row *rows)
{
    for (size_t i = 0; i < trace->n_paths; i++)
        g_free(rows[i].cells);
    g_free(rows);
}

/* The row of each group that was found first. */
struct leaders {
    const struct row **rows;
    size_t count;
};

static struct leaders no_leaders(const struct tf_trace *trace)
{
    return (struct leaders){ .rows = g_new(const struct row *, trace->n_paths) };
}

/* The group that a row joins, or else makes. */
static const struct row *join(struct leaders *leaders, const struct row *row)
{
    for (size_t i = 0; i < leaders->count; i++)
        if (rows_agree(leaders->rows[i], row))
            return leaders->rows[i];
    leaders->rows[leaders->count++] = row;
    return row;
}

static bool fits_several(const struct leaders *leaders, const struct row *row)
{
    unsigned fitting = 0;

    for (size_t i = 0; i < leaders->count && fitting < 2; i++)
        fitting += !leaders->rows[i]->unstable && rows_agree(leaders->rows[i], row);
    return fitting > 1;
}

size_t tf_trace_distinct(const struct tf_trace *trace, size_t *representative)
{
    struct row *rows = make_rows(trace);
    struct leaders leaders = no_leaders(trace);

    for (size_t i = 0; i < trace->n_paths; i++)
        representative[rows[i].index] = join(&leaders, &rows[i])->index;
    free_rows(trace, rows);
    g_free(leaders.rows);
    return leaders.count;
}

void tf_trace_rows(const struct tf_trace *trace, size_t *shown_by)
{
    struct row *rows = make_rows(trace);
    struct leaders leaders = no_leaders(trace);
    struct leaders vague = no_leaders(trace);

    for (size_t i = 0; i < trace->n_paths; i++)
        shown_by[rows[i].index] = join(&leaders, &rows[i])->index;
    for (size_t i = 0; i < trace->n_paths; i++)
        if (fits_several(&leaders, &rows[i]))
            shown_by[rows[i].index] = join(&vague, &rows[i])->index;
    free_rows(trace, rows);
    g_free(leaders.rows);
    g_free(vague.rows);
}
