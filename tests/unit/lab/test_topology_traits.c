/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What routers do that is more than a number or a word, and what changes go on from. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "topology.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

static struct topology *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    struct topology *topology = topology_parse("file", text, strlen(text), &error);

    check(topology != NULL, "%s\n%s", text, error == NULL ? "" : error->message);
    return topology;
}

static struct traits traits_of(const char *lines, struct topology **topology)
{
    g_autofree char *text = g_strconcat(
        "[router r]\naddress=10.0.0.1\n", lines,
        "\n[router s]\naddress=10.0.0.2\n[router generous.one_2-b]\naddress=10.0.0.3\n"
        "[host d]\naddress=198.51.100.1 198.51.100.2 2001:db8:d::1\n"
        "public-address=203.0.113.9\n",
        NULL);

    *topology = parse(text);
    return (*topology)->nodes[0].traits;
}

static void test_next_hops(void **state)
{
    struct topology *topology = NULL;
    const struct traits traits = traits_of("next=s*3,generous.one_2-b d*65535 r", &topology);
    static const struct next_hop want[] = { { 1, 3 }, { 2, 1 }, { 3, 65535 }, { 0, 1 } };

    (void)state;
    assert_int_equal(traits.next.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        check(traits.next.at[i].node == want[i].node, "next hop %zu", i);
        check(traits.next.at[i].weight == want[i].weight, "weight %zu", i);
    }
    assert_int_equal(traits.next.weights, 65540);
    topology_free(topology);
}

struct route_case {
    const char *prefix;
    uint8_t bits;
    uint32_t node;
};

static void check_routes(const struct traits *traits, const struct route_case *want, size_t count)
{
    check(traits->n_routes == count, "%zu routes", traits->n_routes);
    for (size_t i = 0; i < count; i++) {
        const struct tf_addr to = addr(want[i].prefix);
        const struct route *route = &traits->routes[i];
        check(tf_addr_equal(&route->to.addr, &to), "route %zu: %s", i, want[i].prefix);
        check(route->to.bits == want[i].bits, "route %zu: %u bits", i, route->to.bits);
        check(route->via.at[0].node == want[i].node, "route %zu: via", i);
    }
}

/* By host: all its addresses, the public one too. */
static void test_routes(void **state)
{
    static const struct route_case want[] = {
        { "2001:db8:d::1", 128, 3 }, { "10.9.9.9", 32, 1 },    { "198.51.100.1", 32, 3 },
        { "198.51.100.2", 32, 3 },   { "203.0.113.9", 32, 3 }, { "2001:db8::", 32, 1 },
        { "10.9.9.0", 24, 2 },       { "0.0.0.0", 0, 0 },
    };
    struct topology *topology = NULL;
    const struct traits traits = traits_of(
        "route 0.0.0.0/0=r\nroute 10.9.9.0/24=generous.one_2-b s*2\nroute d=d\n"
        "route 2001:db8::/32=s\nroute 10.9.9.9=s\nroute 10.7.0.0/16=none",
        &topology);

    (void)state;
    check_routes(&traits, want, COUNT(want));
    assert_int_equal(traits.routes[6].via.weights, 3);
    topology_free(topology);
}

static void test_quoting(void **state)
{
    struct topology *topology = NULL;
    const struct quoting quoting =
        traits_of("mpls=16001 16002:3, 3:7:255\ninterface=index=3 name=ge-0/0/0 mtu=1500 address",
                  &topology)
            .quoting;
    static const struct tf_mpls want[] = { { 16001, 0, 1, false },
                                           { 16002, 3, 1, false },
                                           { 3, 7, 255, true } };

    (void)state;
    assert_int_equal(quoting.mpls.depth, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        const struct tf_mpls *got = &quoting.mpls.entry[i];
        check(got->label == want[i].label && got->tc == want[i].tc && got->ttl == want[i].ttl &&
                  got->bottom == want[i].bottom,
              "label %zu", i);
    }
    assert_true(quoting.interface.present && quoting.interface.has_index);
    assert_true(quoting.interface.has_address);
    assert_int_equal(quoting.interface.index, 3);
    assert_int_equal(quoting.interface.mtu, 1500);
    assert_string_equal(quoting.interface.name, "ge-0/0/0");
    topology_free(topology);
}

static void test_nat(void **state)
{
    struct topology *topology = NULL;
    const struct nat nat = traits_of("nat-source=10.0.0.1 2001:db8:5::2\n"
                                     "nat-destination=2001:db8:9::9 [2001:db8:d::1]:8080",
                                     &topology)
                               .nat;
    const struct tf_addr to4 = addr("10.0.0.1");
    const struct tf_addr to6 = addr("2001:db8:5::2");
    const struct tf_addr from = addr("2001:db8:9::9");
    const struct tf_addr to = addr("2001:db8:d::1");

    (void)state;
    assert_true(tf_addr_equal(&nat.source.to4, &to4));
    assert_true(tf_addr_equal(&nat.source.to6, &to6));
    assert_true(tf_addr_equal(&nat.destination.from, &from));
    assert_true(tf_addr_equal(&nat.destination.to, &to));
    assert_int_equal(nat.destination.port, 8080);
    topology_free(topology);
}

static void test_ranges(void **state)
{
    struct topology *topology = NULL;
    const struct traits traits = traits_of("deny=icmp, udp:33434-33534 tcp", &topology);
    static const struct port_range want[] = { { TF_IP_PROTO_ICMP, 0, 65535 },
                                              { TF_IP_PROTO_UDP, 33434, 33534 },
                                              { TF_IP_PROTO_TCP, 0, 65535 } };

    (void)state;
    assert_int_equal(traits.deny.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        const struct port_range *got = &traits.deny.at[i];
        check(got->protocol == want[i].protocol && got->first == want[i].first &&
                  got->last == want[i].last,
              "range %zu", i);
    }
    topology_free(topology);
}

/* Each change goes on from the one before it, of the same node, in the file's order. */
static void test_changes(void **state)
{
    static const struct route_case before[] = { { "10.9.0.0", 16, 1 }, { "10.0.0.0", 8, 1 } };
    static const struct route_case after[] = { { "10.8.0.0", 16, 0 }, { "10.0.0.0", 8, 0 } };
    struct topology *topology = parse(
        "[router r]\naddress=172.16.0.1\nnext=s\nloss=1%\nbalance=destination\n"
        "route 10.0.0.0/8=s\nroute 10.9.0.0/16=s\nmpls=3\n"
        "[router s]\naddress=172.16.0.2\n"
        "[change one]\nnode=r\nat=1.5s\nloss=2%\n"
        "[change other]\nnode=s\nafter=1000000000000\nloss=9%\n"
        "[change two]\nnode=r\nat=1s\nnext=none\nbalance=flow\nmpls=none\n"
        "route 10.9.0.0/16=none\nroute 10.0.0.0/8=r\nroute 10.8.0.0/16=r\n");
    const struct change *changes = topology->changes;

    (void)state;
    assert_int_equal(topology->n_changes, 3);
    assert_string_equal(changes[0].id, "one");
    assert_true(!changes[0].by_count && changes[1].by_count && !changes[2].by_count);
    assert_int_equal(changes[0].at_ns, 1500 * TF_NS_PER_MS);
    assert_int_equal(changes[1].after, UINT64_C(1000000000000));
    assert_int_equal(changes[1].node, 1);
    assert_int_equal(topology->nodes[0].traits.loss_ppm, 10000);
    assert_int_equal(changes[0].traits.loss_ppm, 20000);
    assert_int_equal(changes[0].traits.next.count, 1);
    assert_int_equal(changes[0].traits.hash_fields, HASH_DST);
    assert_int_equal(changes[1].traits.loss_ppm, 90000);
    assert_int_equal(changes[2].traits.loss_ppm, 20000);
    assert_int_equal(changes[2].traits.next.count, 0);
    assert_int_equal(changes[2].traits.hash_fields, HASH_FIVE_TUPLE);
    assert_int_equal(changes[2].traits.quoting.mpls.depth, 0);
    check_routes(&changes[0].traits, before, COUNT(before));
    check_routes(&changes[2].traits, after, COUNT(after));
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_hops), cmocka_unit_test(test_routes),
        cmocka_unit_test(test_quoting),   cmocka_unit_test(test_nat),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
