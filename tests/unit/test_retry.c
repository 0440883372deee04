/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waves of repetitions: which answers mean a rate limit, and what the next wave may hold. */
#include "support.h"

#include "retry.h"
#include "traceflow/time.h"

static const int64_t wave_ns = TF_NS_PER_S;

/*
 * A wave at a time: so many sent, of distant TTLs, and so many answered; then its end is taken in.
 */
static void wave(struct retry *retry, int64_t at_ns, unsigned sent, unsigned answered)
{
    for (unsigned i = 0; i < sent; i++)
        retry_sent(retry, (uint8_t)(1 + i * 3 % 255), at_ns);
    for (unsigned i = 0; i < answered; i++)
        retry_answered(retry, at_ns, false);
    retry_advance(retry, retry_wave_end(retry));
}

struct wave_case {
    const char *name;
    unsigned sent;
    unsigned answered;
    bool limited;
    unsigned budget;
};

static const struct wave_case wave_cases[] = {
    { "all answered: lossy", 10, 10, false, 10 },
    { "half answered: lossy", 10, 5, false, 5 },
    { "40 %: limited", 10, 4, true, 4 },
    { "one of ten: limited", 10, 1, true, 1 },
    { "none: silent", 10, 0, false, 0 },
    { "one of two", 2, 1, false, 1 },
    { "one of three", 3, 1, true, 1 },
    { "the only one", 1, 1, false, 1 },
};

static void test_first_wave(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wave_cases); i++) {
        const struct wave_case *c = &wave_cases[i];
        struct retry retry = retry_begin(wave_ns);

        check(retry_allows(&retry, 1) && retry_allows(&retry, 255), "%s: all may go out at first",
              c->name);
        wave(&retry, 0, c->sent, c->answered);
        check(retry.limited == c->limited, "%s: limited", c->name);
        check(!c->limited || retry.budget == c->budget, "%s: budget %u", c->name, retry.budget);
        check(retry_allows(&retry, 100), "%s: the next wave may begin", c->name);
    }
}

static void test_a_limited_wave_is_spread_over_ttls(void **state)
{
    struct retry retry = retry_begin(wave_ns);

    (void)state;
    wave(&retry, 0, 10, 3);
    retry_sent(&retry, 10, wave_ns);
    for (unsigned ttl = 0; ttl <= 255; ttl++) {
        const bool near = ttl >= 8 && ttl <= 12;
        check(retry_allows(&retry, (uint8_t)ttl) == !near, "TTL %u beside 10", ttl);
    }
    retry_sent(&retry, 255, wave_ns);
    check(!retry_allows(&retry, 253) && retry_allows(&retry, 252), "beside 255");
    retry_sent(&retry, 1, wave_ns);
    check(!retry_allows(&retry, 100), "the budget of 3 is used up");
}

static void test_budget_follows_what_is_answered(void **state)
{
    struct retry retry = retry_begin(wave_ns);

    (void)state;
    wave(&retry, 0, 10, 3);
    for (int i = 1; i <= 6; i++) {
        wave(&retry, 2 * i * wave_ns, 3, 3);
        check(retry.limited && retry.budget == 3, "wave %d, all answered: the same again", i);
    }
    wave(&retry, 20 * wave_ns, 3, 2);
    check(retry.limited && retry.budget == 2, "two of three: two");
    wave(&retry, 22 * wave_ns, 2, 0);
    check(retry.limited && retry.budget == 1, "none: one");
    wave(&retry, 24 * wave_ns, 1, 1);
    wave(&retry, 26 * wave_ns, 1, 0);
    wave(&retry, 28 * wave_ns, 1, 0);
    check(retry.limited, "two silent waves in a row");
    wave(&retry, 30 * wave_ns, 1, 0);
    check(!retry.limited, "three: what is left is silent");
}

/* What small waves do not help is loss: then all that is due may go out again, and stays so. */
static void test_loss_is_no_rate_limit(void **state)
{
    struct retry retry = retry_begin(wave_ns);

    (void)state;
    wave(&retry, 0, 20, 8);
    for (int i = 1; i <= 5; i++)
        wave(&retry, 2 * i * wave_ns, 4, 1);
    check(!retry.limited, "three quarters of the spaced probes are lost");
    wave(&retry, 20 * wave_ns, 10, 1);
    check(!retry.limited && retry_allows(&retry, 1), "a bad wave does not bring the limit back");
}

/* Probes that are sent apart count towards neither the budget nor the TTLs of a wave. */
static void test_sent_apart(void **state)
{
    struct retry retry = retry_begin(wave_ns);

    (void)state;
    wave(&retry, 0, 10, 2);
    for (unsigned i = 0; i < 5; i++)
        retry_sent_apart(&retry, wave_ns);
    check(retry_allows(&retry, 1), "five apart, and the budget of 2 is untouched");
    retry_sent(&retry, 1, wave_ns);
    retry_sent(&retry, 10, wave_ns);
    check(!retry_allows(&retry, 20), "two others use it up");
    for (unsigned i = 0; i < 5; i++)
        retry_answered(&retry, wave_ns, true);
    retry_advance(&retry, retry_wave_end(&retry));
    check(retry.limited && retry.budget == 1, "neither of the two was answered: budget %u",
          retry.budget);
    check(retry.silent_waves == 0, "but others were");
}

static void test_wave_end(void **state)
{
    struct retry quick = retry_begin(100 * TF_NS_PER_MS);
    struct retry slow = retry_begin(5 * TF_NS_PER_S);

    (void)state;
    retry_sent(&quick, 1, 7);
    retry_sent(&quick, 2, 9);
    check(retry_wave_end(&quick) == 100 * TF_NS_PER_MS + 7, "a wave begins with its first probe");
    retry_advance(&quick, retry_wave_end(&quick) - 1);
    check(quick.sent == 2, "not over yet");
    retry_advance(&quick, retry_wave_end(&quick));
    check(quick.sent == 0, "over");
    wave(&quick, 0, 10, 1);
    retry_sent(&quick, 1, 0);
    check(retry_wave_end(&quick) > TF_NS_PER_S, "limited: no sooner than a token a second");
    wave(&slow, 0, 10, 1);
    retry_sent(&slow, 1, 0);
    check(retry_wave_end(&slow) == 5 * TF_NS_PER_S, "limited: a longer wave stays");
}

static void test_late_answers_do_not_count(void **state)
{
    struct retry retry = retry_begin(wave_ns);

    (void)state;
    retry_answered(&retry, 0, false);
    check(retry.answered == 0, "no wave has begun");
    retry_sent(&retry, 1, wave_ns);
    retry_answered(&retry, wave_ns - 1, false);
    check(retry.answered == 0, "of the wave before");
    retry_answered(&retry, wave_ns, false);
    check(retry.answered == 1, "of this wave");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_wave),
        cmocka_unit_test(test_a_limited_wave_is_spread_over_ttls),
        cmocka_unit_test(test_budget_follows_what_is_answered),
        cmocka_unit_test(test_loss_is_no_rate_limit),
        cmocka_unit_test(test_sent_apart),
        cmocka_unit_test(test_wave_end),
        cmocka_unit_test(test_late_answers_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
