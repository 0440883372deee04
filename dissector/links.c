/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the records of one flow and TTL are to each other. */
/*
 * Of each flow and TTL the newest probe is known, and each probe knows the one before it. A TTL has
 * a few attempts only, so whatever is asked of them is found in a few steps; a capture in which it
 * is not is none of a prober's, and is not searched for ever.
 *
 * Where no probe was captured, the first reply stands for flow and TTL.
 */
#include "links.h"

#include "traceflow/encoding.h"
#include "traceflow/trace.h"

/* struct record of file scope, by flow and TTL. */
static wmem_map_t *newest;

static guint hash_place(gconstpointer key)
{
    const struct record *record = key;

    return g_direct_hash(record->flow) * 31 + record->ttl;
}

static gboolean equal_places(gconstpointer key_a, gconstpointer key_b)
{
    const struct record *a = key_a;
    const struct record *b = key_b;

    return a->flow == b->flow && a->ttl == b->ttl;
}

static bool is_same_probe(const struct record *a, const struct record *b)
{
    return a->run == b->run && a->attempt == b->attempt;
}

const struct record *links_same_probe(const struct record *probe)
{
    const struct record *before = probe->earlier;

    if (!record_has(probe, RECORD_DUPLICATE))
        return NULL;
    for (unsigned i = 0; i < TF_ATTEMPTS_MAX && before != NULL; i++, before = before->earlier)
        if (is_same_probe(before, probe))
            return before;
    return NULL;
}

static void add_probe(struct record *probe)
{
    struct record *before = wmem_map_insert(newest, probe, probe);

    if (before == NULL || !record_is_probe(before))
        return;
    probe->earlier = before;
    for (unsigned i = 0; i < TF_ATTEMPTS_MAX && before != NULL; i++, before = before->earlier)
        if (is_same_probe(before, probe))
            before->flags |= RECORD_REPEATED;
}

static bool is_other(const struct record *answer, const struct record *reply)
{
    return answer != NULL && !record_has(answer, RECORD_GONE) && answer->run == reply->run &&
           answer->responder.addr != reply->responder.addr;
}

/* The newest answer by somebody else, if there is any. */
static struct record *other_answer(const struct record *reply, struct record *at_place)
{
    if (!record_is_probe(at_place))
        return is_other(at_place, reply) ? at_place : NULL;

    for (unsigned i = 0; i < TF_ATTEMPTS_MAX && at_place != NULL; i++, at_place = at_place->earlier)
        if (is_other(at_place->counterpart, reply))
            return at_place->counterpart;
    return NULL;
}

/* Whether another attempt was made between probe and reply, because nothing had come. */
static bool was_asked_again(const struct record *probe, const struct record *at_place)
{
    return record_is_probe(at_place) && at_place->run == probe->run &&
           at_place->time_ns - probe->time_ns > TF_PAIR_NS;
}

static void add_reply(struct record *reply, struct record *probe)
{
    struct record *at_place = wmem_map_lookup(newest, reply);

    if (at_place == NULL) {
        wmem_map_insert(newest, reply, reply);
        return;
    }
    reply->earlier = other_answer(reply, at_place);
    if (probe != NULL && !record_has(reply, RECORD_DUPLICATE) && was_asked_again(probe, at_place))
        reply->flags |= RECORD_ASKED_AGAIN;
}

void links_add(struct record *record, struct record *probe)
{
    if (record_is_probe(record)) {
        add_probe(record);
        return;
    }
    if (record_has(record, RECORD_HAS_TTL))
        add_reply(record, probe);
    record->counterpart = probe;
    if (probe != NULL &&
        (probe->counterpart == NULL || record_has(probe->counterpart, RECORD_GONE)))
        probe->counterpart = record;
}

void links_register(void)
{
    newest = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash_place, equal_places);
}
