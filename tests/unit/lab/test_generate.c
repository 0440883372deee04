/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated networks: every destination and router is reached, addresses and nodes are each other's
 * inverse. */
#include "lab_network.h"

#include "traceflow/bytes.h"

static const struct lab_network networks[] = {
    { "one destination, one stage", 1, 1, 1, 2, 1, 1000000, 1 },
    { "one destination, deep", 1, 24, 24, 16, 4, 1000000, 1 },
    { "two destinations", 2, 1, 3, 2, 1, 500000, 2 },
    { "sixteen destinations", 16, 2, 5, 4, 2, 300000, 3 },
    { "seventeen destinations", 17, 1, 24, 4, 2, 300000, 4 },
    { "no balancers", 1000, 6, 14, 4, 2, 0, 5 },
    { "balancers only, widest, longest", 1000, 6, 14, 16, 4, 1000000, 6 },
    { "as usual", 5000, 6, 14, 4, 2, 300000, 1 },
    { "one stage, many destinations", 100000, 1, 1, 4, 2, 300000, 7 },
    { "two stages, many destinations", 99999, 2, 2, 4, 2, 1000000, 8 },
    { "all there is", 100000, 1, 24, 16, 4, 500000, UINT32_MAX },
};

/* All of few destinations, some of many, the first and the last among them. */
static uint32_t pick(uint32_t total, uint32_t picked, uint32_t i)
{
    return total <= picked ? i : (uint32_t)((uint64_t)i * (total - 1) / (picked - 1));
}

static void check_addresses(const struct generate *generate, uint32_t node, const char *name)
{
    struct tf_addr found;

    for (uint8_t version = 4; version <= 6; version += 2) {
        check(generate_address(generate, node, version, &found), "%s: %x has one", name, node);
        check(found.version == version, "%s: of %x", name, node);
        check(generate_find(generate, &found) == node, "%s: back to %x", name, node);
    }
    const bool is_host = generate_is_host(generate, node);
    check(generate_node(generate, is_host, generate_number(node)) == node, "%s: number of %x", name,
          node);
}

static void check_way(const struct generate *generate, const struct lab_network *network,
                      uint32_t to, uint32_t hash)
{
    const struct lab_way way = lab_way(generate, to, hash, network->name);
    const unsigned heads = way.heads -
                           (to % LAB_GROUP == 0); /* a host's number may look like a head's */

    check(heads >= network->depth_min && heads <= network->depth_max, "%s: %u stages to %x",
          network->name, heads, to);
    for (size_t i = 0; i < way.len; i++)
        check_addresses(generate, way.node[i], network->name);
}

static void test_destinations(void **state)
{
    enum { PICKED = 1000, HASHES = 8 };
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(networks); i++) {
        const struct generate generate = lab_generate(&networks[i]);
        const uint32_t n = MIN(networks[i].destinations, PICKED);
        for (uint32_t j = 0; j < n * HASHES; j++) {
            const uint32_t number = pick(networks[i].destinations, n, j / HASHES);
            const uint32_t to = generate_node(&generate, true, number);
            check(to != NODE_NONE, "%s: destination %u", networks[i].name, number);
            check_way(&generate, &networks[i], to, j < 2 ? j * UINT32_MAX : next_random(&seed));
        }
    }
}

/* How many routers there are; every one of a small network is reached, some of a large one. */
static unsigned check_routers(const struct generate *generate, const char *name, uint32_t *seed)
{
    const uint32_t numbers = lab_router_numbers(generate);
    unsigned found = 0;

    for (uint32_t i = 0; i < numbers; i++) {
        const uint32_t to = generate_node(generate, false, i);
        if (to == NODE_NONE)
            continue;
        found++;
        if (found % 7 == 0 || found < 500) {
            lab_way(generate, to, next_random(seed), name);
            check_addresses(generate, to, name);
        }
    }
    return found;
}

static void test_routers(void **state)
{
    uint32_t seed = 2;

    (void)state;
    for (size_t i = 0; i < COUNT(networks); i++) {
        const struct generate generate = lab_generate(&networks[i]);
        const unsigned found = check_routers(&generate, networks[i].name, &seed);

        check(lab_router_numbers(&generate) <= 1 << 24, "%s: numbers", networks[i].name);
        check(found >= networks[i].depth_max, "%s: %u routers", networks[i].name, found);
    }
}

/* From any router to any host or router: on to a node of the network, or nowhere; never in a
 * circle. */
static void test_from_anywhere(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (size_t i = 0; i < COUNT(networks) * 2000; i++) {
        const struct lab_network *network = &networks[i / 2000];
        const struct generate generate = lab_generate(network);
        const uint32_t numbers = lab_router_numbers(&generate);
        const bool is_host = i % 2 == 0;
        uint32_t node = generate_node(&generate, false, next_random(&seed) % numbers);
        const uint32_t to = generate_node(
            &generate, is_host, next_random(&seed) % (is_host ? network->destinations : numbers));
        size_t steps = 0;

        for (; node != NODE_NONE && node != to; steps++) {
            node = generate_next(&generate, node, to, next_random(&seed));
            check(node == NODE_NONE || generate_node(&generate, generate_is_host(&generate, node),
                                                     generate_number(node)) == node,
                  "%s: %x is a node", network->name, node);
            check(steps < LAB_WAY_MAX, "%s: ends", network->name);
        }
    }
}

struct stranger {
    const char *name;
    const char *addr;
};

static const struct stranger strangers[] = {
    { "before the hosts", "198.17.255.255" },
    { "behind the last host", "198.18.0.100" },
    { "the last of the hosts' prefix", "198.19.255.255" },
    { "the last of the routers' prefix", "10.255.255.255" },
    { "before the routers", "9.255.255.255" },
    { "a place that no branch has", "10.0.0.127" },
    { "another network", "192.0.2.1" },
    { "behind the last host, IPv6", "2001:db8:d::64" },
    { "far behind, IPv6", "2001:db8:d::ffff:ffff" },
    { "beside the hosts, IPv6", "2001:db8:d:0:0:1::" },
    { "the last of the routers' prefix, IPv6", "2001:db8:1::ffff:ffff" },
    { "as a router, with a high bit, IPv6", "2001:db8:1::8000:0" },
    { "as a host, with its bit, IPv6", "2001:db8:1::4000:0" },
};

static const uint32_t strange_nodes[] = { 0,          1,          NODE_NONE,  NODE_INTO_GENERATED,
                                          0xc0000064, 0xc00fffff, 0x8000007f, 0xbfffffff };

static void test_strangers(void **state)
{
    const struct lab_network network = { "hundred", 100, 3, 5, 4, 2, 500000, 9 };
    const struct generate generate = lab_generate(&network);
    const uint32_t host = generate_node(&generate, true, 0);
    struct tf_addr unused;

    (void)state;
    for (size_t i = 0; i < COUNT(strangers); i++) {
        const struct tf_addr stranger = addr(strangers[i].addr);
        check(generate_find(&generate, &stranger) == NODE_NONE, "%s", strangers[i].name);
    }
    for (size_t i = 0; i < COUNT(strange_nodes); i++) {
        const uint32_t node = strange_nodes[i];
        check(!generate_is_host(&generate, node), "%x is no host", node);
        check(!generate_address(&generate, node, 4, &unused), "%x has no address", node);
        check(generate_next(&generate, NODE_NONE, node, 0) == NODE_NONE, "no way to %x", node);
        check(node == NODE_NONE || generate_next(&generate, node, host, 0) == NODE_NONE,
              "no way from %x", node);
    }
}

/* Prefixes longer than they need be: the numbers are in the last 32 bits. */
static void test_long_prefixes(void **state)
{
    static const char *const others[] = { "2001:db8:d::1:0:0", "2001:db8:d::8000:0:0:0",
                                          "2001:db8:1::1:0:0", "2001:db8:1::8000:0:0:0" };
    struct generate generate = lab_generate(&networks[4]);
    const struct tf_addr host = addr("2001:db8:d::5");

    (void)state;
    generate.hosts6.bits = generate.routers6.bits = 48;
    check(generate_find(&generate, &host) == generate_node(&generate, true, 5), "a host");
    for (size_t i = 0; i < COUNT(others); i++) {
        const struct tf_addr other = addr(others[i]);
        check(generate_find(&generate, &other) == NODE_NONE, "%s", others[i]);
    }
}

/* A network with few destinations: every number that is not one of its nodes' is refused. */
static void test_all_addresses(void **state)
{
    const struct generate generate = lab_generate(&networks[3]);
    struct tf_addr address = addr("10.0.0.0");

    (void)state;
    for (uint32_t i = 0; i < 2 * lab_router_numbers(&generate); i++) {
        tf_put_u32(address.bytes, 0x0a000000 + i);
        const uint32_t node = generate_find(&generate, &address);
        check(node == generate_node(&generate, false, i), "router number %u", i);
        check(node == NODE_NONE || generate_number(node) == i, "number of router %u", i);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        tf_put_u32(address.bytes, 0xc6120000 + i);
        check((generate_find(&generate, &address) != NODE_NONE) == (i < 16), "host %u", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_destinations),  cmocka_unit_test(test_routers),
        cmocka_unit_test(test_from_anywhere), cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_long_prefixes), cmocka_unit_test(test_all_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
