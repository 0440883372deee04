/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What repeated probes tell: how routers balance, and paths that changed; and where paths part. */
#include <math.h>

#include "findings_parts.h"
#include "path.h"
#include "traceflow/time.h"

/* Balancing by packet over k branches looks like balancing by flow with a chance of k^-n. */
static const double STEADY_CHANCE_MAX = 0.05;

/* A balancer, and how often flows behind it were asked again. */
struct balancer {
    struct tf_addr addr; /* version 0: the source */
    unsigned repeats;
    GArray *frames; /* guint64: of the first replies of each flow */
};

static void format(char *buf, const char *form, double value)
{
    g_ascii_formatd(buf, G_ASCII_DTOSTR_BUF_SIZE, form, value);
}

static struct balancer *reach_balancer(GArray *balancers, const struct tf_addr *addr)
{
    for (guint i = 0; i < balancers->len; i++) {
        struct balancer *balancer = &g_array_index(balancers, struct balancer, i);
        if (tf_addr_equal(&balancer->addr, addr))
            return balancer;
    }
    const struct balancer balancer = { .addr = *addr,
                                       .frames = g_array_new(FALSE, FALSE, sizeof(guint64)) };
    g_array_append_val(balancers, balancer);
    return &g_array_index(balancers, struct balancer, balancers->len - 1);
}

static void count_steady(GArray *balancers, const struct repeated *repeated, bool from_source)
{
    static const struct tf_addr source = { 0 };
    const uint8_t before = (uint8_t)(repeated->ttl - 1);
    const struct tf_addr *addr = from_source ? &source : path_known_at(repeated->path, before);
    const struct tf_hop *hop = tf_path_hop(repeated->path, repeated->ttl);
    if (addr == NULL)
        return;

    struct balancer *balancer = reach_balancer(balancers, addr);
    balancer->repeats += repeated->answers - 1;
    for (size_t i = 0; i < hop->n_replies && balancer->frames->len <= TF_FINDING_FRAMES_MAX; i++) {
        const guint64 frame = hop->replies[i].frame;
        g_array_append_val(balancer->frames, frame);
    }
}

static void report_steady(GPtrArray *findings, const struct balancer *balancer,
                          const struct graph *graph)
{
    const struct node *node = graph_node(graph, &balancer->addr);
    const double by_packet = node == NULL || node->next_hops < 2
                                 ? 1
                                 : pow(node->next_hops, -(double)balancer->repeats);
    char chance[G_ASCII_DTOSTR_BUF_SIZE];
    if (by_packet > STEADY_CHANCE_MAX)
        return;

    format(chance, "%.2g", by_packet);
    struct tf_finding *finding = finding_add(
        findings, TF_FINDING_BY_FLOW,
        g_strdup_printf("balances by flow: %u repeats, none changed (if by packet: a chance of %s)",
                        balancer->repeats, chance));
    finding->ttl = node_lowest_ttl(node);
    finding->addr = balancer->addr;
    for (guint i = 0; i < balancer->frames->len; i++)
        finding_add_frame(finding, g_array_index(balancer->frames, guint64, i));
}

/* Of TTLs with several responders: elsewhere there is nothing to balance. Their number is bounded,
 * but not that of responders: a capture in which more balance than this is none of a network. */
static void find_steady(GPtrArray *findings, const struct evidence *evidence)
{
    enum { BALANCERS_MAX = 1000 };
    const struct stability *stability = evidence->stability;
    const uint8_t first = tf_trace_ttls(evidence->trace).first;
    g_autoptr(GArray) balancers = g_array_new(FALSE, FALSE, sizeof(struct balancer));

    for (guint i = 0; i < stability->repeats->len && balancers->len < BALANCERS_MAX; i++) {
        const struct repeated *repeated = &g_array_index(stability->repeats, struct repeated, i);
        if (repeated->changes == 0 && !stability->sole[repeated->ttl] &&
            !stability->loose[repeated->ttl])
            count_steady(balancers, repeated, repeated->ttl == first);
    }
    for (guint i = 0; i < balancers->len; i++) {
        const struct balancer *balancer = &g_array_index(balancers, struct balancer, i);
        report_steady(findings, balancer, evidence->graph);
        g_array_unref(balancer->frames);
    }
}

static enum tf_finding_kind kind_of(const struct zone *zone)
{
    switch (zone->kind) {
    case ZONE_BY_PACKET: return TF_FINDING_BY_PACKET;
    case ZONE_CHANGED: return TF_FINDING_PATH_CHANGED;
    default: return TF_FINDING_UNSETTLED;
    }
}

static char *change_text(const struct tf_trace *trace, const struct zone *zone)
{
    char old_ms[G_ASCII_DTOSTR_BUF_SIZE];
    char new_ms[G_ASCII_DTOSTR_BUF_SIZE];
    char chance[G_ASCII_DTOSTR_BUF_SIZE];

    format(old_ms, "%.3f", (double)(zone->old_ns - trace->started_ns) / (double)TF_NS_PER_MS);
    format(new_ms, "%.3f", (double)(zone->new_ns - trace->started_ns) / (double)TF_NS_PER_MS);
    format(chance, "%.2g", MIN(zone->chance, 1));
    return g_strdup_printf(
        "the path changed between %s ms and %s ms of the run, up to TTL %u: %u of "
        "%u repeats changed, all then (if by packet: a chance of %s)",
        old_ms, new_ms, zone->last, zone->changes, zone->repeats, chance);
}

static char *zone_text(const struct tf_trace *trace, const struct zone *zone)
{
    switch (zone->kind) {
    case ZONE_BY_PACKET:
        return g_strdup_printf("balancing by packet, up to TTL %u: %u of %u repeats of a flow "
                               "changed, back and forth; there are no stable paths",
                               zone->last, zone->changes, zone->repeats);
    case ZONE_CHANGED: return change_text(trace, zone);
    default:
        return g_strdup_printf("one flow has several ways, up to TTL %u: %u of %u repeats changed, "
                               "too few to tell balancing by packet from a path that changed",
                               zone->last, zone->changes, zone->repeats);
    }
}

/* Who balances, if it can be but one. */
static const struct tf_addr *only_before(const struct tf_trace *trace,
                                         const struct stability *stability, const struct zone *zone)
{
    const uint8_t before = (uint8_t)(zone->first - 1);
    if (before == 0 || !stability->sole[before])
        return NULL;

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_addr *addr = path_seen_at(trace->paths[i], before);
        if (addr != NULL)
            return addr;
    }
    return NULL;
}

static void find_zone(GPtrArray *findings, const struct tf_trace *trace,
                      const struct stability *stability, const struct zone *zone)
{
    struct tf_finding *finding = finding_add(findings, kind_of(zone), zone_text(trace, zone));
    const struct tf_addr *balancer = only_before(trace, stability, zone);

    finding->ttl = zone->first;
    if (balancer != NULL) {
        finding->ttl = (uint8_t)(zone->first - 1);
        finding->addr = *balancer;
    }
    for (guint i = 0; i < stability->repeats->len && !finding->more_frames; i++) {
        const struct repeated *repeated = &g_array_index(stability->repeats, struct repeated, i);
        if (repeated->changes == 0 || repeated->ttl < zone->first || repeated->ttl > zone->last)
            continue;
        finding_add_frame(finding, repeated->old_frame);
        finding_add_frame(finding, repeated->new_frame);
    }
}

void find_in_repeats(GPtrArray *findings, const struct evidence *evidence)
{
    const GArray *zones = evidence->stability->zones;

    find_steady(findings, evidence);
    for (guint i = 0; i < zones->len; i++)
        find_zone(findings, evidence->trace, evidence->stability,
                  &g_array_index(zones, struct zone, i));
}

void find_in_diamonds(GPtrArray *findings, const struct diamonds *diamonds)
{
    for (guint i = 0; i < diamonds->list->len; i++) {
        const struct diamond *diamond = &g_array_index(diamonds->list, struct diamond, i);
        const bool is_even = diamond->shortest == diamond->longest;
        char meet[TF_ADDR_TEXT_LEN];
        g_autofree char *hops = is_even
                                    ? g_strdup_printf("%u hops", diamond->longest)
                                    : g_strdup_printf("%u to %u hops, branches of unequal length",
                                                      diamond->shortest, diamond->longest);

        tf_addr_text(&diamond->convergence, meet);
        struct tf_finding *finding = finding_add(
            findings, is_even ? TF_FINDING_DIAMOND : TF_FINDING_UNEVEN,
            g_strdup_printf("%spaths part here and meet again at %s: %u wide, %s",
                            diamond->divergence.version == 0 ? "from the source, " : "", meet,
                            diamond->width, hops));
        finding->ttl = diamond->ttl;
        finding->addr = diamond->divergence;
    }
}
