/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the packets of one flow keep to one way.
 *
 * Several answered probes of one path and TTL say so at once if their responders differ. If each
 * path and TTL changes once at most, and all of them can have done so at one moment, the network
 * changed; if answers go back and forth, routers balance by packet, unless far less than half of
 * the repeats changed: then the network may have changed, and changed again. Two branches and n
 * repeats look like one change with a probability of (n + 1) / 2^n, whatever the moment: what is
 * likelier than CHANGE_CHANCE_MAX remains unsettled, and is treated like balancing by packet.
 */
#include "stability.h"

#include <math.h>

#include "loose.h"
#include "path.h"

static const double CHANGE_CHANCE_MAX = 0.05;

/* Standard deviations: balancing by packet changes so few of its repeats in one run of a thousand
 * million. */
static const double DEVIATIONS_MAX = 6.0;

static struct zone *zone_at(const struct stability *stability, uint8_t ttl)
{
    for (guint i = 0; i < stability->zones->len; i++) {
        struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        if (ttl >= zone->first && ttl <= zone->last)
            return zone;
    }
    return NULL;
}

static void open_zone(struct stability *stability, uint8_t ttl)
{
    struct zone zone = {
        .first = ttl, .last = ttl, .kind = ZONE_CHANGED, .old_ns = INT64_MIN, .new_ns = INT64_MAX
    };

    while (zone.first > 1 && stability->levels[zone.first - 1].several)
        zone.first--;
    while (zone.last < UINT8_MAX && stability->levels[zone.last + 1].several)
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

static bool changes_too_seldom(const struct zone *zone)
{
    return zone->repeats - 2.0 * zone->changes > DEVIATIONS_MAX * sqrt(zone->repeats);
}

static bool is_unsettled(const struct zone *zone)
{
    return zone->kind == ZONE_BY_PACKET ? changes_too_seldom(zone)
                                        : zone->chance > CHANGE_CHANCE_MAX;
}

static void judge(struct zone *zone)
{
    zone->chance = ldexp(zone->repeats + 1.0, -(int)MIN(zone->repeats, 1000));
    if (zone->old_ns >= zone->new_ns)
        zone->kind = ZONE_BY_PACKET;
    if (is_unsettled(zone))
        zone->kind = ZONE_UNSETTLED;
}

static gint compare_zones(gconstpointer a, gconstpointer b)
{
    return ((const struct zone *)a)->first - ((const struct zone *)b)->first;
}

static void find_zones(struct stability *stability)
{
    const GArray *repeats = stability->repeats;

    for (guint i = 0; i < repeats->len; i++) {
        const struct repeated *repeated = &g_array_index(repeats, struct repeated, i);
        if (repeated->changes > 0 && zone_at(stability, repeated->ttl) == NULL)
            open_zone(stability, repeated->ttl);
    }
    for (guint i = 0; i < repeats->len; i++) {
        const struct repeated *repeated = &g_array_index(repeats, struct repeated, i);
        struct zone *zone = zone_at(stability, repeated->ttl);
        if (zone != NULL)
            add_to_zone(zone, repeated);
    }
    g_array_sort(stability->zones, compare_zones);
}

static void find_steady(struct stability *stability)
{
    for (guint i = 0; i < stability->repeats->len; i++) {
        const struct repeated *repeated = &g_array_index(stability->repeats, struct repeated, i);
        if (zone_at(stability, repeated->ttl) == NULL)
            stability->steady[repeated->ttl] += repeated->answers - 1;
    }
}

static bool any_changed(const GArray *repeats)
{
    for (guint i = 0; i < repeats->len; i++)
        if (g_array_index(repeats, struct repeated, i).changes > 0)
            return true;
    return false;
}

/* One answer behind the end of one path alone is no evidence: it may be out of place. */
static void add_lengths(GArray *repeats, const struct tf_trace *trace)
{
    enum { PATHS_MIN = 2 };
    g_autoptr(GArray) lengths = g_array_new(FALSE, FALSE, sizeof(struct repeated));

    for (size_t i = 0; i < trace->n_paths; i++)
        repeats_collect_length(lengths, trace->paths[i]);
    if (lengths->len >= PATHS_MIN || any_changed(repeats))
        g_array_append_vals(repeats, lengths->data, lengths->len);
}

static void survey_trace(struct stability *stability, const struct tf_trace *trace)
{
    survey(stability->levels, trace);
    for (unsigned ttl = 0; ttl <= UINT8_MAX; ttl++)
        stability->sole[ttl] = !stability->levels[ttl].several && !stability->levels[ttl].silence;
    for (size_t i = 0; i < trace->n_paths; i++)
        repeats_collect(stability->repeats, trace->paths[i]);
    add_lengths(stability->repeats, trace);
}

struct stability *stability_new(const struct tf_trace *trace)
{
    struct stability *stability = g_new0(struct stability, 1);

    stability->repeats = g_array_new(FALSE, FALSE, sizeof(struct repeated));
    stability->zones = g_array_new(FALSE, FALSE, sizeof(struct zone));
    survey_trace(stability, trace);
    find_zones(stability);
    for (guint i = 0; i < stability->zones->len; i++) {
        struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        judge(zone);
        stability->by_packet |= zone->kind != ZONE_CHANGED;
    }
    find_steady(stability);
    find_loose(stability, trace);
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

/* Whether both ends of a link were seen before a change, or both after. */
static bool is_of_one_era(const struct zone *zone, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_hop *from = tf_path_hop(path, ttl);
    const struct tf_hop *to = tf_path_hop(path, (uint8_t)(ttl + 1));

    return zone->kind == ZONE_CHANGED &&
           ((hop_was_seen(from, zone, BEFORE_CHANGE) && hop_was_seen(to, zone, BEFORE_CHANGE)) ||
            (hop_was_seen(from, zone, AFTER_CHANGE) && hop_was_seen(to, zone, AFTER_CHANGE)));
}

bool stability_trusts(const struct stability *stability, const struct tf_path *path, uint8_t ttl)
{
    /* Of two next hops, one alone is seen that often once in a hundred times. */
    enum { STEADY_MIN = 7 };
    const unsigned next = ttl + 1U;
    if (!stability->loose[ttl] || !stability->loose[next])
        return !stability->by_packet || stability->sole[ttl] || stability->sole[next] ||
               stability->steady[ttl] + stability->steady[next] >= STEADY_MIN;

    for (guint i = 0; i < stability->zones->len; i++)
        if (!is_of_one_era(&g_array_index(stability->zones, struct zone, i), path, ttl))
            return false;
    return true;
}

static bool answered_in_one_era(const struct stability *stability, const struct tf_path *path,
                                const struct zone *zone, enum era era)
{
    const uint8_t last = path_extent(path);

    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        if (!stability->loose[ttl] || hop == NULL || hop->n_replies == 0)
            continue;
        if (hop_only_responder(hop) == NULL || !hop_was_seen(hop, zone, era))
            return false;
    }
    return true;
}

bool stability_path_is_whole(const struct stability *stability, const struct tf_path *path)
{
    for (guint i = 0; i < stability->zones->len; i++) {
        const struct zone *zone = &g_array_index(stability->zones, struct zone, i);
        if (zone->kind != ZONE_CHANGED ||
            (!answered_in_one_era(stability, path, zone, BEFORE_CHANGE) &&
             !answered_in_one_era(stability, path, zone, AFTER_CHANGE)))
            return false;
    }
    return true;
}
