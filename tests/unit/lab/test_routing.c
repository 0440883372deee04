/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routing: which next hops are left for a destination. */
#include "lab_scene.h"

#include <string.h>

#include "routing.h"

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

static struct flow flow_to(const char *dst)
{
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = dst });

    return lab_flow(&packet);
}

static struct hops hops_of(struct routing *routing, const char *from, const char *dst)
{
    const struct flow flow = flow_to(dst);

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
            const struct flow flow = flow_to("10.0.1.1");
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
    const struct flow flow = flow_to("198.18.0.5");
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
        cmocka_unit_test(test_into_generated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
