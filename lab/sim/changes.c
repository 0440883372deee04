/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes and which of them have happened. */
#include "changes.h"

struct changes {
    const struct topology *topology;
    bool *is_done; /* by change */
};

struct changes *changes_new(const struct topology *topology)
{
    struct changes *changes = g_new0(struct changes, 1);

    changes->topology = topology;
    changes->is_done = g_new0(bool, topology->n_changes + 1);
    return changes;
}

void changes_free(struct changes *changes)
{
    if (changes == NULL)
        return;
    g_free(changes->is_done);
    g_free(changes);
}

static bool is_due(const struct change *change, const struct progress *progress)
{
    return change->by_count ? progress->packets > change->after
                            : progress->elapsed_ns >= change->at_ns;
}

/* Of two that are due together, those by time are in time's order; what a count made due, this very
 * packet did. */
static bool is_earlier(const struct change *a, const struct change *b)
{
    if (a->by_count != b->by_count)
        return !a->by_count;
    return a->by_count ? a->after < b->after : a->at_ns < b->at_ns;
}

/* The number of the first change that is due, or n_changes. */
static size_t next_change(const struct changes *changes, const struct progress *progress)
{
    const struct change *all = changes->topology->changes;
    const size_t n_changes = changes->topology->n_changes;
    size_t next = n_changes;

    for (size_t i = 0; i < n_changes; i++)
        if (!changes->is_done[i] && is_due(&all[i], progress) &&
            (next == n_changes || is_earlier(&all[i], &all[next])))
            next = i;
    return next;
}

void changes_make(struct changes *changes, const struct progress *progress, struct routing *routing)
{
    const struct topology *topology = changes->topology;

    for (size_t i; (i = next_change(changes, progress)) < topology->n_changes;) {
        changes->is_done[i] = true;
        routing_change(routing, &topology->changes[i]);
    }
}
