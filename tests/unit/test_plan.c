/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan against simulated networks: it ends, in time, with all answers, and wastes little. */
#include "network.h"
#include "support.h"

#include "traceflow/time.h"

enum { SCOUT_AHEAD = 8 }; /* plan.c: so far one path looks ahead of what has answered */

struct plan_case {
    const char *name;
    struct network network;
    uint16_t paths;     /* 0: the default, 8 */
    uint8_t attempts;   /* 0: the default, 3 */
    int64_t at_most_ns; /* simulated time until PLAN_DONE */
    bool all_answered;  /* every cell that can answer has answered */
};

static const struct plan_case cases[] = {
    { .name = "one path",
      .network = { .length = 6, .delay_ns = 1000000 },
      .paths = 1,
      .at_most_ns = 30000000,
      .all_answered = true },
    { .name = "eight paths",
      .network = { .length = 12, .delay_ns = 1000000 },
      .at_most_ns = 200000000,
      .all_answered = true },
    { .name = "255 paths",
      .network = { .length = 12, .delay_ns = 1000000 },
      .paths = 255,
      .at_most_ns = 1000000000,
      .all_answered = true },
    { .name = "uneven paths",
      .network = { .length = 5, .more_on_odd = 3, .delay_ns = 1000000 },
      .at_most_ns = 300000000,
      .all_answered = true },
    { .name = "the destination is next door",
      .network = { .length = 1, .delay_ns = 100000 },
      .at_most_ns = 20000000,
      .all_answered = true },
    { .name = "no delay at all",
      .network = { .length = 6 },
      .at_most_ns = 200000000,
      .all_answered = true },
    { .name = "answers that take 60 ms a TTL",
      .network = { .length = 12, .delay_ns = 60000000 },
      .at_most_ns = 3000000000,
      .all_answered = true },
    { .name = "one silent router",
      .network = { .length = 10, .silent_from = 4, .silent_to = 4, .delay_ns = 1000000 },
      .at_most_ns = 3200000000,
      .all_answered = true },
    { .name = "seven silent routers, one short of the gap limit",
      .network = { .length = 12, .silent_from = 3, .silent_to = 9, .delay_ns = 1000000 },
      .at_most_ns = 3200000000,
      .all_answered = true },
    { .name = "a silent destination",
      .network = { .length = 6, .silent_end = true, .delay_ns = 1000000 },
      .at_most_ns = 3200000000,
      .all_answered = true },
    { .name = "a silent destination, one attempt",
      .network = { .length = 6, .silent_end = true, .delay_ns = 1000000 },
      .attempts = 1,
      .at_most_ns = 1200000000,
      .all_answered = true },
    { .name = "a silent destination, ten attempts",
      .network = { .length = 6, .silent_end = true, .delay_ns = 1000000 },
      .attempts = 10,
      .at_most_ns = 10200000000,
      .all_answered = true },
    { .name = "one path is a dead end",
      .network = { .length = 8, .dead_end = 3, .delay_ns = 1000000 },
      .at_most_ns = 300000000,
      .all_answered = true },
    { .name = "the scout's path is a dead end",
      .network = { .length = 8, .dead_end = 1, .delay_ns = 1000000 },
      .at_most_ns = 300000000,
      .all_answered = true },
    { .name = "routers limit their rate, 8 paths",
      .network = { .length = 10, .bucket = 6, .token_ns = 1000000000, .delay_ns = 1000000 },
      .at_most_ns = 15000000000,
      .all_answered = true },
    { .name = "routers limit their rate, 16 paths",
      .network = { .length = 10, .bucket = 6, .token_ns = 1000000000, .delay_ns = 1000000 },
      .paths = 16,
      .at_most_ns = 45000000000,
      .all_answered = true },
    { .name = "nothing answers",
      .network = { .all_silent = true },
      .at_most_ns = 4000000000,
      .all_answered = true },
};

static struct plan_options options_of(const struct plan_case *c)
{
    struct plan_options options = default_plan();

    if (c->paths != 0)
        options.paths = c->paths;
    if (c->attempts != 0)
        options.attempts = c->attempts;
    return options;
}

static bool can_answer(const struct network *network, uint16_t path_id, unsigned ttl)
{
    const uint8_t end = network_end(network, path_id);

    if (network->all_silent || ttl > end || (ttl == end && network->silent_end))
        return false;
    return ttl < network->silent_from || ttl > network->silent_to;
}

static void check_cells(const struct plan_case *c, const struct plan_options *options,
                        const struct run *run)
{
    for (uint16_t path_id = 1; path_id <= options->paths; path_id++)
        for (unsigned ttl = 0; ttl <= NETWORK_TTL_MAX; ttl++) {
            const unsigned attempts = run->attempts[path_id][ttl];

            check(attempts <= options->attempts, "%s: path %u, TTL %u: %u attempts", c->name,
                  path_id, ttl, attempts);
            check(attempts == 0 || (ttl >= options->first_ttl && ttl <= options->max_ttl),
                  "%s: path %u, TTL %u is out of range", c->name, path_id, ttl);
            if (c->all_answered && ttl > 0 && can_answer(&c->network, path_id, ttl))
                check(run->answered[path_id][ttl], "%s: path %u, TTL %u has no answer", c->name,
                      path_id, ttl);
        }
}

static void test_networks(void **state)
{
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct plan_case *c = &cases[i];
        const struct plan_options options = options_of(c);

        network_run(&c->network, &options, &run);
        check(run.done, "%s: not done after %u steps, %.3f s", c->name, run.steps,
              (double)run.ended_ns / 1e9);
        check(!run.moved_back, "%s: waits for a time that has passed", c->name);
        check(run.steps <= 20 * (run.sent + 100), "%s: %u steps for %u probes", c->name, run.steps,
              run.sent);
        check_cells(c, &options, &run);
        check(run.ended_ns <= c->at_most_ns, "%s: takes %.3f s", c->name,
              (double)run.ended_ns / 1e9);
    }
}

/* One destination answers at several TTLs: whose turn it is, is not left to chance. */
static void test_limited_rates_make_no_path_longer(void **state)
{
    static const uint16_t n_paths[] = { 8, 9, 12, 16 };
    static struct run run;
    struct network network = { .bucket = 6, .token_ns = TF_NS_PER_S, .delay_ns = 100000 };
    struct plan_options options = default_plan();

    (void)state;
    for (network.length = 4; network.length <= 8; network.length++)
        for (network.more_on_odd = 0; network.more_on_odd <= 4; network.more_on_odd++)
            for (size_t i = 0; i < COUNT(n_paths); i++) {
                options.paths = n_paths[i];
                network_run(&network, &options, &run);
                check(run.done && !run.moved_back, "length %u + %u: done", network.length,
                      network.more_on_odd);
                for (uint16_t path_id = 1; path_id <= options.paths; path_id++)
                    check(run.answered[path_id][network_end(&network, path_id)],
                          "length %u + %u: path %u of %u", network.length, network.more_on_odd,
                          path_id, options.paths);
            }
}

/* Where all paths are equally long and answer, only the scout looks behind the end. */
static void test_no_waste_behind_the_end(void **state)
{
    const struct network network = { .length = 10, .delay_ns = 1000000 };
    struct plan_options options = default_plan();
    static struct run run;

    (void)state;
    options.gap_limit = 3 * SCOUT_AHEAD; /* so that it is not the gap that stops the scout */
    network_run(&network, &options, &run);
    for (uint16_t path_id = 1; path_id <= options.paths; path_id++) {
        const unsigned end = network_end(&network, path_id) + (path_id == 1 ? SCOUT_AHEAD - 1 : 0);
        for (unsigned ttl = end + 1; ttl <= NETWORK_TTL_MAX; ttl++)
            check(run.attempts[path_id][ttl] == 0, "path %u, TTL %u", path_id, ttl);
    }
    check(run.sent <= options.paths * 10U + SCOUT_AHEAD, "%u probes for 80 cells", run.sent);
}

static void test_nothing_behind_the_gap(void **state)
{
    const struct network network = {
        .length = 20, .silent_from = 5, .silent_to = 20, .delay_ns = 1000000
    };
    struct plan_options options = default_plan();
    static struct run run;

    (void)state;
    for (uint8_t gap_limit = 1; gap_limit <= 12; gap_limit++) {
        options.gap_limit = gap_limit;
        network_run(&network, &options, &run);
        check(run.done, "gap limit %u: done", gap_limit);
        for (uint16_t path_id = 1; path_id <= options.paths; path_id++) {
            check(run.attempts[path_id][4 + gap_limit] == options.attempts,
                  "gap limit %u, path %u: last TTL", gap_limit, path_id);
            check(run.attempts[path_id][4 + gap_limit + 1] == 0, "gap limit %u, path %u: behind",
                  gap_limit, path_id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_limited_rates_make_no_path_longer),
        cmocka_unit_test(test_no_waste_behind_the_end),
        cmocka_unit_test(test_nothing_behind_the_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
