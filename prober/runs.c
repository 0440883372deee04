/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose turn it is: the runs send one probe each, round and round.
 *
 * A few at a time only: answers that are already there may end a path or shorten a search, and a
 * probe saved is a router spared; and frames that wait in the ring are what gets lost if sending
 * goes on.
 */
#include "runs.h"

#include "debug.h"

enum { BURST = 16 };

void runs_begin(struct runs *runs, int64_t interval_ns)
{
    *runs = (struct runs){
        .list = g_ptr_array_new(),
        .by_id = g_hash_table_new(g_int_hash, g_int_equal),
        .interval_ns = interval_ns,
    };
}

void runs_end(struct runs *runs)
{
    g_hash_table_destroy(runs->by_id);
    for (guint i = 0; i < runs->list->len; i++)
        run_free(g_ptr_array_index(runs->list, i));
    g_ptr_array_free(runs->list, TRUE);
}

void runs_add(struct runs *runs, struct run *run)
{
    g_ptr_array_add(runs->list, run);
    g_hash_table_insert(runs->by_id, &run->run_id, run);
}

struct run *runs_take(struct runs *runs, guint index)
{
    struct run *run = g_ptr_array_remove_index_fast(runs->list, index);

    g_hash_table_remove(runs->by_id, &run->run_id);
    return run;
}

struct run *runs_find(const struct runs *runs, uint32_t run_id)
{
    return g_hash_table_lookup(runs->by_id, &run_id);
}

const struct run *runs_find_destination(const struct runs *runs, const struct tf_addr *dst)
{
    for (guint i = 0; i < runs->list->len; i++) {
        const struct run *run = g_ptr_array_index(runs->list, i);
        if (tf_addr_equal(&run->dst, dst))
            return run;
    }
    return NULL;
}

static struct run *take_turn(struct runs *runs)
{
    runs->cursor = (runs->cursor + 1) % runs->list->len;
    return g_ptr_array_index(runs->list, runs->cursor);
}

static int64_t earliest_wake(const struct runs *runs, int64_t now_ns)
{
    int64_t wake_ns = INT64_MAX;

    for (guint i = 0; i < runs->list->len; i++) {
        const struct run *run = g_ptr_array_index(runs->list, i);
        if (run->is_over)
            return now_ns; /* it waits to be taken out */
        wake_ns = MIN(wake_ns, run->wake_ns);
    }
    return MAX(wake_ns, runs->next_ns);
}

int64_t runs_send(struct runs *runs, int64_t now_ns, bool debug)
{
    unsigned sent = 0;

    for (guint idle = 0; idle < runs->list->len && now_ns >= runs->next_ns;) {
        struct run *run = take_turn(runs);
        const enum run_step step = run_next(run, now_ns);
        if (step == RUN_BUSY)
            break;
        idle = step == RUN_IDLE ? idle + 1 : 0;
        if (step == RUN_IDLE)
            continue;
        if (debug)
            debug_probe(run);
        if (runs->interval_ns > 0)
            runs->next_ns = now_ns + runs->interval_ns;
        if (++sent == BURST)
            return now_ns;
    }
    return earliest_wake(runs, now_ns);
}
