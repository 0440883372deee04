/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of several next hops balancing takes: shares, weights, and what decides. */
#include "lab_scene.h"

#include <math.h>
#include <stdlib.h>

#include "routing.h"

static struct flow flow_to(const char *dst, uint16_t src_port)
{
    const struct packet packet = lab_packet(
        &(struct lab_probe){ .dst = dst, .src_port = src_port });

    return lab_flow(&packet);
}

struct balance_case {
    const char *name;
    const char *keys;    /* of the balancing router */
    double share;        /* of the first of two next hops, over flows to one destination */
    bool by_destination; /* flows to one destination agree */
    bool by_draw;        /* the draw decides */
};

static const struct balance_case balance_cases[] = {
    { "per flow", "next=b c\n", 0.5, false, false },
    { "per flow, weighted", "next=b*3 c\n", 0.75, false, false },
    { "per flow, a large weight", "next=b*65535 c*65535\n", 0.5, false, false },
    { "per flow, by source port", "next=b c\nhash=src-port\n", 0.5, false, false },
    { "per flow, by destination port", "next=b c\nhash=dst-port\n", 0.5, true, false },
    { "per destination", "next=b c\nbalance=destination\n", 0.5, true, false },
    { "per packet", "next=b c\nbalance=packet\n", 0.5, false, true },
    { "per packet, weighted", "next=b*1 c*9\nbalance=packet\n", 0.1, false, true },
};

static struct topology *balancer(const char *keys)
{
    g_autofree char *text = g_strconcat("[router a]\naddress=10.0.0.1\n", keys,
                                        "[router b]\naddress=10.0.1.1\nnext=h\n"
                                        "[router c]\naddress=10.0.2.1\nnext=h\n"
                                        "[host h]\naddress=198.51.100.1\n",
                                        NULL);

    return lab_topology(text);
}

static bool takes_first(struct routing *routing, const struct flow *flow, uint32_t draw)
{
    const uint32_t a = lab_node(routing->topology, "a");
    const struct hops hops = routing_hops(routing, a, flow,
                                          topology_find(routing->topology, &flow->dst));

    return routing_choose(routing, a, flow, &hops, draw) == lab_node(routing->topology, "b");
}

static void check_balance(const struct balance_case *c, struct routing *routing)
{
    enum { FLOWS = 4000 };
    const double deviation = sqrt(FLOWS * c->share * (1 - c->share));
    unsigned first = 0;
    uint32_t seed = 9;

    for (uint32_t i = 0; i < FLOWS; i++) {
        const struct flow flow = flow_to("198.51.100.1", (uint16_t)(33481 + i));
        first += takes_first(routing, &flow, next_random(&seed));
    }
    if (c->by_destination)
        check(first == 0 || first == FLOWS, "%s: %u of %u flows", c->name, first, FLOWS);
    else
        check(fabs(first - FLOWS * c->share) < 5 * deviation, "%s: %u of %u flows", c->name, first,
              FLOWS);
    const struct flow flow = flow_to("198.51.100.1", 0);
    const bool same = takes_first(routing, &flow, 0) == takes_first(routing, &flow, UINT32_MAX);
    check(same == !c->by_draw, "%s: what the draw decides", c->name);
}

static void test_balance(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(balance_cases); i++) {
        struct topology *topology = balancer(balance_cases[i].keys);
        struct routing *routing = routing_new(topology);
        check_balance(&balance_cases[i], routing);
        routing_free(routing);
        topology_free(topology);
    }
}

/* Per destination, destinations are shared out. */
static void test_destinations_shared_out(void **state)
{
    enum { DESTINATIONS = 4000 };
    struct topology *topology = balancer("next=b c\nbalance=destination\n");
    struct routing *routing = routing_new(topology);
    unsigned first = 0;

    (void)state;
    for (uint32_t i = 0; i < DESTINATIONS; i++) {
        struct flow flow = flow_to("203.0.113.1", 0);
        flow.dst.bytes[2] = (uint8_t)(i >> 8);
        flow.dst.bytes[3] = (uint8_t)i;
        first += takes_first(routing, &flow, 0);
    }
    check(abs((int)first - DESTINATIONS / 2) < 160, "%u of %d", first, DESTINATIONS);
    routing_free(routing);
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balance),
        cmocka_unit_test(test_destinations_shared_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
