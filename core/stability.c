/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the packets of one flow keep to one way.
 *
 * Several answered probes of one path and TTL say so at once if their responders differ. If each
 * path and TTL changes once at most, and all of them can have done so at one moment, the network
 * changed; if answers go back and forth, routers balance by packet. Two branches and n repeats look
 * like one change with a probability of (n + 1) / 2^n, whatever the moment: what is likelier than
 * CHANGE_CHANCE_MAX remains unsettled, and is treated like balancing by packet.
 */
#include "stability.h"

#include <math.h>

#include "path.h"

static const double CHANGE_CHANCE_MAX = 0.05;

static gint compare_sent(gconstpointer a, gconstpointer b)
{
    const struct tf_observation *x = *(const struct tf_observation *const *)a;
    const struct tf_observation *y = *(const struct tf_observation *const *)b;

    if (x->probe_frame != y->probe_frame)
        return x->probe_frame < y->probe_frame ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* The first reply to each probe of a hop, in the order in which the probes were sent. */
static GPtrArray *answers_of(const struct tf_hop *hop)
{
    GPtrArray *answers = g_ptr_array_new();

    for (size_t i = 0; i < hop->n_replies; i++)
        if (hop->replies[i].has_probe && !hop->replies[i].duplicate)
            g_ptr_array_add(answers, &hop->replies[i]);
    g_ptr_array_sort(answers, compare_sent);
    return answers;
}

static void compare_answers(struct repeated *repeated, const struct tf_observation *before,
                            const struct tf_observation *after)
{
    repeated->answers++;
    if (tf_addr_equal(&before->responder, &after->responder))
        return;
    if (repeated->changes++ > 0)
        return;
    repeated->old_ns = reply_sent_ns(before);
    repeated->new_ns = reply_sent_ns(after);
    repeated->old_frame = before->frame;
    repeated->new_frame = after->frame;
}

static void collect_repeats(GArray *repeats, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    struct repeated repeated = { .path = path, .ttl = ttl, .answers = 1 };
    if (hop == NULL || hop->n_replies < 2 || hop->contradicted)
        return;

    g_autoptr(GPtrArray) answers = answers_of(hop);
    for (guint i = 1; i < answers->len; i++)
        compare_answers(&repeated, answers->pdata[i - 1], answers->pdata[i]);
    if (repeated.answers > 1)
        g_array_append_val(repeats, repeated);
}

/* The responders of a TTL over all paths. */
struct responders {
    struct tf_addr first; /* version 0: none yet */
    bool several;
    bool silence;
};

static void note_hop(struct responders *responders, const struct tf_hop *hop)
{
    if (hop == NULL)
        return;
    responders->silence |= hop->n_replies == 0;
    for (size_t i = 0; i < hop->n_replies; i++) {
        const struct tf_addr *addr = &hop->replies[i].responder;
        if (responders->first.version == 0)
            responders->first = *addr;
        responders->several |= !tf_addr_equal(&responders->first, addr);
    }
}

static void survey(struct stability *stability, const struct tf_trace *trace,
                   struct responders *responders)
{
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t last = tf_path_last_ttl(path);
        for (unsigned ttl = 1; ttl <= last; ttl++) {
            note_hop(&responders[ttl], tf_path_hop(path, (uint8_t)ttl));
            collect_repeats(stability->repeats, path, (uint8_t)ttl);
        }
    }
    for (unsigned ttl = 0; ttl <= UINT8_MAX; ttl++)
        stability->sole[ttl] = !responders[ttl].several && !responders[ttl].silence;
}

static struct zone *zone_at(const struct stability *stability, uint8_t ttl)
{
    for (guint i = 0; i < stability->zones->len; i++) {
        struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        if (ttl >= zone->first && ttl <= zone->last)
            return zone;
    }
    return NULL;
}

static void open_zone(struct stability *stability, const struct responders *responders, uint8_t ttl)
{
    struct zone zone = {
        .first = ttl, .last = ttl, .kind = ZONE_CHANGED, .old_ns = INT64_MIN, .new_ns = INT64_MAX
    };

    while (zone.first > 1 && responders[zone.first - 1].several)
        zone.first--;
    while (zone.last < UINT8_MAX && responders[zone.last + 1].several)
        zone.last++;
    g_array_append_val(stability->zones, zone);
}

static void add_to_zone(struct zone *zone, const struct repeated *repeated)
{
    zone->repeats += repeated->answers - 1;
    zone->changes += repeated->changes;
    if (repeated->changes > 1)
        zone->kind = ZONE_BY_PACKET;
    if (repeated->changes == 0)
        return;
    zone->old_ns = MAX(zone->old_ns, repeated->old_ns);
    zone->new_ns = MIN(zone->new_ns, repeated->new_ns);
}

static void judge(struct zone *zone)
{
    zone->chance = ldexp(zone->repeats + 1.0, -(int)MIN(zone->repeats, 1000));
    if (zone->kind != ZONE_CHANGED)
        return;
    if (zone->old_ns >= zone->new_ns)
        zone->kind = ZONE_BY_PACKET;
    else if (zone->chance > CHANGE_CHANCE_MAX)
        zone->kind = ZONE_UNSETTLED;
}

static gint compare_zones(gconstpointer a, gconstpointer b)
{
    return ((const struct zone *)a)->first - ((const struct zone *)b)->first;
}

static void find_zones(struct stability *stability, const struct responders *responders)
{
    const GArray *repeats = stability->repeats;

    for (guint i = 0; i < repeats->len; i++) {
        const struct repeated *repeated = &g_array_index(repeats, struct repeated, i);
        if (repeated->changes > 0 && zone_at(stability, repeated->ttl) == NULL)
            open_zone(stability, responders, repeated->ttl);
    }
    for (guint i = 0; i < repeats->len; i++) {
        const struct repeated *repeated = &g_array_index(repeats, struct repeated, i);
        struct zone *zone = zone_at(stability, repeated->ttl);
        if (zone != NULL)
            add_to_zone(zone, repeated);
    }
    g_array_sort(stability->zones, compare_zones);
}

struct stability *stability_new(const struct tf_trace *trace)
{
    struct stability *stability = g_new0(struct stability, 1);
    g_autofree struct responders *responders = g_new0(struct responders, UINT8_MAX + 1);

    stability->repeats = g_array_new(FALSE, FALSE, sizeof(struct repeated));
    stability->zones = g_array_new(FALSE, FALSE, sizeof(struct zone));
    survey(stability, trace, responders);
    find_zones(stability, responders);
    for (guint i = 0; i < stability->zones->len; i++) {
        struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        judge(zone);
        stability->by_packet |= zone->kind != ZONE_CHANGED;
    }
    return stability;
}

void stability_free(struct stability *stability)
{
    if (stability == NULL)
        return;
    g_array_unref(stability->repeats);
    g_array_unref(stability->zones);
    g_free(stability);
}

const struct zone *stability_zone(const struct stability *stability, uint8_t ttl)
{
    return zone_at(stability, ttl);
}

enum era { BEFORE_CHANGE, AFTER_CHANGE };

/* Whether a hop has an answer to a probe that was surely sent in that era. */
static bool was_seen(const struct tf_hop *hop, const struct zone *zone, enum era era)
{
    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++) {
        const struct tf_observation *reply = &hop->replies[i];
        const int64_t sent_ns = reply_sent_ns(reply);
        if (reply->has_probe &&
            (era == BEFORE_CHANGE ? sent_ns <= zone->old_ns : sent_ns >= zone->new_ns))
            return true;
    }
    return false;
}

bool stability_trusts(const struct stability *stability, const struct tf_path *path, uint8_t ttl)
{
    const struct zone *zone = zone_at(stability, ttl);
    const struct tf_hop *from = tf_path_hop(path, ttl);
    const struct tf_hop *to = tf_path_hop(path, (uint8_t)(ttl + 1));
    if (zone == NULL)
        zone = zone_at(stability, (uint8_t)(ttl + 1));
    if (zone == NULL || stability->sole[ttl] || stability->sole[ttl + 1])
        return true;

    return zone->kind == ZONE_CHANGED &&
           ((was_seen(from, zone, BEFORE_CHANGE) && was_seen(to, zone, BEFORE_CHANGE)) ||
            (was_seen(from, zone, AFTER_CHANGE) && was_seen(to, zone, AFTER_CHANGE)));
}

static bool answered_in_one_era(const struct tf_path *path, const struct zone *zone, enum era era)
{
    const uint8_t last = MIN(zone->last, tf_path_last_ttl(path));

    for (unsigned ttl = zone->first; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        if (hop == NULL || hop->n_replies == 0)
            continue;
        if (hop_only_responder(hop) == NULL || !was_seen(hop, zone, era))
            return false;
    }
    return true;
}

bool stability_path_is_whole(const struct stability *stability, const struct tf_path *path)
{
    for (guint i = 0; i < stability->zones->len; i++) {
        const struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        if (zone->kind != ZONE_CHANGED || (!answered_in_one_era(path, zone, BEFORE_CHANGE) &&
                                           !answered_in_one_era(path, zone, AFTER_CHANGE)))
            return false;
    }
    return true;
}
