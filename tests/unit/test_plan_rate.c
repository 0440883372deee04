/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routers that limit their rate, by name: who is asked when, and who is asked on. */
#include "plan_rate.h"

#include "support.h"
#include "traceflow/time.h"

enum { PATHS = 9 };

static const int64_t alone_ns = TF_NS_PER_S +
                                20 * TF_NS_PER_MS; /* a router is left alone so long */

static void answered(struct plan *plan, unsigned path, unsigned ttl, uint8_t router)
{
    struct responder responder = { .addr = addr("10.0.0.0") };
    struct cell *cell = &plan->ways[path].cells[ttl];

    responder.addr.bytes[2] = (uint8_t)ttl;
    responder.addr.bytes[3] = router;
    cell->state = CELL_ANSWERED;
    cell->attempts = 1;
    cell->tries = 1;
    cell->node = view_responder(&plan->view, ttl, &responder);
    plan->top = MAX(plan->top, (uint8_t)ttl);
}

/* TTL 1 is one router; at TTL 2 there are so many, which all but the last path have met. */
static struct plan *plan_of(unsigned width)
{
    const struct plan_options options = { .paths = PATHS,
                                          .automatic = true,
                                          .confidence = 95,
                                          .first_ttl = 1,
                                          .max_ttl = 8,
                                          .attempts = 3,
                                          .gap_limit = 2,
                                          .timeout_ns = TF_NS_PER_S };
    struct plan *plan = plan_new(&options);

    for (unsigned path = 0; path < PATHS; path++) {
        plan_open_way(plan);
        answered(plan, path, 1, 1);
        if (path + 1 < PATHS)
            answered(plan, path, 2, (uint8_t)(1 + path % width));
    }
    view_update(plan);
    plan->retry.limited = true;
    return plan;
}

static struct sent ask(struct plan *plan, unsigned path, unsigned ttl)
{
    struct cell *cell = &plan->ways[path].cells[ttl];
    const struct sent sent = { .path = (uint16_t)path,
                               .ttl = (uint8_t)ttl,
                               .attempt = cell->attempts++,
                               .sent_ns = plan->now_ns };

    cell->state = CELL_WAITING;
    plan_rate_sent(plan, &sent);
    return sent;
}

static void test_one_router_is_left_alone(void **state)
{
    struct plan *plan = plan_of(1);

    (void)state;
    check(plan_rate_allows(plan, PATHS - 1, 2), "nobody was asked");
    ask(plan, PATHS - 1, 2);
    check(!plan_rate_allows(plan, 0, 2), "at once");
    check(plan_rate_allows(plan, 0, 1), "another router");
    check(plan_rate_wake_ns(plan) == alone_ns, "when it is free");
    plan->now_ns = alone_ns - 1;
    check(!plan_rate_allows(plan, 0, 2), "a little too soon");
    plan->now_ns = alone_ns;
    check(plan_rate_allows(plan, 0, 2), "after a second");
    plan->now_ns = 0;
    plan->retry.limited = false;
    check(plan_rate_allows(plan, 0, 2), "always, where no rate is limited");
    plan_free(plan);
}

/* Any of four may be the one that answers: half of them may be asked together. */
static void test_behind_a_balancer(void **state)
{
    struct plan *plan = plan_of(4);
    struct cell *cell = &plan->ways[PATHS - 1].cells[2];

    (void)state;
    ask(plan, PATHS - 1, 2);
    check(plan_rate_allows(plan, PATHS - 1, 2), "three of four are free");
    ask(plan, PATHS - 1, 2);
    check(!plan_rate_allows(plan, PATHS - 1, 2), "two of four");
    plan->now_ns = alone_ns;
    check(cell->attempts == 2 && plan_rate_allows(plan, PATHS - 1, 2), "all: the last attempt");
    ask(plan, 0, 2);
    check(!plan_rate_allows(plan, PATHS - 1, 2), "three of four: not for the last attempt");
    plan_free(plan);
}

static void test_who_has_left_probes_unanswered(void **state)
{
    struct plan *plan = plan_of(1);

    (void)state;
    check(!plan_rate_concerns(plan, 0, 2), "it has answered all");
    const struct sent sent = ask(plan, PATHS - 1, 2);
    plan_rate_timed_out(plan, &sent);
    check(plan_rate_concerns(plan, 0, 2), "it has not");
    check(!plan_rate_concerns(plan, 0, 1), "the other has");
    plan_free(plan);
}

/* Who answers others is asked on, but not for ever. */
static void test_asking_on(void **state)
{
    struct plan *plan = plan_of(1);
    struct sent sent = { .path = PATHS - 1, .ttl = 2, .attempt = 2 };

    (void)state;
    check(plan_rate_asks_on(plan, &sent), "after the third of three attempts");
    sent.attempt = 5;
    check(plan_rate_asks_on(plan, &sent), "after the sixth");
    sent.attempt = 6;
    check(!plan_rate_asks_on(plan, &sent), "not after the seventh");
    sent.attempt = 2;
    sent.ttl = 3;
    check(!plan_rate_asks_on(plan, &sent), "nobody has answered there");
    sent.ttl = 2;
    plan->retry.limited = false;
    check(!plan_rate_asks_on(plan, &sent), "no rate is limited");
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_router_is_left_alone),
        cmocka_unit_test(test_behind_a_balancer),
        cmocka_unit_test(test_who_has_left_probes_unanswered),
        cmocka_unit_test(test_asking_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
