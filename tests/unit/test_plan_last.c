/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Last attempts: whom they wait for, for how long, and when no more. */
#include "plan_last.h"

#include <string.h>

#include "support.h"
#include "traceflow/time.h"

enum { TTL = 2, ELSEWHERE = 5 };

static const int64_t alone_ns = TF_NS_PER_S + 20 * TF_NS_PER_MS;

static struct plan *plan_of_two_attempts(void)
{
    const struct plan_options options = { .paths = 4,
                                          .first_ttl = 1,
                                          .max_ttl = 8,
                                          .attempts = 2,
                                          .gap_limit = 2,
                                          .timeout_ns = TF_NS_PER_S };
    struct plan *plan = plan_new(&options);

    for (unsigned path = 0; path < options.paths; path++)
        plan->ways[path].cells[TTL].attempts = 1;
    plan->ways[0].cells[ELSEWHERE].attempts = 1;
    return plan;
}

/* The router of TTL 2 answers a path's second probe. */
static void answer_late(struct plan *plan, unsigned path, int64_t sent_ns)
{
    const struct responder router = { .addr = addr("10.0.0.2") };
    struct cell *cell = &plan->ways[path].cells[TTL];
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.kind = TF_KIND_HOP_REPLY;
    obs.responder = router.addr;
    cell->attempts = 2;
    cell->sent_ns = sent_ns;
    view_responder(&plan->view, TTL, &router);
    plan_last_answered(plan, cell, &obs);
    cell->state = CELL_ANSWERED;
    plan->now_ns = sent_ns;
    plan_last_advance(plan);
}

static void test_nobody_is_waited_for_without_reason(void **state)
{
    struct plan *plan = plan_of_two_attempts();

    (void)state;
    check(plan_last_allows(plan, 0, TTL), "nobody has answered late");
    plan_free(plan);
}

static void test_who_answers_late_is_left_alone(void **state)
{
    struct plan *plan = plan_of_two_attempts();
    const struct sent sent = { .path = 1, .ttl = TTL, .attempt = 1, .sent_ns = alone_ns };

    (void)state;
    answer_late(plan, 0, 0);
    check(!plan_last_allows(plan, 1, TTL), "at once");
    check(plan_last_allows(plan, 0, ELSEWHERE), "somebody else's TTL");
    plan->now_ns = alone_ns - 1;
    check(!plan_last_allows(plan, 1, TTL), "a little too soon");
    plan->now_ns = alone_ns;
    check(plan_last_allows(plan, 1, TTL), "after a second");
    plan_last_sent(plan, &sent);
    check(!plan_last_allows(plan, 2, TTL), "another has had its turn");
    plan_free(plan);
}

static void test_when_it_is_no_matter_of_turn(void **state)
{
    struct plan *plan = plan_of_two_attempts();

    (void)state;
    answer_late(plan, 0, 0);
    plan_last_unanswered(plan, TTL);
    check(!plan_last_allows(plan, 1, TTL), "once in vain");
    plan_last_unanswered(plan, TTL);
    check(plan_last_allows(plan, 1, TTL), "twice in vain");
    plan_free(plan);

    plan = plan_of_two_attempts();
    answer_late(plan, 0, 0);
    answer_late(plan, 1, TF_NS_PER_MS);
    check(plan_last_allows(plan, 2, TTL), "two of a moment are answered");
    plan_free(plan);

    plan = plan_of_two_attempts();
    answer_late(plan, 0, 0);
    answer_late(plan, 1, alone_ns);
    check(!plan_last_allows(plan, 2, TTL), "two of different seconds are answered");
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_is_waited_for_without_reason),
        cmocka_unit_test(test_who_answers_late_is_left_alone),
        cmocka_unit_test(test_when_it_is_no_matter_of_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
