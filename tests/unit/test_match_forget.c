/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finished runs are forgotten, whatever they share with others. */
#include "exchange.h"

#include "traceflow/encoding.h"

static struct packet probe_of_run(const struct shape *shape, uint32_t run_id, uint16_t path_id)
{
    const struct probe_fields fields = { .protocol = shape->protocol,
                                         .src = addr(shape->ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                         .dst = addr(shape->ipv6 ? "2001:db8::9" : "198.51.100.9"),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = TF_BASE_PORT,
                                         .run_id = run_id,
                                         .path_id = path_id,
                                         .ttl = 5 };

    return build_probe(&fields);
}

/* Runs of one flow in turn: forgetting any of them leaves the others' replies theirs. */
static void test_one_of_three(void **state)
{
    enum { RUNS = 3 };

    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * RUNS; i++) {
        const struct shape *shape = &shapes[i / RUNS];
        const uint32_t forgotten = (uint32_t)(i % RUNS);
        struct exchange exchange = exchange_begin();

        for (uint32_t run = 0; run < RUNS; run++)
            for (uint16_t path_id = 1; path_id <= 2; path_id++) {
                const struct packet probe = probe_of_run(shape, 1000 + run, path_id);
                give_probe(&exchange, &probe);
            }
        tf_match_forget_run(exchange.match, 1000 + forgotten);
        for (uint32_t run = 0; run < RUNS; run++) {
            const struct packet probe = probe_of_run(shape, 1000 + run, 2);
            const struct packet reply = time_exceeded(&probe, probe.len);
            struct tf_observation obs;

            check(give(&exchange, &reply, &obs) == TF_OK, "%s, run %u: its own bytes tell",
                  shape->name, run);
            check(obs.has_probe == (run != forgotten), "%s, run %u of which %u is forgotten",
                  shape->name, run, forgotten);
            check(!obs.has_probe || obs.probe_frame == 2 * run + 2, "%s, run %u: probe",
                  shape->name, run);
        }
        exchange_end(&exchange);
    }
}

static void test_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = probe_of_run(&shapes[i], 7, 1);
        const struct packet bare = time_exceeded(&probe, ip_header_len(&probe) + 8);
        struct tf_observation obs;

        tf_match_forget_run(exchange.match, 7);
        for (int round = 0; round < 3; round++) {
            give_probe(&exchange, &probe);
            check(give(&exchange, &bare, &obs) == TF_OK && obs.has_probe && !obs.duplicate,
                  "%s: probed again", shapes[i].name);
            tf_match_forget_run(exchange.match, 7);
            check(give(&exchange, &bare, &obs) != TF_OK || !obs.has_probe, "%s: forgotten",
                  shapes[i].name);
        }
        exchange_end(&exchange);
    }
}

/* The older run's group became the newer's, because their keys are the same. */
static void test_runs_whose_keys_collide(void **state)
{
    uint32_t other = 1;

    (void)state;
    while (tf_key(other, 1, 0) != tf_key(0, 1, 0))
        other++;
    for (int newest_first = 0; newest_first <= 1; newest_first++) {
        struct exchange exchange = exchange_begin();
        const struct packet older = probe_of_run(&shapes[0], 0, 1);
        const struct packet newer = probe_of_run(&shapes[0], other, 1);
        const struct packet reply = time_exceeded(&newer, 28);
        struct tf_observation obs;

        give_probe(&exchange, &older);
        give_probe(&exchange, &newer);
        tf_match_forget_run(exchange.match, newest_first ? other : 0);
        assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
        check(obs.has_probe == !newest_first, "the newer run's alone");
        tf_match_forget_run(exchange.match, newest_first ? 0 : other);
        const struct packet whole = time_exceeded(&older, older.len);
        assert_int_equal(give(&exchange, &whole, &obs), TF_OK);
        check(!obs.has_probe, "nothing is left");
        exchange_end(&exchange);
    }
}

/* … but a quote that holds the older run's tag is not given to the newer. */
static void test_tags_tell_runs_whose_keys_collide(void **state)
{
    uint32_t other = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const bool is_tagged = shapes[i].protocol != TF_IP_PROTO_TCP;
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;
        while (tf_key(other, 1, 0) != tf_key(0, 1, 0))
            other++;
        const struct packet older = probe_of_run(&shapes[i], 0, 1);
        const struct packet newer = probe_of_run(&shapes[i], other, 1);
        const struct packet to_older = time_exceeded(&older, older.len);
        const struct packet to_newer = time_exceeded(&newer, newer.len);

        give_probe(&exchange, &older);
        give_probe(&exchange, &newer);
        assert_int_equal(give(&exchange, &to_newer, &obs), TF_OK);
        check(obs.run_id == other && obs.has_probe, "%s: the newer run's", shapes[i].name);
        assert_int_equal(give(&exchange, &to_older, &obs), TF_OK);
        check(!is_tagged || (obs.run_id == 0 && !obs.has_probe), "%s: the older run's",
              shapes[i].name);
        exchange_end(&exchange);
    }
}

/* The flow is still the older run's: what answers without a tag is given to its open probe. */
static void test_flow_of_the_older_run(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet older = probe_of_run(&shapes[0], 7, 1);
    const struct packet newer = probe_of_run(&shapes[0], 8, 1);
    const struct packet udp = build_udp(TF_BASE_PORT, TF_BASE_PORT + 1, 0, (struct bytes){ 0 });
    const struct packet answer = from_destination(&shapes[0], &udp);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &older);
    give_probe(&exchange, &newer);
    assert_int_equal(give(&exchange, &answer, &obs), TF_OK);
    check(!obs.has_ttl, "either run's");
    tf_match_forget_run(exchange.match, 8);
    assert_int_equal(give(&exchange, &answer, &obs), TF_OK);
    check(obs.has_ttl && obs.run_id == 7 && obs.probe_frame == 1, "the older run's");
    tf_match_forget_run(exchange.match, 7);
    assert_int_equal(give(&exchange, &answer, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

/* Cheap however many runs are under way: this takes no time, or all of the test's. */
static void test_thousands(void **state)
{
    enum { RUNS = 20000 };
    struct exchange exchange = exchange_begin();

    (void)state;
    for (uint32_t run = 0; run < RUNS; run++) {
        const struct packet probe = probe_of_run(&shapes[0], run, (uint16_t)(1 + run % 1000));
        give_probe(&exchange, &probe);
    }
    for (uint32_t run = 0; run < RUNS; run++)
        tf_match_forget_run(exchange.match, run);
    const struct packet probe = probe_of_run(&shapes[0], 77, 78);
    const struct packet reply = time_exceeded(&probe, probe.len);
    struct tf_observation obs;
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    assert_false(obs.has_probe);
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_of_three),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_runs_whose_keys_collide),
        cmocka_unit_test(test_tags_tell_runs_whose_keys_collide),
        cmocka_unit_test(test_flow_of_the_older_run),
        cmocka_unit_test(test_thousands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
