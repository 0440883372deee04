/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's limits: pace, TTL range, and replies that fit nothing or have no TTL. */
#include "network.h"
#include "support.h"

#include <string.h>

#include "traceflow/match.h"
#include "traceflow/time.h"

static void test_interval(void **state)
{
    static const int64_t intervals_ns[] = { 1, TF_NS_PER_MS, 50 * TF_NS_PER_MS };
    const struct network network = {
        .length = 6, .silent_from = 3, .silent_to = 3, .delay_ns = TF_NS_PER_MS
    };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(intervals_ns); i++) {
        struct plan_options options = default_plan();

        options.interval_ns = intervals_ns[i];
        network_run(&network, &options, &run);
        check(run.done && run.sent > 40, "interval %zu: done", i);
        check(run.closest_ns >= intervals_ns[i], "interval %zu: %lld ns between two probes", i,
              (long long)run.closest_ns);
    }
}

/*
 * A slow pace may not keep what is asked for from being asked: the timeout passes between two
 * probes.
 */
static void test_interval_beyond_the_timeout(void **state)
{
    const struct network network = {
        .length = 3, .silent_from = 2, .silent_to = 2, .delay_ns = TF_NS_PER_MS
    };
    struct plan_options options = default_plan();
    static struct run run;

    (void)state;
    options.paths = 2;
    options.interval_ns = 5 * TF_NS_PER_S;
    network_run(&network, &options, &run);
    check(run.done && !run.moved_back, "done");
    check(run.answered[1][3] && run.answered[2][3], "the destination answered");
    check(run.closest_ns >= options.interval_ns, "pace");
}

struct range_case {
    const char *name;
    uint8_t first_ttl;
    uint8_t max_ttl;
    uint8_t length;
};

static const struct range_case range_cases[] = {
    { "from 4", 4, 64, 9 },      { "up to 4", 1, 4, 9 },
    { "one TTL only", 5, 5, 9 }, { "the highest TTL", 250, 255, 255 },
    { "all TTLs", 1, 255, 255 }, { "from behind the destination", 9, 20, 4 },
};

static void test_ttl_range(void **state)
{
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(range_cases); i++) {
        const struct range_case *c = &range_cases[i];
        const struct network network = { .length = c->length, .delay_ns = TF_NS_PER_MS / 10 };
        struct plan_options options = default_plan();

        options.first_ttl = c->first_ttl;
        options.max_ttl = c->max_ttl;
        network_run(&network, &options, &run);
        check(run.done && !run.moved_back, "%s: done", c->name);
        for (uint16_t path_id = 1; path_id <= options.paths; path_id++)
            for (unsigned ttl = 0; ttl <= NETWORK_TTL_MAX; ttl++) {
                const bool in_range = ttl >= c->first_ttl && ttl <= c->max_ttl;
                check(in_range || run.attempts[path_id][ttl] == 0, "%s: path %u, TTL %u", c->name,
                      path_id, ttl);
                check(!in_range || ttl > c->length || run.answered[path_id][ttl],
                      "%s: path %u, TTL %u: no answer", c->name, path_id, ttl);
            }
    }
}

static void test_unplaced_replies_slow_a_path_down(void **state)
{
    const struct network network = { .length = 6, .delay_ns = TF_NS_PER_MS, .ttl_unknown = true };
    struct plan_options options = default_plan();
    static struct run run;

    (void)state;
    options.paths = 4;
    network_run(&network, &options, &run);
    check(run.done && !run.moved_back, "done");
    for (uint16_t path_id = 1; path_id <= options.paths; path_id++)
        for (unsigned ttl = 1; ttl <= network.length; ttl++)
            check(run.answered[path_id][ttl], "path %u, TTL %u", path_id, ttl);
}

static struct tf_observation hop_reply(uint16_t path_id, uint8_t ttl)
{
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.kind = TF_KIND_HOP_REPLY;
    obs.path_id = path_id;
    obs.has_ttl = true;
    obs.ttl = ttl;
    return obs;
}

/* Sends all that may be sent at a time; returns how many, and how many of one path. */
static unsigned send_all(struct plan *plan, int64_t now_ns, uint16_t path_id, unsigned *of_path)
{
    struct probe_spec spec;
    int64_t until_ns = 0;
    unsigned sent = 0;

    *of_path = 0;
    while (plan_next(plan, now_ns, &spec, &until_ns) == PLAN_SEND && sent < 100000) {
        sent++;
        *of_path += spec.path_id == path_id;
    }
    return sent;
}

static void test_one_at_a_time(void **state)
{
    struct plan_options options = default_plan();
    unsigned of_path = 0;

    (void)state;
    options.paths = 1;
    struct plan *plan = plan_new(&options);
    struct tf_observation reply = hop_reply(1, 0);
    check(send_all(plan, 0, 1, &of_path) > 1, "several at once, as long as replies say their TTL");
    reply.has_ttl = false;
    plan_observe(plan, &reply);
    const struct tf_observation deep = hop_reply(1, 8); /* lets a path look further ahead */
    plan_observe(plan, &deep);
    check(send_all(plan, 0, 1, &of_path) == 0, "none, as long as others are out");
    int64_t now_ns = 0;
    for (int i = 0; i < 100; i++) {
        now_ns += 2 * TF_NS_PER_S; /* everything has timed out */
        check(send_all(plan, now_ns, 1, &of_path) <= 1, "second %d: one", 2 * i);
    }
    plan_free(plan);
}

/* One at a time means: the last is no longer open, or is answered. */
static void test_one_by_one_is_spaced_whatever_the_timeout(void **state)
{
    struct plan_options options = default_plan();
    struct tf_observation reply = hop_reply(1, 0);
    unsigned of_path = 0;
    int64_t last_ns = 0;

    (void)state;
    options.paths = 1;
    options.timeout_ns = TF_NS_PER_S / 10;
    struct plan *plan = plan_new(&options);
    reply.has_ttl = false;
    send_all(plan, 0, 1, &of_path);
    plan_observe(plan, &reply);
    for (int64_t now_ns = 0; now_ns < 20 * TF_NS_PER_S; now_ns += 10 * TF_NS_PER_MS) {
        if (send_all(plan, now_ns, 1, &of_path) == 0)
            continue;
        check(now_ns - last_ns > TF_OPEN_NS, "%d ms after the last",
              (int)((now_ns - last_ns) / TF_NS_PER_MS));
        last_ns = now_ns;
    }
    check(last_ns > 0, "it goes on");
    plan_free(plan);
}

/*
 * Replies of other runs' paths, of TTLs never sent, and probes seen in the capture change nothing.
 */
static void test_replies_that_fit_nothing(void **state)
{
    struct plan_options options = default_plan();
    unsigned of_path = 0;
    unsigned other = 0;

    (void)state;
    options.first_ttl = 3;
    struct plan *plan = plan_new(&options);
    struct plan *undisturbed = plan_new(&options);
    struct tf_observation strange[] = { hop_reply(0, 3),   hop_reply(9, 3), hop_reply(65535, 3),
                                        hop_reply(1, 0),   hop_reply(1, 2), hop_reply(1, 50),
                                        hop_reply(8, 255), hop_reply(1, 3), hop_reply(1, 20) };

    strange[7].kind = TF_KIND_PROBE;
    strange[8].kind = TF_KIND_DESTINATION_REPLY;
    for (int second = 0; second < 20; second++) {
        const int64_t now_ns = second * TF_NS_PER_S;
        check(send_all(plan, now_ns, 1, &of_path) == send_all(undisturbed, now_ns, 1, &other) &&
                  of_path == other,
              "second %d", second);
        for (size_t i = 0; i < COUNT(strange); i++)
            plan_observe(plan, &strange[i]);
    }
    plan_free(plan);
    plan_free(undisturbed);
    plan_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_interval_beyond_the_timeout),
        cmocka_unit_test(test_ttl_range),
        cmocka_unit_test(test_unplaced_replies_slow_a_path_down),
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_one_by_one_is_spaced_whatever_the_timeout),
        cmocka_unit_test(test_replies_that_fit_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
