/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the records of one flow and TTL are to each other. */
/*
 * Of each flow and TTL the newest probe is known, and each probe knows the one before it. A TTL has
 * a few attempts only, so whatever is asked of them is found in a few steps; a capture in which it
 * is not is none of a prober's, and is not searched for ever. The flow itself holds them, by TTL: a
 * hash of all flows and TTLs would miss the processor's cache with each frame.
 *
 * Where no probe was captured, the first reply stands for flow and TTL.
 */
#include "links.h"

#include "traceflow/encoding.h"
#include "traceflow/trace.h"

enum { TTLS = UINT8_MAX + 1 };

/* Room for a TTL: upwards for as many again, as a path's TTLs mostly rise. */
static void make_room(struct flow *flow, uint8_t ttl)
{
    const unsigned end = flow->first_ttl + flow->n_ttls;
    const unsigned new_first = MIN(flow->first_ttl, ttl);
    const unsigned new_end = ttl < end ? end : MIN(MAX(ttl + 1U, end + flow->n_ttls), TTLS);
    struct record **newest = wmem_alloc0_array(wmem_file_scope(), struct record *,
                                               new_end - new_first);

    for (unsigned i = 0; i < flow->n_ttls; i++)
        newest[flow->first_ttl - new_first + i] = flow->newest[i];
    wmem_free(wmem_file_scope(), flow->newest);
    flow->newest = newest;
    flow->first_ttl = (uint8_t)new_first;
    flow->n_ttls = (uint16_t)(new_end - new_first);
}

/* Where the newest record of flow and TTL is kept. */
static struct record **newest_of(const struct record *record)
{
    struct flow *flow = record->flow;

    if (flow->n_ttls == 0)
        flow->first_ttl = record->ttl;
    if (record->ttl < flow->first_ttl || record->ttl >= flow->first_ttl + flow->n_ttls)
        make_room(flow, record->ttl);
    return &flow->newest[record->ttl - flow->first_ttl];
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
    struct record **newest = newest_of(probe);
    struct record *before = *newest;

    *newest = probe;
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
    struct record **newest = newest_of(reply);
    struct record *at_place = *newest;

    if (at_place == NULL) {
        *newest = reply;
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
