/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths of a trace are distinct: rows that contradict each other somewhere. */
/*
 * A row joins the first group whose leader agrees with it. To ask all leaders would take for ever
 * where all of 65,535 paths differ, so leaders are indexed by who answered them where: those that
 * agree with a row have, at any TTL of it, one of its responders or none. The TTL that leaves the
 * fewest is looked at.
 */
#include <glib.h>

#include "distinct_rows.h"

/* The row of each group that was found first; all that is said of them is by their number. */
struct leaders {
    const struct rows *rows;
    GPtrArray *row;                /* const struct row */
    GHashTable *answered;          /* TTL and responder -> GArray of guint */
    GArray *silent[UINT8_MAX + 1]; /* by TTL, up to that of the highest row: guint */
};

/* Numbers of leaders, in ascending order. */
struct candidates {
    GArray *answered;     /* guint */
    const GArray *silent; /* guint; NULL: any leader may do */
    guint n_all;
    guint next_answered;
    guint next_silent;
};

static gpointer place_key(uint8_t ttl, guint responder)
{
    return (gpointer)((guintptr)responder << 8 | ttl);
}

static struct leaders *leaders_new(const struct rows *rows)
{
    struct leaders *leaders = g_new0(struct leaders, 1);

    leaders->rows = rows;
    leaders->row = g_ptr_array_new();
    leaders->answered = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    for (unsigned ttl = 1; ttl <= rows->last; ttl++)
        leaders->silent[ttl] = g_array_new(FALSE, FALSE, sizeof(guint));
    return leaders;
}

static void leaders_free(struct leaders *leaders)
{
    for (unsigned ttl = 1; ttl <= leaders->rows->last; ttl++)
        g_array_unref(leaders->silent[ttl]);
    g_hash_table_destroy(leaders->answered);
    g_ptr_array_unref(leaders->row);
    g_free(leaders);
}

static void add_answered(struct leaders *leaders, gpointer key, guint number)
{
    GArray *numbers = g_hash_table_lookup(leaders->answered, key);

    if (numbers == NULL) {
        numbers = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(leaders->answered, key, numbers);
    }
    g_array_append_val(numbers, number);
}

static void add_leader(struct leaders *leaders, const struct row *row)
{
    const guint number = leaders->row->len;

    g_ptr_array_add(leaders->row, (gpointer)row);
    for (unsigned ttl = 1; ttl <= leaders->rows->last; ttl++) {
        struct members members;
        rows_members(&members, leaders->rows, row, (uint8_t)ttl);
        for (guint i = 0; i < members.count; i++)
            add_answered(leaders, place_key((uint8_t)ttl, members.numbers[i]), number);
        if (members.count == 0)
            g_array_append_val(leaders->silent[ttl], number);
    }
}

/* How many leaders may agree with a row, by what answered at one TTL. */
static guint count_fitting(const struct leaders *leaders, const struct members *members,
                           uint8_t ttl)
{
    guint count = leaders->silent[ttl]->len;

    for (guint i = 0; i < members->count; i++) {
        const GArray *numbers = g_hash_table_lookup(leaders->answered,
                                                    place_key(ttl, members->numbers[i]));
        count += numbers != NULL ? numbers->len : 0;
    }
    return count;
}

/* The TTL at which the fewest leaders fit, or 0 where that is hardly less than all. */
static uint8_t find_ttl(const struct leaders *leaders, const struct row *row)
{
    guint fewest = leaders->row->len / 2;
    uint8_t found = 0;

    for (unsigned ttl = 1; ttl <= row->last && fewest > 0; ttl++) {
        struct members members;
        rows_members(&members, leaders->rows, row, (uint8_t)ttl);
        const guint count = count_fitting(leaders, &members, (uint8_t)ttl);
        if (members.count == 0 || count >= fewest)
            continue;
        fewest = count;
        found = (uint8_t)ttl;
    }
    return found;
}

static gint compare_numbers(gconstpointer a, gconstpointer b)
{
    const guint *x = a;
    const guint *y = b;

    return (*x > *y) - (*x < *y);
}

static struct candidates candidates_for(const struct leaders *leaders, const struct row *row)
{
    const uint8_t ttl = find_ttl(leaders, row);
    struct candidates candidates = { .n_all = leaders->row->len };
    struct members members;
    if (ttl == 0)
        return candidates;

    rows_members(&members, leaders->rows, row, ttl);
    candidates.answered = g_array_new(FALSE, FALSE, sizeof(guint));
    candidates.silent = leaders->silent[ttl];
    for (guint i = 0; i < members.count; i++) {
        const GArray *numbers = g_hash_table_lookup(leaders->answered,
                                                    place_key(ttl, members.numbers[i]));
        if (numbers != NULL)
            g_array_append_vals(candidates.answered, numbers->data, numbers->len);
    }
    if (members.count > 1)
        g_array_sort(candidates.answered, compare_numbers);
    return candidates;
}

static void candidates_clear(struct candidates *candidates)
{
    g_clear_pointer(&candidates->answered, g_array_unref);
}

static guint next_of(const GArray *numbers, guint at)
{
    return at < numbers->len ? g_array_index(numbers, guint, at) : G_MAXUINT;
}

/* The next leader to ask, G_MAXUINT behind the last. */
static guint next_candidate(struct candidates *candidates)
{
    if (candidates->silent == NULL)
        return candidates->next_silent < candidates->n_all ? candidates->next_silent++ : G_MAXUINT;

    const guint answered = next_of(candidates->answered, candidates->next_answered);
    const guint silent = next_of(candidates->silent, candidates->next_silent);
    if (silent < answered) {
        candidates->next_silent++;
        return silent;
    }
    /* one that several of the row's responders answered is there several times */
    while (answered != G_MAXUINT &&
           next_of(candidates->answered, candidates->next_answered) == answered)
        candidates->next_answered++;
    return answered;
}

/* The next leader that agrees with a row, NULL behind the last. */
static const struct row *next_agreeing(const struct leaders *leaders, const struct row *row,
                                       struct candidates *candidates)
{
    for (;;) {
        const guint number = next_candidate(candidates);
        if (number == G_MAXUINT)
            return NULL;
        if (rows_agree(leaders->rows, leaders->row->pdata[number], row))
            return leaders->row->pdata[number];
    }
}

/* The group that a row joins, or else makes. */
static const struct row *join(struct leaders *leaders, const struct row *row)
{
    struct candidates candidates = candidates_for(leaders, row);
    const struct row *leader = next_agreeing(leaders, row, &candidates);

    candidates_clear(&candidates);
    if (leader != NULL)
        return leader;
    add_leader(leaders, row);
    return row;
}

static bool fits_several(const struct leaders *leaders, const struct row *row)
{
    struct candidates candidates = candidates_for(leaders, row);
    unsigned fitting = 0;

    for (const struct row *leader = next_agreeing(leaders, row, &candidates);
         leader != NULL && fitting < 2; leader = next_agreeing(leaders, row, &candidates))
        fitting += !leader->unstable;
    candidates_clear(&candidates);
    return fitting > 1;
}

size_t tf_trace_distinct(const struct tf_trace *trace, size_t *representative)
{
    struct rows *rows = distinct_rows_new(trace);
    struct leaders *leaders = leaders_new(rows);

    for (size_t i = 0; i < rows->count; i++)
        representative[rows->row[i].index] = join(leaders, &rows->row[i])->index;
    const size_t count = leaders->row->len;
    leaders_free(leaders);
    distinct_rows_free(rows);
    return count;
}

void tf_trace_rows(const struct tf_trace *trace, size_t *shown_by)
{
    struct rows *rows = distinct_rows_new(trace);
    struct leaders *leaders = leaders_new(rows);
    struct leaders *vague = leaders_new(rows);

    for (size_t i = 0; i < rows->count; i++)
        shown_by[rows->row[i].index] = join(leaders, &rows->row[i])->index;
    for (size_t i = 0; i < rows->count; i++)
        if (fits_several(leaders, &rows->row[i]))
            shown_by[rows->row[i].index] = join(vague, &rows->row[i])->index;
    leaders_free(vague);
    leaders_free(leaders);
    distinct_rows_free(rows);
}
