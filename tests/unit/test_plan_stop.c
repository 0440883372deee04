/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stop rule: thresholds by hand, and the promise as a sum over all that may be missed. */
#include "plan_stop.h"

#include <math.h>
#include <string.h>

#include "support.h"

struct stop_case {
    const char *name;
    uint8_t confidence;
    unsigned balancers[STOP_WIDTHS + 1]; /* by next hops */
    unsigned flows[5];                   /* for 0 to 4 next hops */
};

/*
 * For one next hop, the chances that a balancer shows no other are added: 2^-5 = 0.031 is below
 * 0.9 * 0.05, 2^-4 is not. For more, what is left is divided: 3 (2/3)^13 = 0.0154 is below
 * 0.05 - 2^-5 = 0.0188, 3 (2/3)^12 is not; 4 (3/4)^19 = 0.0169; 5 (4/5)^26 = 0.0151.
 */
static const struct stop_case cases[] = {
    { "90 %, no balancer yet", 90, { 0 }, { 5, 5, 11, 17, 22 } },
    { "95 %, no balancer yet", 95, { 0 }, { 6, 6, 13, 19, 26 } },
    { "99 %, no balancer yet", 99, { 0 }, { 8, 8, 18, 27, 35 } },
    { "one of two: its chance counts twice", 95, { [2] = 1 }, { 7, 7, 13, 19, 26 } },
    { "three of two", 95, { [2] = 3 }, { 8, 8, 13, 19, 26 } },
    { "seven of two", 95, { [2] = 7 }, { 9, 9, 13, 19, 26 } },
    { "one of four: nearly free for one next hop", 95, { [4] = 1 }, { 6, 6, 15, 19, 26 } },
    { "one of four, one of three", 95, { [3] = 1, [4] = 1 }, { 6, 6, 17, 23, 30 } },
    { "ten of sixteen or more", 95, { [16] = 10 }, { 6, 6, 19, 27, 36 } },
};

static void test_thresholds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct stop_case *c = &cases[i];
        const struct stop_rule rule = stop_rule_for(c->confidence, c->balancers);

        for (unsigned hops = 0; hops < COUNT(c->flows); hops++)
            check(stop_flows(&rule, hops) == c->flows[hops], "%s: %u flows for %u next hops",
                  c->name, stop_flows(&rule, hops), hops);
    }
}

/* The chance that a balancer of so many is settled with fewer, the most likely ways to be so. */
static double chance_to_miss(const struct stop_rule *rule, unsigned width)
{
    double chance = pow(width, 1.0 - stop_flows(rule, 1));

    if (width > 2)
        chance += width * pow((width - 1.0) / width, stop_flows(rule, width - 1));
    return chance;
}

/* Networks of some balancers of one or two widths: one is missed when all others are found. */
static void test_the_sum_over_the_network(void **state)
{
    static const uint8_t confidences[] = { 90, 95, 99 };

    (void)state;
    for (size_t i = 0; i < COUNT(confidences); i++)
        for (unsigned width = 2; width < STOP_WIDTHS; width++)
            for (unsigned count = 1; count <= 40; count++) {
                unsigned found[STOP_WIDTHS + 1] = { 0 };

                found[width] = count - 1;
                const struct stop_rule rule = stop_rule_for(confidences[i], found);
                const double sum = count * chance_to_miss(&rule, width);
                check(sum <= 1 - confidences[i] / 100.0, "%u %%, %u of %u next hops: %f",
                      confidences[i], count, width, sum);
            }
}

struct repeats_case {
    uint8_t confidence;
    unsigned hops;
    unsigned repeats;
};

static const struct repeats_case repeats_cases[] = {
    { 90, 2, 4 }, { 95, 2, 6 }, { 95, 3, 3 },  { 95, 4, 3 },
    { 95, 5, 2 }, { 99, 2, 6 }, { 95, 16, 2 }, { 95, 20, 1 },
};

static void test_repeats(void **state)
{
    static const unsigned none[STOP_WIDTHS + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(repeats_cases); i++) {
        const struct repeats_case *c = &repeats_cases[i];
        const struct stop_rule rule = stop_rule_for(c->confidence, none);

        check(stop_repeats(&rule, c->hops) == c->repeats, "%u %%, %u next hops: %u", c->confidence,
              c->hops, stop_repeats(&rule, c->hops));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_the_sum_over_the_network),
        cmocka_unit_test(test_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
