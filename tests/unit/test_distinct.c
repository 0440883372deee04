/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which paths are distinct: silence agrees with anything, but joins no two that differ. */
#include "scene.h"
#include "support.h"

enum { PATHS_MAX = 4 };

struct distinct_case {
    const char *name;
    const char *texts[PATHS_MAX];
    size_t n_distinct;
    size_t representative[PATHS_MAX]; /* indices, not path IDs */
};

static const struct distinct_case cases[] = {
    { "one path", { "a b C" }, 1, { 0 } },
    { "two that are the same", { "a b C", "a b C" }, 1, { 0, 0 } },
    { "two that differ", { "a b C", "a d C" }, 2, { 0, 1 } },
    { "a star may be anything", { "a b C", "a * C" }, 1, { 0, 0 } },
    { "the complete one represents, wherever it stands", { "a * C", "a b C" }, 1, { 1, 1 } },
    { "stars in different places", { "a * c D", "a b * D" }, 1, { 0, 0 } },
    { "all stars", { "* * *", "a b C" }, 1, { 1, 1 } },
    { "nothing answered", { "* *", "* *" }, 1, { 0, 0 } },
    { "ends differ", { "a B", "a b B" }, 2, { 0, 1 } },
    { "ends differ behind stars", { "a * B", "a * * B" }, 2, { 0, 1 } },
    { "one end known, the other path is shorter", { "a b C", "a b" }, 1, { 0, 0 } },
    { "one end known, the other path answered behind it", { "a C", "a * d" }, 2, { 0, 1 } },
    { "a dead end and a way through", { "a b!1", "a b C" }, 2, { 0, 1 } },
    { "one answer in common is enough", { "a b,c D", "a c D" }, 1, { 0, 0 } },
    { "none in common", { "a b,c D", "a d D" }, 2, { 0, 1 } },
    /* the silent row agrees with both of the others, which differ: it joins one, and stays one
       group less */
    { "the transitivity trap", { "a b E", "a * E", "a c E" }, 2, { 0, 0, 2 } },
    { "the trap, silent row first", { "a * E", "a b E", "a c E" }, 2, { 1, 1, 2 } },
    /* each of the incomplete rows agrees with its neighbours, but the first and last do not */
    { "a chain", { "a b * E", "a * c E", "a d * E" }, 2, { 0, 0, 2 } },
    { "four, two and two", { "a b C", "a d C", "a b C", "a d C" }, 2, { 0, 1, 0, 1 } },
    { "unprobed is as good as silent", { "- b C", "a b C" }, 1, { 1, 1 } },
};

static void test_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct distinct_case *c = &cases[i];
        struct tf_trace_set *set = scene(c->texts, PATHS_MAX);
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        size_t representative[PATHS_MAX] = { 0 };
        const size_t n_distinct = tf_trace_distinct(trace, representative);

        check(n_distinct == c->n_distinct, "%s: %zu distinct", c->name, n_distinct);
        for (size_t path = 0; path < trace->n_paths; path++)
            check(representative[path] == c->representative[path], "%s: path %zu is like %zu",
                  c->name, path, representative[path]);
        tf_trace_set_free(set);
    }
}

struct rows_case {
    const char *name;
    const char *texts[PATHS_MAX];
    size_t shown_by[PATHS_MAX]; /* indices, not path IDs */
};

static const struct rows_case rows_cases[] = {
    { "a star where one path is known", { "a b C", "a * C" }, { 0, 0 } },
    { "a star where two differ is in neither", { "a b E", "a * E", "a c E" }, { 0, 1, 2 } },
    { "two of these share a row", { "a b E", "a * E", "a c E", "a * E" }, { 0, 1, 2, 1 } },
    { "the fuller of two speaks for both", { "a * E", "* * E", "b f E", "a c E" }, { 3, 1, 2, 3 } },
    { "nothing answered", { "* *", "* *" }, { 0, 0 } },
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows_cases); i++) {
        const struct rows_case *c = &rows_cases[i];
        struct tf_trace_set *set = scene(c->texts, PATHS_MAX);
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        size_t shown_by[PATHS_MAX] = { 0 };

        tf_trace_rows(trace, shown_by);
        for (size_t path = 0; path < trace->n_paths; path++)
            check(shown_by[path] == c->shown_by[path], "%s: path %zu is shown by %zu", c->name,
                  path, shown_by[path]);
        tf_trace_set_free(set);
    }
}

/* Every pair of responders at TTLs 1 and 2, twice over; then what is silent, or is of two minds, at
 * one of them. Of all groups that a row agrees with, it joins the first. */
enum { LETTERS = 20, PAIRS = LETTERS * LETTERS };

static void add_pairs(struct tf_trace_set *set, uint16_t first_path_id)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        char text[] = { (char)('a' + i / LETTERS), ' ', (char)('a' + i % LETTERS), '\0' };
        scene_add(set, (uint16_t)(first_path_id + i), text);
    }
}

static const struct many_case {
    const char *text;
    size_t representative;
} many_cases[] = {
    { "* c", 2 },
    { "d *", 3 * LETTERS },
    { "* f,e", 4 },
    { "h,g *", 6 * LETTERS },
    { "i,c d,b", 2 * LETTERS + 1 },
    { "t t", PAIRS - 1 },
    { "* *", 0 },
    { "* z", 2 * PAIRS + 9 }, /* which no pair has */
    { "z,y *", 2 * PAIRS + 9 },
    { "y,x z", 2 * PAIRS + 9 }, /* knows more, hence leads */
};

static void test_many(void **state)
{
    (void)state;
    enum { PATHS = 2 * PAIRS + COUNT(many_cases) };
    struct tf_trace_set *set = tf_trace_set_new();
    size_t representative[PATHS];

    add_pairs(set, 1);
    add_pairs(set, 1 + PAIRS);
    for (size_t i = 0; i < COUNT(many_cases); i++)
        scene_add(set, (uint16_t)(1 + 2 * PAIRS + i), many_cases[i].text);

    const size_t n_distinct = tf_trace_distinct(tf_trace_set_get(set, 0), representative);
    for (size_t i = 0; i < 2 * PAIRS; i++)
        check(representative[i] == i % PAIRS, "path %zu is like %zu", i, representative[i]);
    size_t own = 0;
    for (size_t i = 0; i < COUNT(many_cases); i++) {
        const size_t found = representative[2 * PAIRS + i];
        check(found == many_cases[i].representative, "%s: is like %zu", many_cases[i].text, found);
        own += found == 2 * PAIRS + i;
    }
    check(n_distinct == PAIRS + own, "%zu distinct", n_distinct);
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
