/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs of the open capture file, told apart as core's traces are. */
#include "runs.h"

/* Runs of file scope, each its own key. */
static wmem_map_t *runs;

/* Some that frames were added to a moment ago: found without a hash, by a number in which those of
 * one time differ. */
enum { RECENT = 256 };
static struct run *recent_runs[RECENT];

static bool any_probe;

static guint hash_run(gconstpointer key)
{
    const struct run *run = key;
    const struct tf_flow *flow = run->flow;
    const uint32_t numbers[] = { run->run_id, run->has_run_id, flow->protocol, flow->dst_port };

    return wmem_strong_hash((const guint8 *)numbers, sizeof numbers) ^
           wmem_strong_hash((const guint8 *)&flow->src, sizeof flow->src) ^
           wmem_strong_hash((const guint8 *)&flow->dst, sizeof flow->dst) * 31;
}

static gboolean equal_runs(gconstpointer key_a, gconstpointer key_b)
{
    const struct run *a = key_a;
    const struct run *b = key_b;

    return a->run_id == b->run_id && a->has_run_id == b->has_run_id &&
           a->flow->protocol == b->flow->protocol && a->flow->dst_port == b->flow->dst_port &&
           tf_addr_equal(&a->flow->src, &b->flow->src) &&
           tf_addr_equal(&a->flow->dst, &b->flow->dst);
}

static struct run *look_up(const struct run *key)
{
    struct run *run = wmem_map_lookup(runs, key);

    if (run == NULL) {
        run = wmem_memdup(wmem_file_scope(), key, sizeof *key);
        wmem_map_insert(runs, run, run);
    }
    return run;
}

static struct run *reach_run(const struct run *key)
{
    const struct tf_addr *dst = &key->flow->dst;
    const uint32_t number = key->run_id + dst->bytes[tf_addr_len(dst) - 1];
    struct run **recent = &recent_runs[number % RECENT];

    if (*recent == NULL || !equal_runs(*recent, key))
        *recent = look_up(key);
    return *recent;
}

void runs_add(struct record *record, uint32_t run_id)
{
    const bool has_run_id = record_has(record, RECORD_HAS_RUN_ID);
    const struct run key = {
        .flow = &record->flow->tuple,
        .run_id = has_run_id ? run_id : 0,
        .has_run_id = has_run_id,
    };
    struct run *run = reach_run(&key);

    if (run->last == NULL)
        run->first = record;
    else
        run->last->next_of_run = record;
    run->last = record;
    run->n_frames++;
    run->any_probe |= record_is_probe(record);
    any_probe |= run->any_probe;
    record->run = run;
}

bool runs_any_probe(void)
{
    return any_probe;
}

void runs_open(void)
{
    memset(recent_runs, 0, sizeof recent_runs);
    any_probe = false;
}

void runs_register(void)
{
    runs = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash_run, equal_runs);
}
