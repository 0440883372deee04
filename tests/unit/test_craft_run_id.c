/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run IDs: those that suit tell all attempts of a path apart, and where none can, drawing ends. */
#include "support.h"

#include "craft.h"
#include "traceflow/encoding.h"

struct draw_case {
    const char *name;
    uint16_t paths;
    uint8_t attempts;
    uint16_t distinct; /* so many paths, from 1 on, must have keys that differ */
};

/* Of 32 attempts two agree by chance once in 130 paths; of 3, once in 21,800. */
static const struct draw_case cases[] = {
    { "one path", 1, 1, 1 },
    { "as many attempts as the tag can count", 1, 255, 1 },
    { "the default", 255, 3, 255 },
    { "with repetitions", 255, TF_ATTEMPTS_MAX, 100 },
    { "as many paths as ports", 65535, 3, 1000 },
    { "more than any run ID can tell apart", 65535, TF_ATTEMPTS_MAX, 100 },
};

/* Slow and plain: every pair. */
static bool path_suits(uint32_t run_id, uint16_t path_id, uint8_t attempts)
{
    for (unsigned a = 0; a < attempts; a++)
        for (unsigned b = a + 1; b < attempts; b++)
            if (tf_key(run_id, path_id, (uint8_t)a) == tf_key(run_id, path_id, (uint8_t)b))
                return false;
    return true;
}

static unsigned paths_suiting(uint32_t run_id, const struct draw_case *c)
{
    unsigned suit = 0;

    while (suit < c->paths && path_suits(run_id, (uint16_t)(suit + 1), c->attempts))
        suit++;
    return suit;
}

static void test_drawing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const uint32_t run_id = craft_draw_run_id(cases[i].paths, cases[i].attempts);
        const unsigned suit = paths_suiting(run_id, &cases[i]);

        check(suit >= cases[i].distinct, "%s: %u paths suit, run ID %08x", cases[i].name, suit,
              run_id);
    }
}

/* The verdict is the slow one's, both ways. */
static void test_verdict(void **state)
{
    static const struct draw_case c = { "a few paths", 40, TF_ATTEMPTS_MAX, 0 };
    uint32_t random = 4;
    unsigned suiting = 0;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        const uint32_t run_id = next_random(&random);
        const bool suits = paths_suiting(run_id, &c) == c.paths;
        check(craft_run_id_suits(run_id, c.paths, c.attempts) == suits, "run ID %08x", run_id);
        suiting += suits;
    }
    check(suiting > 0 && suiting < 2000, "both verdicts were seen: %u suit", suiting);
}

static void test_runs_differ(void **state)
{
    const uint32_t first = craft_draw_run_id(8, 3);
    unsigned same = 0;

    (void)state;
    for (int i = 0; i < 8; i++)
        same += craft_draw_run_id(8, 3) == first;
    check(same < 8, "run IDs are drawn, not chosen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_runs_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
