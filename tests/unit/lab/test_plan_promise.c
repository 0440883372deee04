/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The promise of automatic path counts: in how many random networks a next hop is missed. */
#include <math.h>

#include "coverage.h"
#include "random_network.h"
#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"
#include "truth_paths.h"

enum { NETWORKS = 120, PATHS_MAX = 255 };

/* Beyond so many missed networks, it would be a chance of less than one in a thousand if the
 * promise held. */
static unsigned most_missed(unsigned networks, double alpha)
{
    double term = pow(1 - alpha, networks);
    double sum = term;
    unsigned missed = 0;

    while (sum < 0.999) {
        term *= alpha / (1 - alpha) * (networks - missed) / (missed + 1);
        sum += term;
        missed++;
    }
    return missed;
}

struct outcome {
    unsigned complete; /* networks that did not need more paths than allowed */
    unsigned missed;
};

static void trace_one(uint64_t seed, uint8_t confidence, struct outcome *outcome)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP, .dport = TF_BASE_PORT };
    const struct plan_options options = { .paths = PATHS_MAX,
                                          .automatic = true,
                                          .confidence = confidence,
                                          .first_ttl = 1,
                                          .max_ttl = 64,
                                          .attempts = 3,
                                          .gap_limit = 8,
                                          .timeout_ns = TF_NS_PER_S };
    const struct tf_addr dst = addr("198.51.100.1");
    struct topology *topology = random_network(seed);
    struct rehearsal rehearsal = rehearse(topology, &dst, &options, seed);
    const struct tf_trace *trace = tf_trace_set_get(rehearsal.traces, 0);
    const struct coverage coverage = coverage_of(topology, &query, trace);

    check(rehearsal.done, "network %u: the plan ends", (unsigned)seed);
    check(coverage.false_answers == 0, "network %u: all that is said is so", (unsigned)seed);
    check(coverage.holes == 0, "network %u: all that is asked is answered", (unsigned)seed);
    if (trace->n_paths < PATHS_MAX) {
        outcome->complete++;
        outcome->missed += coverage.missed > 0;
    }
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

static void test_promise(void **state)
{
    static const uint8_t confidences[] = { 90, 95, 99 };

    (void)state;
    for (size_t i = 0; i < COUNT(confidences); i++) {
        struct outcome outcome = { 0 };

        for (unsigned network = 0; network < NETWORKS / COUNT(confidences); network++)
            trace_one(1000 * i + network, confidences[i], &outcome);
        const unsigned most = most_missed(outcome.complete, 1 - confidences[i] / 100.0);
        check(outcome.missed <= most, "%u %%: %u of %u missed, more than %u", confidences[i],
              outcome.missed, outcome.complete, most);
        check(outcome.complete > NETWORKS / COUNT(confidences) / 2, "%u %%: most are complete",
              confidences[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_promise) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
