/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a path's hops say of it: its end, its length, who is known at a TTL. */
#include "path.h"

#include <glib.h>
#include <string.h>

const struct tf_hop *path_cell(const struct tf_path *path, size_t ttl)
{
    static const struct tf_hop nothing = { 0 };

    return ttl < path->n_hops && path->hops[ttl] != NULL ? path->hops[ttl] : &nothing;
}

int64_t reply_sent_ns(const struct tf_observation *reply)
{
    return reply->time_ns - reply->rtt_ns;
}

bool replies_contradict(const struct tf_observation *a, const struct tf_observation *b)
{
    if (a->kind == b->kind && tf_addr_equal(&a->responder, &b->responder))
        return false;
    return a->has_probe != b->has_probe || (a->has_probe && a->probe_frame == b->probe_frame);
}

/* Whether another reply, with a probe to show, denies that the probe went no further. */
static bool is_denied(const struct tf_hop *hop, const struct tf_observation *ending)
{
    for (size_t i = 0; hop->contradicted && i < hop->n_replies; i++)
        if (hop->replies[i].has_probe && replies_contradict(&hop->replies[i], ending) &&
            !tf_observation_ends_path(&hop->replies[i]))
            return true;
    return false;
}

static const struct tf_observation *ending_reply(const struct tf_hop *hop, bool undisputed)
{
    for (size_t i = 0; i < hop->n_replies; i++)
        if (tf_observation_ends_path(&hop->replies[i]) &&
            !(undisputed && is_denied(hop, &hop->replies[i])))
            return &hop->replies[i];
    return NULL;
}

static uint8_t last_answered(const struct tf_path *path)
{
    for (size_t ttl = path->n_hops; ttl > 1; ttl--)
        if (path_cell(path, ttl - 1)->n_replies > 0)
            return (uint8_t)(ttl - 1);
    return 0;
}

/* The reply that ends the path, and *end its TTL; NULL and 0 if none does. */
static const struct tf_observation *observed_end(const struct tf_path *path, uint8_t *end)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
        const struct tf_observation *reply = ending_reply(path_cell(path, ttl), true);
        *end = (uint8_t)ttl;
        if (reply != NULL)
            return reply;
    }
    *end = last_answered(path);
    const struct tf_observation *disputed = *end != 0 ? ending_reply(path_cell(path, *end), false)
                                                      : NULL;
    if (disputed == NULL)
        *end = 0;
    return disputed;
}

/* Where an undisputed answer says that the way goes on. */
static bool goes_on(const struct tf_hop *hop)
{
    for (size_t i = 0; !hop->contradicted && i < hop->n_replies; i++)
        if (!tf_observation_ends_path(&hop->replies[i]))
            return true;
    return false;
}

/* The TTL of the lowest answer that ends the path, none behind it being a router's; or 0. */
static uint8_t final_end(const struct tf_path *path)
{
    uint8_t end = 0;

    for (size_t ttl = path->n_hops; ttl > 1 && !goes_on(path_cell(path, ttl - 1)); ttl--)
        if (ending_reply(path_cell(path, ttl - 1), true) != NULL)
            end = (uint8_t)(ttl - 1);
    return end;
}

uint8_t tf_path_end(const struct tf_path *path)
{
    uint8_t end = path->unstable ? final_end(path) : 0;
    if (path->unstable)
        return end != 0 ? end : path->inferred_end;

    return observed_end(path, &end) != NULL ? end : path->inferred_end;
}

static bool is_answered_by_destination(const struct tf_path *path)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++)
        for (size_t i = 0; i < path_cell(path, ttl)->n_replies; i++)
            if (path_cell(path, ttl)->replies[i].kind == TF_KIND_DESTINATION_REPLY)
                return true;
    return false;
}

bool tf_path_reached(const struct tf_path *path)
{
    uint8_t end;
    if (path->unstable)
        return is_answered_by_destination(path);

    const struct tf_observation *reply = observed_end(path, &end);
    return reply != NULL && reply->kind == TF_KIND_DESTINATION_REPLY;
}

bool tf_path_reaches(const struct tf_path *path)
{
    return tf_path_reached(path) || (path->inferred_end != 0 && path->inferred_reached);
}

static bool is_used(const struct tf_hop *hop)
{
    return hop->sent > 0 || hop->n_replies > 0 || hop->inferred.version != 0;
}

static uint8_t last_used(const struct tf_path *path)
{
    size_t n_hops = path->n_hops;

    while (n_hops > 0 && !is_used(path_cell(path, n_hops - 1)))
        n_hops--;
    return n_hops == 0 ? 0 : (uint8_t)(n_hops - 1);
}

uint8_t path_extent(const struct tf_path *path)
{
    const uint8_t end = final_end(path);

    return end != 0 ? end : last_used(path);
}

uint8_t tf_path_last_ttl(const struct tf_path *path)
{
    const uint8_t end = tf_path_end(path);

    return end != 0 ? end : last_used(path);
}

uint8_t tf_path_length(const struct tf_path *path)
{
    const uint8_t end = tf_path_end(path);
    if (end != 0)
        return end;

    for (size_t ttl = path->n_hops; ttl > 1; ttl--)
        if (path_cell(path, ttl - 1)->n_replies > 0 ||
            path_cell(path, ttl - 1)->inferred.version != 0)
            return (uint8_t)(ttl - 1);
    return 0;
}

const struct tf_hop *tf_path_hop(const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = path_cell(path, ttl);

    return hop->sent > 0 || hop->n_replies > 0 ? hop : NULL;
}

/* The least power of two that is not below n: so arrays grow seldom. */
static size_t room_for(size_t n)
{
    size_t room = 1;

    while (room < n)
        room *= 2;
    return room;
}

static void reach_ttl(struct tf_path *path, uint8_t ttl)
{
    const size_t grown = (size_t)ttl + 1;
    if (grown <= path->n_hops)
        return;

    if (path->n_hops == 0 || room_for(grown) > room_for(path->n_hops))
        path->hops = g_renew(struct tf_hop *, path->hops, room_for(grown));
    memset(path->hops + path->n_hops, 0, (grown - path->n_hops) * sizeof path->hops[0]);
    path->n_hops = grown;
}

struct tf_hop *path_reach_hop(struct tf_path *path, uint8_t ttl)
{
    reach_ttl(path, ttl);
    path_forget_inferred(path, ttl);
    if (path->hops[ttl] == NULL)
        path->hops[ttl] = g_new0(struct tf_hop, 1);
    return path->hops[ttl];
}

void path_infer_hop(struct tf_path *path, uint8_t ttl, struct tf_hop *hop)
{
    reach_ttl(path, ttl);
    path->hops[ttl] = hop;
}

void path_forget_inferred(struct tf_path *path, uint8_t ttl)
{
    if (path_inferred_at(path, ttl) != NULL)
        path->hops[ttl] = NULL;
}

const struct tf_addr *hop_only_responder(const struct tf_hop *hop)
{
    if (hop == NULL || hop->n_replies == 0 || hop->contradicted)
        return NULL;
    for (size_t i = 1; i < hop->n_replies; i++)
        if (!tf_addr_equal(&hop->replies[i].responder, &hop->replies[0].responder))
            return NULL;
    return &hop->replies[0].responder;
}

const struct tf_addr *path_seen_at(const struct tf_path *path, uint8_t ttl)
{
    return hop_only_responder(tf_path_hop(path, ttl));
}

const struct tf_addr *path_inferred_at(const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *inferred = &path_cell(path, ttl)->inferred;

    return inferred->version != 0 ? inferred : NULL;
}

const struct tf_addr *path_known_at(const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *seen = path_seen_at(path, ttl);

    return seen != NULL ? seen : path_inferred_at(path, ttl);
}

bool path_was_probed(const struct tf_path *path)
{
    for (size_t ttl = 1; ttl < path->n_hops; ttl++)
        if (path_cell(path, ttl)->sent > 0)
            return true;
    return false;
}

static uint8_t path_first_ttl(const struct tf_path *path)
{
    size_t ttl = 1;

    while (ttl < path->n_hops && !is_used(path_cell(path, ttl)))
        ttl++;
    return (uint8_t)MIN(ttl, UINT8_MAX);
}

struct tf_ttl_range tf_trace_ttls(const struct tf_trace *trace)
{
    struct tf_ttl_range range = { .first = UINT8_MAX, .last = 0 };

    for (size_t i = 0; i < trace->n_paths; i++) {
        range.first = MIN(range.first, path_first_ttl(trace->paths[i]));
        range.last = MAX(range.last, tf_path_last_ttl(trace->paths[i]));
    }
    if (range.last == 0)
        range.first = 1;
    return range;
}
