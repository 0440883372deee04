/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator. A packet's whole way is worked out when it is sent, together with when it will get
 * to its end; there it waits on an agenda for that time, because what answers has a state (rate
 * limits, TCP). Fragments wait there for their others. The answer then goes back the same way, and
 * waits on another agenda until it reaches the source, in fragments if a link is too narrow for it.
 *
 *     sim_send ── walk ──▶ arrivals ── answer ── way back ──▶ deliveries ──▶ sim_receive
 */
#include "sim.h"

#include <string.h>

#include "agenda.h"
#include "answer.h"
#include "chance.h"
#include "changes.h"
#include "edit.h"
#include "event.h"
#include "fragment.h"
#include "reassembly.h"
#include "routing.h"
#include "traceflow/wire.h"
#include "walk.h"

/*
 * Memory for packets under way, in bytes: more are dropped, as a full queue does. Beside its own
 * length, and its way while it has one, each costs about so much.
 */
enum { HELD_MAX = 64 << 20, HELD_EACH = 256 };

/* A reply, or a fragment of one, that is back at the source. */
struct delivery {
    size_t len;
    uint8_t packet[];
};

struct sim {
    struct routing *routing;
    struct changes *changes;
    struct answerer *answerer;
    struct agenda *arrivals; /* struct event */
    struct agenda *deliveries;
    struct reassembly *reassembly; /* notes: struct event */
    struct chance chance;
    bool has_begun;
    int64_t begin_ns;
    uint64_t packets; /* sent so far, the present one included */
    size_t held;      /* bytes under way */
    struct walk walk;
    struct reassembled whole;
    uint8_t reply[SIM_PACKET_MAX];
};

struct sim *sim_new(const struct topology *topology, uint64_t seed)
{
    struct sim *sim = g_new0(struct sim, 1);

    sim->chance.state = seed;
    sim->routing = routing_new(topology);
    sim->changes = changes_new(topology);
    sim->answerer = answerer_new(chance_next(&sim->chance));
    sim->arrivals = agenda_new(g_free);
    sim->deliveries = agenda_new(g_free);
    sim->reassembly = reassembly_new(g_free);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL)
        return;
    routing_free(sim->routing);
    changes_free(sim->changes);
    answerer_free(sim->answerer);
    agenda_free(sim->arrivals);
    agenda_free(sim->deliveries);
    reassembly_free(sim->reassembly);
    g_free(sim);
}

static void make_changes(struct sim *sim, int64_t now_ns)
{
    const struct progress progress = { now_ns - sim->begin_ns, sim->packets };

    changes_make(sim->changes, &progress, sim->routing);
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

/* Memory that an event takes. */
static size_t held_by(const struct event *event)
{
    return HELD_EACH + event_size(event);
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

/* Whoever sends it knows the MTU of the way, as if he had been told before (RFC 1191, RFC 8201). */
static void deliver(struct sim *sim, const struct arrival *arrival, size_t len, int64_t now_ns)
{
    const bool ipv6 = sim->reply[0] >> 4 == 6;
    const uint16_t mtu = routing_mtu(sim->routing, arrival->node, arrival->n_nodes);
    struct fragmentation reply = {
        .packet = sim->reply,
        .len = len,
        .mtu = ipv6 ? MAX(mtu, TF_IPV6_MTU_MIN) : mtu,
    };
    uint8_t piece[SIM_PACKET_MAX];

    if (ipv6 && len > reply.mtu)
        reply.ident = (uint32_t)(chance_next(&sim->chance) >> 32);
    for (size_t piece_len; (piece_len = fragment_next(&reply, piece)) > 0;) {
        sim->held += HELD_EACH + piece_len;
        agenda_add(sim->deliveries, now_ns, new_delivery(piece, piece_len));
    }
}

static void answer_arrival(struct sim *sim, const struct arrival *arrival, int64_t now_ns)
{
    int64_t delay_ns;
    const size_t len = answer(sim->answerer, sim->routing, arrival, now_ns, sim->reply, &delay_ns);

    now_ns += delay_ns;
    if (len > 0 && travel_back(sim, arrival, len, &now_ns))
        deliver(sim, arrival, len, now_ns);
}

/*
 * A fragment waits at the host for the others: NULL. Once they are whole they are one arrival, by
 * the way of the first: its port is what translators on the way have seen.
 */
static struct event *gather(struct sim *sim, struct event *event, int64_t now_ns)
{
    const struct arrival *arrival = &event->arrival;
    const uint32_t node = arrival->node[arrival->n_nodes - 1];
    struct fragment fragment;

    if (arrival->outcome != WALK_ARRIVED || routing_traits(sim->routing, node)->down ||
        !fragment_read(&fragment, arrival->packet, arrival->len))
        return event;
    if (!reassembly_add(sim->reassembly, now_ns, &fragment, event, &sim->whole))
        return NULL;
    event = sim->whole.note;
    event->arrival.packet = sim->whole.packet;
    event->arrival.len = sim->whole.len;
    return event;
}

/* All that has come to the end of its way by now is answered before anything else happens, so that
 * nothing depends on when sim_receive is called. */
static void answer_arrivals(struct sim *sim, int64_t now_ns)
{
    int64_t at_ns;

    while (agenda_due_ns(sim->arrivals) <= now_ns) {
        struct event *arrived = agenda_take(sim->arrivals, &at_ns);
        sim->held -= held_by(arrived);
        make_changes(sim, at_ns);
        g_autofree struct event *event = gather(sim, arrived, at_ns);
        if (event != NULL)
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
    struct event *event = event_new(&sim->walk, outcome);
    sim->held += held_by(event);
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
