/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator. A packet's whole way is worked out when it is sent, together with when it will get
 * to its end; there it waits on an agenda for that time, because what answers has a state (rate
 * limits, TCP). The answer then goes back the same way, and waits on another agenda until it
 * reaches the source.
 *
 *     sim_send ── walk ──▶ arrivals ── answer ── way back ──▶ deliveries ──▶ sim_receive
 */
#include "sim.h"

#include <string.h>

#include "agenda.h"
#include "answer.h"
#include "chance.h"
#include "edit.h"
#include "routing.h"
#include "traceflow/wire.h"
#include "walk.h"

/*
 * Memory for packets under way, in bytes: more are dropped, as a full queue does. Beside its own
 * length, and its way while it has one, each costs about so much.
 */
enum { HELD_MAX = 64 << 20, HELD_EACH = 256 };

/* A packet at the end of its way. */
struct event {
    struct arrival arrival;
    uint8_t bytes[]; /* what the arrival points to */
};

/* A reply that is back at the source. */
struct delivery {
    size_t len;
    uint8_t packet[];
};

struct sim {
    struct routing *routing;
    struct answerer *answerer;
    struct agenda *arrivals;
    struct agenda *deliveries;
    struct chance chance;
    bool *is_done; /* by change */
    bool has_begun;
    int64_t begin_ns;
    uint64_t packets; /* sent so far, the present one included */
    size_t held;      /* bytes under way */
    struct walk walk;
    uint8_t reply[SIM_PACKET_MAX];
};

struct sim *sim_new(const struct topology *topology, uint64_t seed)
{
    struct sim *sim = g_new0(struct sim, 1);

    sim->chance.state = seed;
    sim->routing = routing_new(topology);
    sim->answerer = answerer_new(chance_next(&sim->chance));
    sim->arrivals = agenda_new(g_free);
    sim->deliveries = agenda_new(g_free);
    sim->is_done = g_new0(bool, topology->n_changes + 1);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    routing_free(sim->routing);
    answerer_free(sim->answerer);
    agenda_free(sim->arrivals);
    agenda_free(sim->deliveries);
    g_free(sim->is_done);
    g_free(sim);
}

static bool is_due(const struct sim *sim, const struct change *change, int64_t now_ns)
{
    return change->by_count ? sim->packets > change->after
                            : now_ns - sim->begin_ns >= change->at_ns;
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
static size_t next_change(const struct sim *sim, int64_t now_ns)
{
    const struct topology *topology = sim->routing->topology;
    const struct change *changes = topology->changes;
    size_t next = topology->n_changes;

    for (size_t i = 0; i < topology->n_changes; i++)
        if (!sim->is_done[i] && is_due(sim, &changes[i], now_ns) &&
            (next == topology->n_changes || is_earlier(&changes[i], &changes[next])))
            next = i;
    return next;
}

static void make_changes(struct sim *sim, int64_t now_ns)
{
    const struct topology *topology = sim->routing->topology;

    for (size_t i; (i = next_change(sim, now_ns)) < topology->n_changes;) {
        sim->is_done[i] = true;
        routing_change(sim->routing, &topology->changes[i]);
    }
}

static int64_t link_delay_ns(struct sim *sim, const struct traits *traits)
{
    int64_t delay_ns = traits->delay_ns;

    if (traits->jitter_ns > 0)
        delay_ns += (int64_t)(chance_next(&sim->chance) % (uint64_t)(traits->jitter_ns + 1));
    return delay_ns;
}

/* From one node to the next, or to the end of the way. */
static enum walk_outcome step(struct sim *sim, uint32_t *node)
{
    struct walk *walk = &sim->walk;
    const enum walk_outcome outcome = walk_enter(walk, sim->routing, *node);
    if (outcome != WALK_ON)
        return outcome;

    const struct hops hops = routing_hops(sim->routing, *node, &walk->flow, walk->target);
    if (hops.count == 0)
        return walk_no_way(&hops);
    const bool draws = routing_traits(sim->routing, *node)->balance == BALANCE_PACKET;
    const uint32_t draw = draws ? (uint32_t)(chance_next(&sim->chance) >> 32) : 0;
    *node = routing_choose(sim->routing, *node, &walk->flow, &hops, draw);
    return walk_leave(walk, sim->routing, *node);
}

/* All the way; *now_ns becomes the time of its end. */
static enum walk_outcome travel(struct sim *sim, int64_t *now_ns)
{
    uint32_t node = sim->routing->topology->first;
    enum walk_outcome outcome;

    do {
        const struct traits *traits = routing_traits(sim->routing, node);
        *now_ns += link_delay_ns(sim, traits);
        if (chance_happens(&sim->chance, traits->loss_ppm))
            return WALK_LOST;
        outcome = step(sim, &node);
    } while (outcome == WALK_ON);
    return outcome;
}

/* The walk's end as an event: what it points to is in one block with it, most aligned first. */
static struct event *new_arrival(const struct walk *walk, enum walk_outcome outcome)
{
    const size_t translations = walk->n_translations * sizeof(walk->translation[0]);
    const size_t nodes = walk->n_nodes * sizeof(walk->node[0]);
    struct event *event = g_malloc(sizeof(*event) + translations + nodes + walk->len);

    memcpy(event->bytes, walk->translation, translations);
    memcpy(event->bytes + translations, walk->node, nodes);
    memcpy(event->bytes + translations + nodes, walk->packet, walk->len);
    event->arrival = (struct arrival){
        .outcome = outcome,
        .link_mtu = walk->link_mtu,
        .n_nodes = walk->n_nodes,
        .n_translations = walk->n_translations,
        .len = walk->len,
        .translation = (const struct translation *)(const void *)event->bytes,
        .node = (const uint32_t *)(const void *)(event->bytes + translations),
        .packet = event->bytes + translations + nodes,
    };
    return event;
}

/* Memory that an event takes. */
static size_t held_by(const struct arrival *arrival)
{
    return HELD_EACH + arrival->n_translations * sizeof(arrival->translation[0]) +
           arrival->n_nodes * sizeof(arrival->node[0]) + arrival->len;
}

static struct delivery *new_delivery(const uint8_t *packet, size_t len)
{
    struct delivery *delivery = g_malloc(sizeof(*delivery) + len);

    delivery->len = len;
    memcpy(delivery->packet, packet, len);
    return delivery;
}

static void undo_translations(const struct arrival *arrival, size_t hop, uint8_t *packet,
                              size_t len)
{
    for (size_t i = arrival->n_translations; i-- > 0;)
        if (arrival->translation[i].hop == hop)
            nat_return(&arrival->translation[i], hop + 1 == arrival->n_nodes, packet, len);
}

/* A reply passes a router on its way back; false if it ends there. */
static bool pass_back(const struct traits *traits, uint8_t *packet)
{
    const uint8_t ttl = packet[packet[0] >> 4 == 4 ? TF_IPV4_TTL : TF_IPV6_HOP_LIMIT];

    if (traits->down)
        return false;
    if (traits->ttl == TTL_KEEP)
        return true;
    if (ttl <= 1)
        return false;
    edit_ttl(packet, ttl - 1);
    return true;
}

/* Along the link to a node, back; false if it is lost. */
static bool cross_back(struct sim *sim, const struct traits *traits, int64_t *now_ns)
{
    *now_ns += link_delay_ns(sim, traits);
    return !chance_happens(&sim->chance, traits->loss_back_ppm);
}

/* The reply goes back through the same nodes; *now_ns becomes the time when it reaches the source.
 */
static bool travel_back(struct sim *sim, const struct arrival *arrival, size_t len, int64_t *now_ns)
{
    for (size_t i = arrival->n_nodes; i-- > 0;) {
        const struct traits *traits = routing_traits(sim->routing, arrival->node[i]);
        if (i + 1 < arrival->n_nodes && !pass_back(traits, sim->reply))
            return false;
        undo_translations(arrival, i, sim->reply, len);
        if (!cross_back(sim, traits, now_ns))
            return false;
    }
    return true;
}

static void answer_arrival(struct sim *sim, const struct arrival *arrival, int64_t now_ns)
{
    int64_t delay_ns;
    const size_t len = answer(sim->answerer, sim->routing, arrival, now_ns, sim->reply, &delay_ns);

    now_ns += delay_ns;
    if (len == 0 || !travel_back(sim, arrival, len, &now_ns))
        return;
    sim->held += HELD_EACH + len;
    agenda_add(sim->deliveries, now_ns, new_delivery(sim->reply, len));
}

/* All that has come to the end of its way by now is answered before anything else happens, so that
 * nothing depends on when sim_receive is called. */
static void answer_arrivals(struct sim *sim, int64_t now_ns)
{
    int64_t at_ns;

    while (agenda_due_ns(sim->arrivals) <= now_ns) {
        g_autofree struct event *event = agenda_take(sim->arrivals, &at_ns);
        sim->held -= held_by(&event->arrival);
        make_changes(sim, at_ns);
        answer_arrival(sim, &event->arrival, at_ns);
    }
}

void sim_send(struct sim *sim, int64_t now_ns, const uint8_t *packet, size_t len)
{
    enum walk_outcome outcome;

    if (!sim->has_begun)
        sim->begin_ns = now_ns;
    sim->has_begun = true;
    answer_arrivals(sim, now_ns);
    if (walk_begin(&sim->walk, sim->routing, packet, len) != TF_OK)
        return;
    sim->packets++;
    make_changes(sim, now_ns);
    outcome = travel(sim, &now_ns);
    if (outcome == WALK_LOST || sim->held > HELD_MAX)
        return;
    struct event *event = new_arrival(&sim->walk, outcome);
    sim->held += held_by(&event->arrival);
    agenda_add(sim->arrivals, now_ns, event);
}

size_t sim_receive(struct sim *sim, int64_t now_ns, uint8_t *packet)
{
    int64_t at_ns;

    answer_arrivals(sim, now_ns);
    if (agenda_due_ns(sim->deliveries) > now_ns)
        return 0;

    g_autofree struct delivery *delivery = agenda_take(sim->deliveries, &at_ns);
    sim->held -= HELD_EACH + delivery->len;
    memcpy(packet, delivery->packet, delivery->len);
    return delivery->len;
}

int64_t sim_due_ns(const struct sim *sim)
{
    return MIN(agenda_due_ns(sim->arrivals), agenda_due_ns(sim->deliveries));
}
