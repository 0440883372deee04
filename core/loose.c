/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where packets of one flow may have come by several ways: which TTLs that leaves in doubt. */
#include "loose.h"

#include <math.h>

#include "path.h"

bool hop_was_seen(const struct tf_hop *hop, const struct zone *zone, enum era era)
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

static bool any_seen(const struct tf_trace *trace, uint8_t ttl, const struct zone *zone,
                     enum era era)
{
    for (size_t i = 0; i < trace->n_paths; i++)
        if (hop_was_seen(tf_path_hop(trace->paths[i], ttl), zone, era))
            return true;
    return false;
}

/* Whether a TTL before all zones has the one responder that it showed: of two, one would be missed
 * once in a hundred times. If the network changed, it must have been seen then and later. */
static bool is_sole_before(const struct stability *stability, const struct tf_trace *trace,
                           uint8_t ttl)
{
    enum { ANSWERS_MIN = 8 };
    if (!stability->sole[ttl] || stability->levels[ttl].answers < ANSWERS_MIN)
        return false;

    for (guint i = 0; i < stability->zones->len; i++) {
        const struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        if (zone->kind == ZONE_CHANGED && (!any_seen(trace, ttl, zone, BEFORE_CHANGE) ||
                                           !any_seen(trace, ttl, zone, AFTER_CHANGE)))
            return false;
    }
    return true;
}

/*
 * Whether all ways meet at a TTL: its one responder answers at no other, and so often that one way
 * of as many as there are responders since they parted would have been missed by chance
 * once in a thousand times.
 */
static bool is_where_all_meet(const struct level *level, unsigned parted)
{
    static const double MISSED_MAX = 0.001;
    const double others = 1 - 1.0 / MAX(parted, 2);

    return !level->several && !level->silence && !level->strays &&
           pow(others, level->answers) <= MISSED_MAX;
}

static bool has_changed(const struct stability *stability)
{
    for (guint i = 0; i < stability->zones->len; i++)
        if (g_array_index(stability->zones, struct zone, i).kind == ZONE_CHANGED)
            return true;
    return false;
}

/* Up to the first zone: a change may have happened at any TTL, ways part behind the last at which
 * there is but one. */
static void find_loose_before(struct stability *stability, const struct tf_trace *trace,
                              uint8_t first)
{
    const bool changed = has_changed(stability);
    bool is_loose = true;

    for (unsigned ttl = first - 1U; ttl > 0 && (is_loose || changed); ttl--) {
        is_loose = !is_sole_before(stability, trace, (uint8_t)ttl);
        stability->loose[ttl] = is_loose;
    }
}

/* From the first zone on. Of what came after a change, no answer from before says where ways meet.
 */
static void find_loose_behind(struct stability *stability, uint8_t first)
{
    const bool changed = has_changed(stability);
    bool is_loose = true;
    unsigned parted = 0;

    for (unsigned ttl = first; ttl <= UINT8_MAX; ttl++) {
        const struct level *level = &stability->levels[ttl];
        if (stability_zone(stability, (uint8_t)ttl) != NULL) {
            is_loose = true;
        } else if (is_loose && !changed && is_where_all_meet(level, parted)) {
            is_loose = false;
            parted = 0;
        }
        stability->loose[ttl] = is_loose;
        parted += is_loose ? level->begun : 0;
    }
}

void find_loose(struct stability *stability, const struct tf_trace *trace)
{
    if (stability->zones->len == 0)
        return;
    const uint8_t first = g_array_index(stability->zones, struct zone, 0).first;

    find_loose_before(stability, trace, first);
    find_loose_behind(stability, first);
}
