/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A topology file read: defaults, the network, addresses, the generated part. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "topology.h"
#include "traceflow/time.h"

static struct topology *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    struct topology *topology = topology_parse("file", text, strlen(text), &error);

    check(topology != NULL, "%s\n%s", text, error == NULL ? "" : error->message);
    return topology;
}

static void test_defaults(void **state)
{
    struct topology *topology = parse("[host d]\naddress=10.0.0.2\n[router r]\naddress=10.0.0.1\n");
    const struct tf_addr source4 = addr("192.0.2.1");
    const struct tf_addr source6 = addr("2001:db8:a::1");

    (void)state;
    assert_null(topology->description);
    assert_null(topology->source_name);
    assert_true(tf_addr_equal(&topology->source4, &source4));
    assert_true(tf_addr_equal(&topology->source6, &source6));
    assert_int_equal(topology->mtu, 1500);
    assert_int_equal(topology->seed, 1);
    assert_int_equal(topology->first, 1);
    assert_int_equal(topology->n_nodes, 2);
    assert_int_equal(topology->n_changes, 0);
    assert_false(topology->generate.present);
    assert_int_equal(topology->nodes[1].traits.next.count, 0);
    topology_free(topology);
    topology_free(NULL);
}

static void test_network(void **state)
{
    struct topology *topology = parse("# a comment\r\n"
                                      "[network]\r\n"
                                      "description = two words \r\n"
                                      "source = 192.0.2.7\n"
                                      "source-name=src.example\n"
                                      "first=b\n"
                                      "mtu=576\n"
                                      "seed=4294967295\n"
                                      "[router a]\naddress=10.0.0.1\n"
                                      "[router b]\naddress=10.0.0.2\n");
    const struct tf_addr source4 = addr("192.0.2.7");

    (void)state;
    assert_string_equal(topology->description, "two words");
    assert_string_equal(topology->source_name, "src.example");
    assert_true(tf_addr_equal(&topology->source4, &source4));
    assert_int_equal(topology->source6.version, 0);
    assert_int_equal(topology->first, 1);
    assert_int_equal(topology->mtu, 576);
    assert_int_equal(topology->seed, UINT32_MAX);
    topology_free(topology);
}

static void check_address(const struct topology *topology, uint8_t version, size_t which,
                          const char *text)
{
    const struct tf_addr want = addr(text);
    struct tf_addr got = { 0 };

    check(topology_address(topology, 0, version, which, &got), "%s", text);
    check(tf_addr_equal(&got, &want), "%s: address %zu", text, which);
    check(topology_find(topology, &want) == 0, "%s: whose", text);
}

static void test_addresses(void **state)
{
    struct topology *topology = parse(
        "[router r]\naddress=2001:db8::1,10.0.0.2 2001:db8::2 , 10.0.0.1\nname=R.Example\n"
        "[router quiet]\nsilent=yes\n"
        "[router hidden]\nttl=keep\n"
        "[host d]\naddress=10.9.9.9\npublic-address=203.0.113.9 2001:db8:9::9\n");
    const struct tf_addr source = addr("192.0.2.1");
    const struct tf_addr public = addr("203.0.113.9");
    const struct node *host = &topology->nodes[3];
    struct tf_addr none;

    (void)state;
    check_address(topology, 4, 0, "10.0.0.2");
    check_address(topology, 4, 1, "10.0.0.1");
    check_address(topology, 6, 0, "2001:db8::1");
    check_address(topology, 6, 1, "2001:db8::2");
    assert_false(topology_address(topology, 0, 4, 2, &none));
    assert_false(topology_address(topology, 1, 4, 0, &none));
    assert_int_equal(topology_addresses(topology, 0, 6), 2);
    assert_int_equal(topology_addresses(topology, 3, 6), 0);
    assert_int_equal(topology_addresses(topology, NODE_NONE, 4), 0);
    assert_int_equal(topology_find(topology, &source), NODE_NONE);
    assert_int_equal(topology_find(topology, &public), NODE_NONE);
    assert_string_equal(topology->nodes[0].name, "R.Example");
    assert_int_equal(GPOINTER_TO_UINT(g_hash_table_lookup(topology->by_name, "r.example")), 1);
    assert_int_equal(topology->nodes[0].public_address[0].version, 0);
    assert_true(tf_addr_equal(&host->public_address[0], &public));
    assert_int_equal(host->public_address[1].version, 6);
    topology_free(topology);
}

static void test_generate(void **state)
{
    struct topology *topology = parse("[router r]\naddress=192.168.0.1\nnext=generate*2\n"
                                      "[generate]\ndestinations=100000\n");
    const struct generate *generate = &topology->generate;
    const struct tf_addr destination = addr("198.18.0.17");
    const uint32_t node = topology_find(topology, &destination);
    struct tf_addr found = { 0 };

    (void)state;
    assert_true(generate->present);
    assert_int_equal(topology->nodes[0].traits.next.at[0].node, NODE_INTO_GENERATED);
    assert_int_equal(generate->depth_min, 6);
    assert_int_equal(generate->depth_max, 14);
    assert_int_equal(generate->width_max, 4);
    assert_int_equal(generate->length_max, 2);
    assert_int_equal(generate->balancers_ppm, 300000);
    assert_int_equal(generate->silent_ppm, 0);
    assert_int_equal(generate->lossy_ppm, 0);
    assert_int_equal(generate->lossy_router.loss_ppm, 100000);
    assert_int_equal(generate->seed, 1);
    assert_string_equal(generate->domain, "generated.example");
    assert_int_equal(generate->host.reply_ttl, 64);
    assert_true(node != NODE_NONE && (node & NODE_GENERATED) != 0);
    assert_true(topology_address(topology, node, 4, 0, &found));
    assert_true(tf_addr_equal(&found, &destination));
    assert_false(topology_address(topology, node, 4, 1, &found));
    assert_int_equal(topology_addresses(topology, node, 6), 1);
    topology_free(topology);
}

static void test_generate_keys(void **state)
{
    struct topology *topology = parse(
        "[router r]\naddress=192.168.0.1\n"
        "[generate]\ndestinations=256\nhosts=203.0.113.0/24 2001:db8:99::/120\n"
        "routers=11.0.0.0/8\ndepth=3-24\nwidth=16\nlength=4\nbalancers=100%\nsilent=1%\n"
        "lossy=2%\nloss=3%\ndelay=4ms\njitter=5ms\ndomain=net.example\nseed=6\n");
    const struct generate *generate = &topology->generate;

    (void)state;
    assert_int_equal(generate->destinations, 256);
    assert_int_equal(generate->hosts4.bits, 24);
    assert_int_equal(generate->hosts6.bits, 120);
    assert_int_equal(generate->routers4.addr.bytes[0], 11);
    assert_int_equal(generate->routers6.bits, 96);
    assert_int_equal(generate->depth_min, 3);
    assert_int_equal(generate->depth_max, 24);
    assert_int_equal(generate->width_max, 16);
    assert_int_equal(generate->length_max, 4);
    assert_int_equal(generate->balancers_ppm, 1000000);
    assert_int_equal(generate->silent_ppm, 10000);
    assert_int_equal(generate->lossy_ppm, 20000);
    assert_int_equal(generate->lossy_router.loss_ppm, 30000);
    assert_int_equal(generate->lossy_router.delay_ns, 4 * TF_NS_PER_MS);
    assert_int_equal(generate->router.loss_ppm, 0);
    assert_int_equal(generate->router.delay_ns, 4 * TF_NS_PER_MS);
    assert_int_equal(generate->router.jitter_ns, 5 * TF_NS_PER_MS);
    assert_string_equal(generate->domain, "net.example");
    assert_int_equal(generate->seed, 6);
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_network),
        cmocka_unit_test(test_addresses),     cmocka_unit_test(test_generate),
        cmocka_unit_test(test_generate_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
