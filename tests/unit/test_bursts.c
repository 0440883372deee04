/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Losses of chance and losses of limiters: known values, and how often chance passes for more. */
#include "support.h"

#include <math.h>

#include "answers.h"
#include "bursts.h"
#include "traceflow/time.h"

/* A letter a probe: A answered, L lost; a digit waits so many tenths of a second first. */
static GArray *outcomes_of(const char *text)
{
    GArray *outcomes = g_array_new(FALSE, FALSE, sizeof(struct outcome));
    struct outcome outcome = { 0 };

    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9') {
            outcome.sent_ns += (*text - '0') * TF_NS_PER_S / 10;
            continue;
        }
        outcome.sent_ns += TF_NS_PER_MS;
        outcome.frame++;
        outcome.answered = *text == 'A';
        g_array_append_val(outcomes, outcome);
    }
    return outcomes;
}

struct bursts_case {
    const char *name;
    const char *text;
    double runs;
    double gaps;
};

/*
 * Runs, by hand: m answers and n losses make 2mn/(m+n) + 1 runs, with a variance of
 * 2mn(2mn-m-n)/((m+n)^2(m+n-1)). Gaps: the answers' ranks among all, behind the first loss that
 * follows an answer; the mean is mn/2, the variance mn(m+n+1)/12.
 */
static const struct bursts_case cases[] = {
    { "nothing", "", 0, 0 },
    { "all answered", "AAAAAAAA", 0, 0 },
    { "one lost", "AAAALAAA", 0, 0 },
    { "first answers, then losses", "AAAALLLL", 3 / 1.3093073414, 0 },
    { "to and fro", "ALALALAL", -3 / 1.3093073414, 6 / 2.8284271247 },
    { "answers come a second later", "ALL9AL9AL", -1.5714285714 / 1.1780301787, 4 / 2.1602468995 },
};

static void test_known_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autoptr(GArray) outcomes = outcomes_of(cases[i].text);
        const struct bursts bursts = bursts_of(outcomes);
        check(fabs(bursts.runs - cases[i].runs) < 1e-6, "%s: runs %f", cases[i].name, bursts.runs);
        check(fabs(bursts.gaps - cases[i].gaps) < 1e-6, "%s: gaps %f", cases[i].name, bursts.gaps);
    }
}

static void test_chance_seldom_passes(void **state)
{
    uint32_t random = 99;
    unsigned passed = 0;

    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        const unsigned len = 5 + next_random(&random) % 60;
        const unsigned percent = 10 + next_random(&random) % 80;
        g_autoptr(GString) text = g_string_new(NULL);

        for (unsigned i = 0; i < len; i++)
            g_string_append(text, next_random(&random) % 100 < percent ? "L" : "A");
        g_autoptr(GArray) outcomes = outcomes_of(text->str);
        const struct bursts bursts = bursts_of(outcomes);
        passed += bursts.runs > 3.3 || bursts.gaps > 3.3;
    }
    check(passed <= 15, "%u of 5000", passed);
}

/* By hand: choose(first, k) choose(second, lost - k) / choose(both, lost), summed. */
static void test_uneven(void **state)
{
    static const struct {
        const char *name;
        struct losses first;
        struct losses second;
        double chance;
    } pairs[] = {
        { "nothing", { 0, 0 }, { 0, 0 }, 1 },
        { "nothing to compare with", { 10, 5 }, { 0, 0 }, 1 },
        { "none or more", { 10, 0 }, { 10, 4 }, 1 },
        { "all on one side", { 2, 2 }, { 2, 0 }, 1 / 6.0 },
        { "half of twenty, and none of ten", { 20, 10 }, { 10, 0 }, 184756 / 30045015.0 },
        { "one more or two", { 3, 1 }, { 2, 1 }, 9 / 10.0 },
        { "all were lost", { 3, 3 }, { 2, 2 }, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const double chance = bursts_uneven(pairs[i].first, pairs[i].second);
        check(fabs(chance - pairs[i].chance) < 1e-9, "%s: %g", pairs[i].name, chance);
    }
}

static void test_limits(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        bool defies;
    } limits[] = {
        { "nothing", "", false },
        { "no losses", "AAAAAAAA", false },
        { "no answers", "LLLLLLLL", false },
        { "a burst, then none", "AAAAAALLLL", false },
        { "one a second", "AAAALLL9AL9AL9ALL9A", false },
        { "a pause, and again a burst", "AAALL9999AAA", false },
        { "two answers just after a loss", "AALAA", false },
        { "lost a second after an answer, then two of two", "A9LAA", true },
        { "several lost in a row, then none", "AALLLLLAAAAAAAAAA", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        g_autoptr(GArray) outcomes = outcomes_of(limits[i].text);
        check(bursts_defy_limits(outcomes) == limits[i].defies, "%s", limits[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_chance_seldom_passes),
        cmocka_unit_test(test_uneven),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
