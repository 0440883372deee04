/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies that do not say which TTL they answer, in captures that may lack the probe they mean. */
#include "exchange.h"

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"

enum { PATH = 3, SHORT = TF_IPV6_LEN + 8, NO_TTL = 0 };

static void probes_of(struct exchange *exchange, uint8_t ttl, uint8_t attempts)
{
    for (uint8_t attempt = 0; attempt < attempts; attempt++) {
        const struct packet probe = ipv6_probe_of(PATH, ttl, attempt);
        give_probe(exchange, &probe);
    }
}

/* A quote of 8 bytes behind the IPv6 header: it tells path and attempt, by the key. Returns the TTL
 * that is told. */
static uint8_t ttl_told(struct exchange *exchange, const struct packet *probe, uint8_t quoted_ttl)
{
    struct packet quoted = *probe;
    struct tf_observation obs;

    quoted.bytes[TF_IPV6_HOP_LIMIT] = quoted_ttl;
    const struct packet reply = error_quoting(TF_ICMPV6_TIME_EXCEEDED, 0, &quoted, SHORT);
    assert_int_equal(give(exchange, &reply, &obs), TF_OK);
    assert_int_equal(obs.path_id, PATH);
    check(obs.has_ttl == obs.has_probe, "a TTL by elimination is that of a probe");
    return obs.has_ttl ? obs.ttl : NO_TTL;
}

struct attempt_case {
    const char *name;
    uint8_t attempts[4]; /* captured, in this order, of TTL 5 */
    size_t n;
    uint8_t told; /* of the last of them */
};

static const struct attempt_case attempt_cases[] = {
    { "the first", { 0 }, 1, 5 },
    { "the second", { 0, 1 }, 2, 5 },
    { "the fourth", { 0, 1, 2, 3 }, 4, 5 },
    { "the second alone", { 1 }, 1, NO_TTL },
    { "the third without the second", { 0, 2 }, 2, NO_TTL },
    { "the third without the first", { 1, 2 }, 2, NO_TTL },
    { "the fourth without the second", { 0, 2, 3 }, 3, NO_TTL },
};

static void test_attempts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(attempt_cases); i++) {
        const struct attempt_case *c = &attempt_cases[i];
        struct exchange exchange = exchange_begin();
        struct packet probe;

        for (size_t n = 0; n < c->n; n++) {
            probe = ipv6_probe_of(PATH, 5, c->attempts[n]);
            give_probe(&exchange, &probe);
        }
        const uint8_t told = ttl_told(&exchange, &probe, 1);
        check(told == c->told, "%s: TTL %u", c->name, told);
        exchange_end(&exchange);
    }
}

/* The path's probes of TTL 4 were all captured, those of TTL 5 only from the second attempt on. */
static void test_attempts_of_another_ttl(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet other = ipv6_probe_of(PATH, 5, 1);
    const struct packet probe = ipv6_probe_of(PATH, 4, 1);
    struct tf_observation obs;

    (void)state;
    probes_of(&exchange, 4, 2);
    give_probe(&exchange, &other);
    const struct packet reply = time_exceeded(&other, other.len);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    assert_int_equal(ttl_told(&exchange, &probe, 1), NO_TTL);
    exchange_end(&exchange);
}

static void test_hops_to_go(void **state)
{
    (void)state;
    for (uint8_t quoted_ttl = 0; quoted_ttl < 9; quoted_ttl++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = ipv6_probe_of(PATH, 5, 0);

        give_probe(&exchange, &probe);
        const uint8_t told = ttl_told(&exchange, &probe, quoted_ttl);
        check(told == (quoted_ttl <= 5 ? 5 : NO_TTL), "quoted TTL %u: TTL %u", quoted_ttl, told);
        exchange_end(&exchange);
    }
}

/* The capture began in the middle: a reply to TTL 4, which tells so itself, has no probe there.
 * That to TTL 6 has none either, and is not TTL 5's. */
struct lack_case {
    const char *name;
    uint16_t path_id; /* of the reply without a probe */
    int64_t later_ns; /* than that, the one that does not tell its TTL */
    uint8_t told;
};

static const struct lack_case lack_cases[] = {
    { "another TTL of the path", PATH, TF_NS_PER_MS, NO_TTL },
    { "another path", PATH + 1, TF_NS_PER_MS, NO_TTL },
    { "as long as probes are open", PATH, TF_OPEN_NS, NO_TTL },
    { "too long ago", PATH, TF_OPEN_NS + 1, 5 },
};

static void test_lack(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lack_cases); i++) {
        const struct lack_case *c = &lack_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet first = ipv6_probe_of(PATH, 1, 0);
        const struct packet lacked = ipv6_probe_of(c->path_id, 4, 0);
        const struct packet probe = ipv6_probe_of(PATH, 5, 0);
        const struct packet missing = ipv6_probe_of(PATH, 6, 0);
        const struct packet orphan = time_exceeded(&lacked, lacked.len);
        const struct packet answer = time_exceeded(&first, first.len);
        struct tf_observation obs;

        give_probe(&exchange, &first);
        assert_int_equal(give(&exchange, &answer, &obs), TF_OK);
        const int64_t orphan_ns = exchange.now_ns;
        assert_int_equal(give(&exchange, &orphan, &obs), TF_OK);
        check(!obs.has_probe && obs.ttl == 4, "%s: no probe", c->name);
        exchange.now_ns = orphan_ns + c->later_ns - TF_NS_PER_MS / 2;
        give_probe(&exchange, &probe);
        exchange.now_ns = orphan_ns + c->later_ns;
        const uint8_t told = ttl_told(&exchange, &missing, 1);
        check(told == c->told, "%s: TTL %u", c->name, told);
        exchange_end(&exchange);
    }
}

/* A run that ended before the capture began says nothing of the others. */
static void test_lack_of_another_run(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct probe_fields fields = { .src = addr("2001:db8::1"),
                                         .dst = addr("2001:db8::9"),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = TF_BASE_PORT,
                                         .run_id = 0x2bad0001,
                                         .path_id = PATH + 1,
                                         .ttl = 4 };
    const struct packet late = build_probe(&fields);
    const struct packet orphan = time_exceeded(&late, late.len);
    const struct packet probe = ipv6_probe_of(PATH, 5, 0);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    assert_int_equal(give(&exchange, &orphan, &obs), TF_OK);
    assert_false(obs.has_probe);
    assert_int_equal(ttl_told(&exchange, &probe, 1), 5);
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_attempts_of_another_ttl),
        cmocka_unit_test(test_hops_to_go),
        cmocka_unit_test(test_lack),
        cmocka_unit_test(test_lack_of_another_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
