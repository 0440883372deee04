/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a trace's table, ready to be compared again and again. */
#include "distinct_rows.h"

#include <stdlib.h>

#include "hash.h"
#include "path.h"

/* A cell: nothing known, or twice the number of the one responder, or one more than twice the place
 * where its set of them begins. So comparing numbers, not addresses, decides how long it takes to
 * compare rows. */
enum { CELL_UNKNOWN, CELL_IS_SET = 1, CELL_SHIFT = 1, FIRST_NUMBER = 1 };

static guint number_of(GHashTable *numbers, const struct tf_addr *addr)
{
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(numbers, addr));
    const guint next = FIRST_NUMBER + g_hash_table_size(numbers);
    if (known != 0)
        return known;

    g_hash_table_insert(numbers, (gpointer)addr, GUINT_TO_POINTER(next));
    return next;
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    const guint *x = a;
    const guint *y = b;

    return (*x > *y) - (*x < *y);
}

/* Append the set of a hop's responders, and return where it begins. */
static guint add_set(struct rows *rows, GHashTable *numbers, const struct tf_hop *hop)
{
    g_autoptr(GArray) set = g_array_new(FALSE, FALSE, sizeof(guint));
    const guint place = rows->sets->len;
    guint count = 0;

    for (size_t i = 0; i < hop->n_replies; i++) {
        const guint number = number_of(numbers, &hop->replies[i].responder);
        g_array_append_val(set, number);
    }
    g_array_sort(set, compare_numbers);
    g_array_append_val(rows->sets, count);
    for (guint i = 0; i < set->len; i++) {
        const guint number = g_array_index(set, guint, i);
        if (i > 0 && number == g_array_index(set, guint, i - 1))
            continue;
        g_array_append_val(rows->sets, number);
        count++;
    }
    g_array_index(rows->sets, guint, place) = count;
    return place;
}

static guint cell_of(struct rows *rows, GHashTable *numbers, const struct tf_path *path,
                     uint8_t ttl)
{
    const struct tf_addr *known = path_known_at(path, ttl);
    const struct tf_hop *hop = path_cell(path, ttl);

    if (known != NULL)
        return number_of(numbers, known) << CELL_SHIFT;
    return hop->n_replies > 0 ? add_set(rows, numbers, hop) << CELL_SHIFT | CELL_IS_SET
                              : CELL_UNKNOWN;
}

static struct row make_row(struct rows *rows, GHashTable *numbers, const struct tf_path *path,
                           size_t index)
{
    struct row row = {
        .index = index,
        .unstable = path->unstable,
        .end = tf_path_end(path),
        .last = tf_path_last_ttl(path),
        .length = tf_path_length(path),
    };

    row.cells = g_new0(guint, row.last + 1U);
    for (unsigned ttl = 1; ttl <= row.last; ttl++) {
        row.cells[ttl] = cell_of(rows, numbers, path, (uint8_t)ttl);
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

struct rows *distinct_rows_new(const struct tf_trace *trace)
{
    g_autoptr(GHashTable) numbers = g_hash_table_new(hash_addr, equal_addr);
    struct rows *rows = g_new0(struct rows, 1);

    rows->row = g_new(struct row, trace->n_paths);
    rows->count = trace->n_paths;
    rows->sets = g_array_new(FALSE, FALSE, sizeof(guint));
    for (size_t i = 0; i < trace->n_paths; i++) {
        rows->row[i] = make_row(rows, numbers, trace->paths[i], i);
        rows->last = MAX(rows->last, rows->row[i].last);
    }
    if (rows->count > 1)
        qsort(rows->row, rows->count, sizeof rows->row[0], compare_rows);
    return rows;
}

void distinct_rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    for (size_t i = 0; i < rows->count; i++)
        g_free(rows->row[i].cells);
    g_array_unref(rows->sets);
    g_free(rows->row);
    g_free(rows);
}

static void members_of(struct members *members, const struct rows *rows, guint cell)
{
    members->single = cell >> CELL_SHIFT;
    members->count = cell == CELL_UNKNOWN ? 0 : 1;
    members->numbers = &members->single;
    if ((cell & CELL_IS_SET) != 0) {
        const guint *set = &g_array_index(rows->sets, guint, cell >> CELL_SHIFT);
        members->count = set[0];
        members->numbers = set + 1;
    }
}

void rows_members(struct members *members, const struct rows *rows, const struct row *row,
                  uint8_t ttl)
{
    members_of(members, rows, ttl <= row->last ? row->cells[ttl] : CELL_UNKNOWN);
}

static bool have_common(const struct members *a, const struct members *b)
{
    guint i = 0;
    guint j = 0;

    while (i < a->count && j < b->count && a->numbers[i] != b->numbers[j])
        if (a->numbers[i] < b->numbers[j])
            i++;
        else
            j++;
    return i < a->count && j < b->count;
}

/* Silence and what was not probed agree with everything. */
static bool cells_agree(const struct rows *rows, guint x, guint y)
{
    struct members a;
    struct members b;

    if (x == y || x == CELL_UNKNOWN || y == CELL_UNKNOWN)
        return true;
    if (((x | y) & CELL_IS_SET) == 0)
        return false;
    members_of(&a, rows, x);
    members_of(&b, rows, y);
    return have_common(&a, &b);
}

static bool ends_agree(const struct row *a, const struct row *b)
{
    if (a->end != 0 && b->end != 0)
        return a->end == b->end;
    if (a->end != 0)
        return b->length <= a->end;
    return b->end == 0 || a->length <= b->end;
}

bool rows_agree(const struct rows *rows, const struct row *a, const struct row *b)
{
    const uint8_t last = MIN(a->last, b->last);

    if (!ends_agree(a, b))
        return false;
    for (unsigned ttl = 1; ttl <= last; ttl++)
        if (!cells_agree(rows, a->cells[ttl], b->cells[ttl]))
            return false;
    return true;
}
