/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing: which next hops are left for a destination, and which of them balancing takes. */
#include "lab_scene.h"

#include <math.h>
#include <string.h>

#include "routing.h"
#include "traceflow/wire.h"

/*
 *            ┌─ b ─┐               b has a host of its own, a a route to 203.0.113.0/24 by c and to
 *   source ─ a     d ─ h1, h2      its half .128/25 by b; c has a way back to a
 *            └─ c ─┘
 */
static const char mesh[] = "[router a]\naddress=10.0.0.1, 2001:db8::1\nnext=b c\n"
                           "route 203.0.113.0/24=c\nroute 203.0.113.128/25=b\n"
                           "route 2001:db8:77::/48=c\nroute x=c\n"
                           "[router b]\naddress=10.0.1.1 10.0.1.2\nnext=d hb\n"
                           "[router c]\naddress=10.0.2.1\nnext=d\nroute 10.0.0.1/32=a\n"
                           "[router d]\naddress=10.0.3.1\nnext=h1 h2\n"
                           "[host hb]\naddress=198.51.100.9\n"
                           "[host h1]\naddress=198.51.100.1, 2001:db8:d::1\n"
                           "[host h2]\naddress=198.51.100.2\n"
                           "[host x]\naddress=198.51.100.77\n";

struct hops_case {
    const char *name;
    const char *from;
    const char *dst;
    const char *want; /* next hops, or why there are none */
};

static const struct hops_case hops_cases[] = {
    { "a host behind all next hops", "a", "198.51.100.1", "b c" },
    { "an address of nobody", "a", "192.88.0.1", "b c" },
    { "by the longer prefix", "a", "203.0.113.200", "b" },
    { "by the shorter prefix", "a", "203.0.113.100", "c" },
    { "the last of the shorter prefix", "a", "203.0.113.127", "c" },
    { "the first of the longer prefix", "a", "203.0.113.128", "b" },
    { "beside the prefix", "a", "203.0.114.1", "b c" },
    { "by a route, IPv6", "a", "2001:db8:77::5", "c" },
    { "beside it, IPv6", "a", "2001:db8:78::5", "b c" },
    { "by a route to a host", "a", "198.51.100.77", "c" },
    { "a host beside a router: not for others", "b", "198.51.100.1", "d" },
    { "a host beside a router: for itself", "b", "198.51.100.9", "hb" },
    { "one host of two", "d", "198.51.100.2", "h2" },
    { "one host of two, IPv6", "d", "2001:db8:d::1", "h1" },
    { "hosts only, and none of them", "d", "198.51.100.77", "no host" },
    { "hosts only, an address of nobody", "d", "192.88.0.1", "no host" },
    { "a router next to it", "a", "10.0.2.1", "c" },
    { "a router's second address", "a", "10.0.1.2", "b" },
    { "a router by two equal ways", "a", "10.0.3.1", "b c" },
    { "a router that a route leads to", "c", "10.0.0.1", "a" },
    { "a router that cannot be reached", "b", "10.0.2.1", "d" },
    { "a router by a way through routes", "c", "10.0.1.1", "a" },
};

static struct flow flow_to(const char *dst, uint16_t src_port)
{
    const struct packet packet = lab_packet(
        &(struct lab_probe){ .dst = dst, .src_port = src_port });
    struct tf_datagram datagram;

    check(tf_datagram_decode(&datagram, packet.bytes, packet.len) == TF_OK, "%s", dst);
    return flow_of(&datagram);
}

static struct hops hops_of(struct routing *routing, const char *from, const char *dst)
{
    const struct flow flow = flow_to(dst, 0);

    return routing_hops(routing, lab_node(routing->topology, from), &flow,
                        topology_find(routing->topology, &flow.dst));
}

static char *text_of(const struct routing *routing, const struct hops *hops)
{
    GString *text = g_string_new(NULL);
    uint32_t weights = 0;

    if (hops->count == 0)
        g_string_append(text, hops->is_last_hop ? "no host" : "no route");
    for (size_t i = 0; i < hops->count; i++) {
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
                               routing->topology->nodes[hops->at[i].node].id);
        weights += hops->at[i].weight;
    }
    check(weights == hops->weights, "%s: the weights add up", text->str);
    return g_string_free(text, FALSE);
}

static void test_hops(void **state)
{
    struct topology *topology = lab_topology(mesh);
    struct routing *routing = routing_new(topology);

    (void)state;
    for (size_t i = 0; i < COUNT(hops_cases); i++) {
        const struct hops_case *c = &hops_cases[i];
        const struct hops hops = hops_of(routing, c->from, c->dst);
        g_autofree char *text = text_of(routing, &hops);
        check(strcmp(text, c->want) == 0, "%s: from %s to %s by %s, not %s", c->name, c->from,
              c->dst, text, c->want);
    }
    routing_free(routing);
    topology_free(topology);
    routing_free(NULL);
}

/* A chain of more routers than ways are remembered of, each asked about all. */
static void test_long_ways(void **state)
{
    enum { ROUTERS = 100 };
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    for (int i = 0; i < ROUTERS; i++)
        g_string_append_printf(text, "[router r%d]\naddress=10.0.1.%d\nnext=%s%d\n", i, i + 1,
                               i + 1 < ROUTERS ? "r" : "h", i + 1);
    g_string_append_printf(text, "[host h%d]\naddress=198.51.100.1\n", ROUTERS);
    struct topology *topology = lab_topology(text->str);
    struct routing *routing = routing_new(topology);
    for (uint32_t to = 0; to < ROUTERS; to++)
        for (uint32_t from = 0; from < ROUTERS; from++) {
            const struct flow flow = flow_to("10.0.1.1", 0);
            const struct hops hops = routing_hops(routing, from, &flow, to);
            const bool is_end = from == ROUTERS - 1; /* its host is not who is asked for */
            check(hops.count == (is_end ? 0 : 1), "from r%u to r%u", from, to);
            check(is_end || hops.at[0].node == from + 1, "from r%u to r%u", from, to);
        }
    routing_free(routing);
    topology_free(topology);
}

/* A change moves ways: those remembered are worked out again. */
static void test_change(void **state)
{
    struct topology *topology = lab_topology("[router a]\naddress=10.0.0.1\nnext=b\n"
                                             "[router b]\naddress=10.0.1.1\nnext=d\n"
                                             "[router c]\naddress=10.0.2.1\nnext=d\n"
                                             "[router d]\naddress=10.0.3.1\nnext=h\n"
                                             "[host h]\naddress=198.51.100.1\n"
                                             "[change moves]\nnode=a\nat=1s\nnext=c\ndelay=3ms\n");
    struct routing *routing = routing_new(topology);
    const uint32_t a = lab_node(topology, "a");

    (void)state;
    for (int after = 0; after <= 1; after++) {
        const char *const want = after ? "c" : "b";
        static const char *const destinations[] = { "10.0.3.1", "198.51.100.1" };
        for (size_t i = 0; i < COUNT(destinations); i++) {
            const struct hops hops = hops_of(routing, "a", destinations[i]);
            g_autofree char *text = text_of(routing, &hops);
            check(strcmp(text, want) == 0, "to %s by %s, not %s", destinations[i], text, want);
        }
        check(routing_traits(routing, a)->delay_ns == (after ? 3 * LAB_MS : 0), "its delay");
        check(routing_is_link(routing, a, lab_node(topology, want)), "a link to %s", want);
        check(!routing_is_link(routing, a, lab_node(topology, after ? "b" : "c")), "one link");
        routing_change(routing, &topology->changes[0]);
    }
    routing_free(routing);
    topology_free(topology);
}

/* A change elsewhere: what was the shortest way is no way any more. */
static void test_change_elsewhere(void **state)
{
    struct topology *topology = lab_topology("[router a]\naddress=10.0.0.1\nnext=b c\n"
                                             "[router b]\naddress=10.0.1.1\nnext=e\n"
                                             "[router c]\naddress=10.0.2.1\nnext=d\n"
                                             "[router d]\naddress=10.0.3.1\nnext=e\n"
                                             "[router e]\naddress=10.0.4.1\n"
                                             "[change breaks]\nnode=b\nat=1s\nnext=none\n");
    struct routing *routing = routing_new(topology);

    (void)state;
    for (int after = 0; after <= 1; after++) {
        const struct hops hops = hops_of(routing, "a", "10.0.4.1");
        g_autofree char *text = text_of(routing, &hops);
        check(strcmp(text, after ? "c" : "b") == 0, "by %s, %d changes", text, after);
        routing_change(routing, &topology->changes[0]);
    }
    routing_free(routing);
    topology_free(topology);
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

/* The generated network begins where a next hop says so, and only for its own. */
static void test_into_generated(void **state)
{
    struct topology *topology = lab_topology("[router a]\naddress=192.0.2.254\nnext=generate h b\n"
                                             "[router b]\naddress=192.0.2.253\nnext=h\n"
                                             "[host h]\naddress=203.0.113.1\n"
                                             "[generate]\ndestinations=100\n");
    struct routing *routing = routing_new(topology);

    (void)state;
    const struct hops in = hops_of(routing, "a", "198.18.0.5");
    check(in.count == 1 && (in.at[0].node & NODE_GENERATED), "a generated host");
    const uint32_t head = in.at[0].node;
    const struct flow flow = flow_to("198.18.0.5", 0);
    const struct hops on = routing_hops(routing, head, &flow, topology_find(topology, &flow.dst));
    check(on.count == 1 && (on.at[0].node & NODE_GENERATED), "and on");
    check(!routing_is_host(routing, head), "a generated router");
    check(routing_is_host(routing, topology_find(topology, &flow.dst)), "a generated host");

    const struct hops beyond = hops_of(routing, "a", "198.18.0.100");
    g_autofree char *text = text_of(routing, &beyond);
    check(strcmp(text, "b") == 0, "behind the last generated host: %s", text);
    const struct hops none = hops_of(routing, "b", "198.18.0.5");
    check(none.count == 0 && none.is_last_hop, "no generated network behind b");
    routing_free(routing);
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hops),           cmocka_unit_test(test_long_ways),
        cmocka_unit_test(test_change),         cmocka_unit_test(test_change_elsewhere),
        cmocka_unit_test(test_balance),        cmocka_unit_test(test_destinations_shared_out),
        cmocka_unit_test(test_into_generated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
