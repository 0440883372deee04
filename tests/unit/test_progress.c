/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of the progress line. */
#include "support.h"

#include <string.h>

#include "progress.h"

struct line_case {
    const char *name;
    struct progress_state state;
    unsigned columns;
    const char *want;
};

static const struct line_case cases[] = {
    { "nothing sent yet",
      { .destination = "host.example" },
      79,
      "host.example: 0 sent, 0 answered, 0 paths" },
    { "one path",
      { .destination = "h", .sent = 9, .answered = 4, .waiting = 1, .paths = 1, .top = 4 },
      79,
      "h: 9 sent, 4 answered, 1 path, TTL 4; waits for 1 answer" },
    { "silence",
      { .destination = "h",
        .sent = 9,
        .answered = 4,
        .waiting = 2,
        .silent = 3,
        .paths = 6,
        .top = 4 },
      99,
      "h: 9 sent, 4 answered, 6 paths, TTL 4; waits for 2 answers; 3 silent, to be asked again" },
    { "several",
      { .under_way = 2, .done = 1, .sent = 5 },
      79,
      "1 done, 2 under way: 5 sent, 0 answered, 0 paths" },
    { "names",
      { .destination = "h", .sent = 5, .naming = 1 },
      79,
      "h: 5 sent, 0 answered, 0 paths; waits for names" },
    { "a narrow terminal", { .destination = "host.example" }, 10, "host.examp" },
    { "no room at all", { .destination = "host.example" }, 0, "" },
    { "what would act on a terminal",
      { .destination = "a\x1b[2J\nb\xc3\xa4\x7f" },
      79,
      "a?[2J?b??: 0 sent, 0 answered, 0 paths" },
};

static void test_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];

        progress_line(&cases[i].state, cases[i].columns, text, sizeof text);
        check(strcmp(text, cases[i].want) == 0, "%s: got %s", cases[i].name, text);
    }
}

/* Not wanted is as good as no terminal. */
static void test_nothing_is_due_without_a_terminal(void **state)
{
    struct progress *progress = progress_new(false);

    (void)state;
    assert_false(progress_due(progress, INT64_MAX));
    assert_true(progress_next_ns(progress) == INT64_MAX);
    progress_free(progress);
    progress_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_nothing_is_due_without_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
