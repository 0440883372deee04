/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was perhaps not seen: the bound for next hops, and Chao's estimate of paths. */
#include "scene.h"
#include "support.h"

#include <math.h>

#include "estimate.h"

struct confidence_case {
    unsigned next_hops;
    unsigned flows;
    double want;
};

/* By hand: 1 - (k + 1) (k / (k + 1))^F. The published numbers of flows for 95 % (6, 11, 16, 21, 27)
 * pass it, one flow less does not. */
static const struct confidence_case confidences[] = {
    { 0, 0, 0 },        { 0, 9, 0 },        { 1, 1, 0 }, { 1, 2, 0.5 },
    { 1, 5, 15. / 16 }, { 1, 6, 31. / 32 }, { 2, 2, 0 }, { 2, 3, 1. / 9 },
};

static void test_confidence(void **state)
{
    static const unsigned enough[] = { 6, 11, 16, 21, 27 };

    (void)state;
    for (size_t i = 0; i < COUNT(confidences); i++) {
        const struct confidence_case *c = &confidences[i];
        const double got = estimate_confidence(c->next_hops, c->flows);
        check(fabs(got - c->want) < 1e-12, "%u next hops, %u flows: %f", c->next_hops, c->flows,
              got);
    }
    for (unsigned k = 1; k <= COUNT(enough); k++) {
        check(estimate_confidence(k, enough[k - 1]) >= 0.95, "%u next hops: enough", k);
        check(estimate_confidence(k, enough[k - 1] - 1) < 0.95, "%u next hops: not enough", k);
    }
    check(estimate_confidence(1, 100000) <= 1, "not above certainty");
}

struct path_case {
    const char *name;
    const char *texts[6];
    size_t seen;
    size_t estimated;
};

static const struct path_case path_cases[] = {
    { "one, often", { "a B", "a B", "a B" }, 1, 1 },
    { "one, once", { "a B" }, 1, 1 },
    { "two, each once", { "a B", "c B" }, 2, 3 },
    { "three, each once", { "a B", "c B", "d B" }, 3, 6 },
    { "three once, one twice", { "a B", "c B", "d B", "e B", "e B" }, 4, 5 },
};

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(path_cases); i++) {
        const struct path_case *c = &path_cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        size_t representative[COUNT(c->texts)];

        tf_trace_distinct(trace, representative);
        const struct path_count count = estimate_paths(trace, representative);
        check(count.seen == c->seen && count.estimated == c->estimated, "%s: %zu seen, %zu in all",
              c->name, count.seen, count.estimated);
        tf_trace_set_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confidence),
        cmocka_unit_test(test_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
