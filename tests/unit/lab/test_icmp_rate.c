/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rate limits of ICMP: bursts, the steady rate, peers and nodes apart, both limits together. */
#include "support.h"

#include <string.h>

#include "icmp_rate.h"

#define MS INT64_C(1000000)

/* Asked at each time of a text of milliseconds; the answers as a text of y and n. */
struct rate_case {
    const char *name;
    struct rate all;
    struct rate each;
    const char *asked; /* "TIME" by peer a, "TIMEb" by peer b */
    const char *want;
};

static const struct rate_case rate_cases[] = {
    { "no limit", { 0, 1 }, { 0, 1 }, "0 0 0 0 0", "yyyyy" },
    { "one token", { 10 * MS, 1 }, { 0, 1 }, "0 0 9 10 10 19 20", "ynnynny" },
    { "a burst of three", { 10 * MS, 3 }, { 0, 1 }, "0 0 0 0 9 10 10", "yyynnyn" },
    { "tokens do not pile up", { 10 * MS, 2 }, { 0, 1 }, "0 0 1000 1000 1000", "yyyyn" },
    { "what is refused costs nothing", { 10 * MS, 1 }, { 0, 1 }, "0 5 5 5 10", "ynnny" },
    { "half a token is kept", { 10 * MS, 2 }, { 0, 1 }, "0 0 15 15 20 20", "yyynyn" },
    { "all peers share", { 10 * MS, 2 }, { 0, 1 }, "0 0b 0 0b 10b 10", "yynnyn" },
    { "each peer for itself", { 0, 1 }, { 10 * MS, 1 }, "0 0b 0 0b 10 10b", "yynnyy" },
    { "both: all is stricter", { 10 * MS, 1 }, { 10 * MS, 5 }, "0 0 0b 10b 10", "ynnyn" },
    { "both: each is stricter", { 10 * MS, 5 }, { 10 * MS, 1 }, "0 0 0b 0b", "ynyn" },
    /* the second request is refused by the peer's limit, and must not cost a token of all */
    { "both: one refuses, none pays", { 10 * MS, 2 }, { 50 * MS, 1 }, "0 0 0 0b 10b", "ynnyn" },
    { "a negative clock", { 10 * MS, 1 }, { 0, 1 }, "-100 -95 -90", "yny" },
};

static struct traits traits_of(const struct rate_case *c)
{
    return (struct traits){ .icmp_rate = c->all, .icmp_rate_per_peer = c->each };
}

static void test_rates(void **state)
{
    const struct tf_addr peers[] = { addr("192.0.2.1"), addr("192.0.2.2") };

    (void)state;
    for (size_t i = 0; i < COUNT(rate_cases); i++) {
        const struct rate_case *c = &rate_cases[i];
        const struct traits traits = traits_of(c);
        struct icmp_rates *rates = icmp_rates_new();
        g_auto(GStrv) asked = g_strsplit(c->asked, " ", -1);
        g_autoptr(GString) got = g_string_new(NULL);

        for (char **word = asked; *word != NULL; word++) {
            char *end = NULL;
            const int64_t at_ns = g_ascii_strtoll(*word, &end, 10) * MS;
            const bool allowed = icmp_rates_allow(rates, 3, &traits, &peers[*end == 'b'], at_ns);
            g_string_append_c(got, allowed ? 'y' : 'n');
        }
        check(strcmp(got->str, c->want) == 0, "%s: %s, not %s", c->name, got->str, c->want);
        icmp_rates_free(rates);
    }
    icmp_rates_free(NULL);
}

static void test_nodes_apart(void **state)
{
    const struct traits traits = { .icmp_rate = { 10 * MS, 1 },
                                   .icmp_rate_per_peer = { 10 * MS, 1 } };
    const struct tf_addr peer = addr("2001:db8::1");
    struct icmp_rates *rates = icmp_rates_new();

    (void)state;
    for (uint32_t node = 0; node < 1000; node++)
        check(icmp_rates_allow(rates, node, &traits, &peer, 0), "node %u: first", node);
    for (uint32_t node = 0; node < 1000; node++)
        check(!icmp_rates_allow(rates, node, &traits, &peer, 0), "node %u: second", node);
    icmp_rates_free(rates);
}

/* The largest rate of a topology file for a long time: no drift, no overflow. */
static void test_steady_rate(void **state)
{
    const int64_t second_ns = 1000 * MS;
    const struct traits traits = { .icmp_rate = { second_ns / 3, 1000000 } };
    const struct tf_addr peer = addr("192.0.2.1");
    struct icmp_rates *rates = icmp_rates_new();
    unsigned allowed = 0;

    (void)state;
    for (int64_t i = 0; i < 1100000; i++) /* a millisecond apart */
        allowed += icmp_rates_allow(rates, 1, &traits, &peer, i * MS);
    /* 1,000,000 at once and 3 a second; it is asked longer than the burst lasts */
    check(allowed >= 1003298 && allowed <= 1003301, "%u", allowed);
    icmp_rates_free(rates);
}

/* More peers than are remembered: forgetting makes limits laxer for a moment, never breaks them. */
static void test_many_peers(void **state)
{
    const struct traits traits = { .icmp_rate = { 10 * MS, 1 },
                                   .icmp_rate_per_peer = { 10 * MS, 1 } };
    struct icmp_rates *rates = icmp_rates_new();
    struct tf_addr peer = addr("10.0.0.0");

    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        peer.bytes[1] = (uint8_t)(i >> 16);
        peer.bytes[2] = (uint8_t)(i >> 8);
        peer.bytes[3] = (uint8_t)i;
        check(icmp_rates_allow(rates, 1, &traits, &peer, (int64_t)i * 10 * MS), "peer %u", i);
    }
    check(!icmp_rates_allow(rates, 1, &traits, &peer, INT64_C(199999) * 10 * MS + 1), "the last");
    icmp_rates_free(rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_nodes_apart),
        cmocka_unit_test(test_steady_rate),
        cmocka_unit_test(test_many_peers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
