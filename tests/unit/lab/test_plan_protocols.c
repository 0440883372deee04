/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As many paths as statistics want, by every protocol over both families: the same enumeration. */
#include <string.h>

#include "coverage.h"
#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* Three branches, one of them longer, then two. */
static const char network[] =
    "[router r0]\naddress = 10.0.0.1 2001:db8::1\nnext = a b c\ndelay = 1ms\n"
    "hash = five-tuple icmp-id\nhash-seed = %u\n"
    "[router a]\naddress = 10.0.1.1 2001:db8:1::1\nnext = m1\n"
    "[router b]\naddress = 10.0.1.2 2001:db8:1::2\nnext = m1\n"
    "[router c]\naddress = 10.0.1.3 2001:db8:1::3\nnext = c2\n"
    "[router c2]\naddress = 10.0.1.4 2001:db8:1::4\nnext = m1\n"
    "[router m1]\naddress = 10.0.2.1 2001:db8:2::1\nnext = e f\n"
    "hash = five-tuple icmp-id\nhash-seed = %u\n"
    "[router e]\naddress = 10.0.3.1 2001:db8:3::1\nnext = m2\n"
    "[router f]\naddress = 10.0.3.2 2001:db8:3::2\nnext = m2\n"
    "[router m2]\naddress = 10.0.4.1 2001:db8:4::1\nnext = dst\n"
    "[host dst]\naddress = 198.51.100.1 2001:db8:d::1\n";

struct protocol_case {
    const char *name;
    const char *dst;
    uint8_t protocol; /* of the probes */
    uint16_t dport;
};

static const struct protocol_case cases[] = {
    { "UDP", "198.51.100.1", TF_IP_PROTO_UDP, TF_BASE_PORT },
    { "UDP over IPv6", "2001:db8:d::1", TF_IP_PROTO_UDP, TF_BASE_PORT },
    { "echo", "198.51.100.1", TF_IP_PROTO_ICMP, 0 },
    { "echo over IPv6", "2001:db8:d::1", TF_IP_PROTO_ICMPV6, 0 },
    { "TCP", "198.51.100.1", TF_IP_PROTO_TCP, TF_BASE_PORT_TCP },
    { "TCP over IPv6", "2001:db8:d::1", TF_IP_PROTO_TCP, TF_BASE_PORT_TCP },
};

static const struct plan_options automatic = { .paths = 255,
                                               .automatic = true,
                                               .confidence = 95,
                                               .first_ttl = 1,
                                               .max_ttl = 64,
                                               .attempts = 3,
                                               .gap_limit = 8,
                                               .timeout_ns = TF_NS_PER_S };

static bool misses(const struct protocol_case *c, uint32_t seed)
{
    const struct rehearsal_to to = { .addr = addr(c->dst), .protocol = c->protocol };
    const bool is_echo = c->protocol == TF_IP_PROTO_ICMPV6;
    const struct truth_query query = { .ipv6 = to.addr.version == 6,
                                       .protocol = is_echo ? TF_IP_PROTO_ICMP : c->protocol,
                                       .dport = c->dport };
    g_autofree char *text = g_strdup_printf(network, seed, seed + 1000);
    struct topology *topology = topology_parse(c->name, text, strlen(text), NULL);
    struct plan_options options = automatic;

    assert_non_null(topology);
    options.has_state = c->protocol == TF_IP_PROTO_TCP;
    struct rehearsal rehearsal = rehearse_to(topology, &to, &options, seed);
    const struct coverage coverage = coverage_of(topology, &query,
                                                 tf_trace_set_get(rehearsal.traces, 0));
    check(rehearsal.done, "%s, seed %u: the plan ends", c->name, seed);
    check(coverage.links > 10, "%s, seed %u: flows take different ways", c->name, seed);
    check(coverage.false_answers == 0, "%s, seed %u: %u answers or lengths are wrong", c->name,
          seed, coverage.false_answers);
    check(coverage.holes == 0, "%s, seed %u: %u holes", c->name, seed, coverage.holes);
    rehearsal_end(&rehearsal);
    topology_free(topology);
    return coverage.missed > 0;
}

/* 4 misses of 10 have a chance of one in a thousand. */
static void test_enumeration(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned missed = 0;

        for (uint32_t seed = 1; seed <= 10; seed++)
            missed += misses(&cases[i], seed);
        check(missed < 4, "%s: %u of 10 miss a link", cases[i].name, missed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_enumeration) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
