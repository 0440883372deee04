/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A destination that answers with datagrams of its own, which do not say what they answer: lengths
 * are right all the same. */
#include <string.h>

#include "coverage.h"
#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* Branches of one and two routers; the delay of a link each way. */
#define BRANCHES(delay, more)                                                                      \
    "[router r1]\naddress = 10.0.0.1\nnext = a b\ndelay = " delay "\n"                             \
    "[router a]\naddress = 10.0.1.1\nnext = m\ndelay = " delay "\n"                                \
    "[router b]\naddress = 10.0.2.1\nnext = b2\ndelay = " delay "\n"                               \
    "[router b2]\naddress = 10.0.2.2\nnext = m\ndelay = " delay "\n"                               \
    "[router m]\naddress = 10.0.0.2\nnext = dst\ndelay = " delay "\n" more                         \
    "[host dst]\naddress = 198.51.100.1\nudp-open = 33480\n"

struct alone_case {
    const char *name;
    const char *topology;
    uint16_t paths; /* 0: as many as statistics want */
    bool has_silence;
};

static const struct alone_case cases[] = {
    { "no delay", BRANCHES("0ms", ""), 0, false },
    { "no delay, 4 paths", BRANCHES("0ms", ""), 4, false },
    { "10 ms", BRANCHES("10ms", ""), 0, false },
    { "10 ms, 16 paths", BRANCHES("10ms", ""), 16, false },
    { "a silent merge router, 4 paths", BRANCHES("1ms", "silent = yes\n"), 4, true },
    { "a silent merge router", BRANCHES("1ms", "silent = yes\n"), 0, true },
};

static void trace(const struct alone_case *c, uint64_t seed)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP, .dport = TF_BASE_PORT };
    const struct rehearsal_to to = { .addr = addr("198.51.100.1"),
                                     .protocol = TF_IP_PROTO_UDP,
                                     .is_anonymous = true };
    const struct plan_options options = { .paths = c->paths > 0 ? c->paths : 255,
                                          .automatic = c->paths == 0,
                                          .confidence = 95,
                                          .first_ttl = 1,
                                          .max_ttl = 64,
                                          .attempts = 3,
                                          .gap_limit = 8,
                                          .timeout_ns = TF_NS_PER_S / 2 };
    GError *error = NULL;
    struct topology *topology = topology_parse(c->name, c->topology, strlen(c->topology), &error);

    check(topology != NULL, "%s: %s", c->name, error != NULL ? error->message : "");
    struct rehearsal rehearsal = rehearse_to(topology, &to, &options, seed);
    const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
    const struct coverage coverage = coverage_of(topology, &query, result);
    check(rehearsal.done, "%s: the plan ends", c->name);
    check(coverage.false_answers == 0, "%s, seed %u: %u answers or lengths are wrong", c->name,
          (unsigned)seed, coverage.false_answers);
    check(c->has_silence || coverage.holes == 0, "%s, seed %u: %u cells have no answer", c->name,
          (unsigned)seed, coverage.holes);
    check(rehearsal.ended_ns <= 15 * TF_NS_PER_S, "%s, seed %u: takes %.3f s", c->name,
          (unsigned)seed, (double)rehearsal.ended_ns / 1e9);
    for (size_t i = 0; c->paths > 0 && i < result->n_paths; i++)
        check(tf_path_reached(result->paths[i]), "%s, seed %u: path %zu reaches", c->name,
              (unsigned)seed, i + 1);
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint64_t seed = 1; seed <= 10; seed++)
            trace(&cases[i], seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lengths) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
