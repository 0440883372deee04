/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary heap. */
#include "agenda.h"

#include <stdbool.h>

struct entry {
    int64_t at_ns;
    uint64_t serial; /* ties are broken by age */
    void *item;
};

struct agenda {
    GArray *heap; /* struct entry; no entry is before its parent, (i - 1) / 2 */
    uint64_t serial;
    GDestroyNotify free_item;
};

struct agenda *agenda_new(GDestroyNotify free_item)
{
    struct agenda *agenda = g_new0(struct agenda, 1);

    agenda->heap = g_array_new(FALSE, FALSE, sizeof(struct entry));
    agenda->free_item = free_item;
    return agenda;
}

static struct entry *entry_at(const struct agenda *agenda, size_t i)
{
    return &g_array_index(agenda->heap, struct entry, i);
}

void agenda_free(struct agenda *agenda)
{
    if (agenda == NULL)
        return;
    for (size_t i = 0; i < agenda->heap->len; i++)
        agenda->free_item(entry_at(agenda, i)->item);
    g_array_free(agenda->heap, TRUE);
    g_free(agenda);
}

static bool is_before(const struct entry *a, const struct entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->serial < b->serial;
}

static void swap(struct agenda *agenda, size_t i, size_t j)
{
    const struct entry entry = *entry_at(agenda, i);

    *entry_at(agenda, i) = *entry_at(agenda, j);
    *entry_at(agenda, j) = entry;
}

void agenda_add(struct agenda *agenda, int64_t at_ns, void *item)
{
    const struct entry entry = { at_ns, agenda->serial++, item };
    size_t i = agenda->heap->len;

    g_array_append_val(agenda->heap, entry);
    while (i > 0 && is_before(entry_at(agenda, i), entry_at(agenda, (i - 1) / 2))) {
        swap(agenda, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

int64_t agenda_due_ns(const struct agenda *agenda)
{
    return agenda->heap->len > 0 ? entry_at(agenda, 0)->at_ns : INT64_MAX;
}

/* The first of an entry and its children. */
static size_t first_of_family(const struct agenda *agenda, size_t i)
{
    size_t first = i;

    for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < agenda->heap->len; child++)
        if (is_before(entry_at(agenda, child), entry_at(agenda, first)))
            first = child;
    return first;
}

void *agenda_take(struct agenda *agenda, int64_t *at_ns)
{
    if (agenda->heap->len == 0)
        return NULL;

    const struct entry taken = *entry_at(agenda, 0);
    g_array_remove_index_fast(agenda->heap, 0); /* the last entry takes its place … */
    for (size_t i = 0, first; agenda->heap->len > 0; i = first) { /* … and sinks */
        first = first_of_family(agenda, i);
        if (first == i)
            break;
        swap(agenda, i, first);
    }
    *at_ns = taken.at_ns;
    return taken.item;
}
