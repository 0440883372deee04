/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from the network are made harmless before anything prints them. */
#include "reverse.h"
#include "support.h"

static const struct {
    const char *name;
    const char *given;
    const char *clean;
} cases[] = {
    { "a name", "edge-1.isp_a.example", "edge-1.isp_a.example" },
    { "an escape sequence", "\033[31mred\033[0m.example", "??31mred??0m.example" },
    { "a new line, a tab and the bell", "a\nb\tc\a", "a?b?c?" },
    { "cell borders and spaces", "a | b", "a???b" },
    { "UTF-8", "caf\xc3\xa9.example", "caf??.example" },
    { "C1 control characters",
      "a\x9b"
      "b",
      "a?b" },
    { "nothing", "", "" },
};

static void test_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autofree char *name = g_strdup(cases[i].given);
        reverse_clean(name);
        check(g_strcmp0(name, cases[i].clean) == 0, "%s: %s", cases[i].name, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
