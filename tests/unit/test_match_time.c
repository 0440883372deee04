/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time stamps in matching: round-trip times of any two, and how long a probe is open. */
#include "exchange.h"

#include "traceflow/bytes.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* Time Exceeded whose quote has lost its Identification: which probes are open decides. */
static struct packet without_ident(const struct packet *probe)
{
    struct packet quoted = expired(probe);

    tf_put_u16(quoted.bytes + TF_IPV4_IDENT, 0);
    seal_ipv4(quoted.bytes);
    return error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 28);
}

struct time_case {
    const char *name;
    int64_t probe_ns;
    int64_t reply_ns;
};

static const int64_t last_ns = TF_SECONDS_MAX * TF_NS_PER_S + TF_NS_PER_S - 1;

static void test_hostile_time_stamps(void **state)
{
    const struct time_case cases[] = {
        { "at once", 0, 0 },
        { "from first to last", 0, last_ns },
        { "backwards", last_ns, 0 },
        { "one nanosecond back", 1000, 999 },
        { "last and last", last_ns, last_ns },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = probe_of(3, 5, 0);
        struct tf_observation obs;

        exchange.now_ns = cases[i].probe_ns;
        give_probe(&exchange, &probe);
        exchange.now_ns = cases[i].reply_ns;
        const struct packet reply = time_exceeded(&probe, 28);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", cases[i].name);
        check(obs.rtt_ns == cases[i].reply_ns - cases[i].probe_ns, "%s: RTT", cases[i].name);
        const struct packet unplaced = without_ident(&probe);
        exchange.now_ns = cases[i].reply_ns;
        check(give(&exchange, &unplaced, &obs) == TF_OK && !obs.has_ttl, "%s: answered before",
              cases[i].name);
        exchange_end(&exchange);
    }
}

static void test_open_for_a_second(void **state)
{
    (void)state;
    for (int64_t late_ns = 0; late_ns <= 1; late_ns++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = probe_of(3, 5, 0);
        struct tf_observation obs;

        exchange.now_ns = 0;
        give_probe(&exchange, &probe);
        const struct packet reply = without_ident(&probe);
        exchange.now_ns = TF_OPEN_NS + late_ns;
        assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
        check(obs.has_ttl == (late_ns == 0), "%d ns after it closed", (int)late_ns);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_time_stamps),
        cmocka_unit_test(test_open_for_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
