/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of destinations: words, and lines of a file, however they are cut into reads. */
#include "support.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "target_list.h"
#include "traceflow/error.h"

/* All texts of a list, each in brackets. */
static char *read_all(struct target_list *list)
{
    GString *all = g_string_new(NULL);
    char *text = NULL;

    while (!target_list_is_over(list)) {
        while ((text = target_list_next(list)) != NULL) {
            g_string_append_printf(all, "[%s]", text);
            g_free(text);
        }
        if (target_list_fd(list) >= 0)
            assert_true(target_list_read(list, NULL));
    }
    return g_string_free(all, FALSE);
}

struct list_case {
    const char *name;
    const char *content;
    const char *want;
};

static const struct list_case cases[] = {
    { "nothing", "", "" },
    { "one line", "a\n", "[a]" },
    { "a last line without its end", "a\nb", "[a][b]" },
    { "empty lines", "\n\na\n\n\nb\n\n", "[a][b]" },
    { "blanks around", "  a \t\n\tb\n", "[a][b]" },
    { "lines of a DOS file", "a\r\nb\r\n", "[a][b]" },
    { "comments", "# none\na # one\n#\nb#c\n", "[a][b]" },
    { "a comment at the end", "a\n# b", "[a]" },
    { "two words are one text", "a b\n", "[a b]" },
    { "an option is a text", "-n\n--paths\n", "[-n][--paths]" },
};

static struct target_list *open_content(const char *content, size_t len, char **name)
{
    GError *error = NULL;
    const int fd = g_file_open_tmp("targets-XXXXXX", name, &error);

    assert_true(fd >= 0);
    g_close(fd, NULL);
    assert_true(g_file_set_contents(*name, content, (gssize)len, NULL));
    struct target_list *list = target_list_open(*name, &error);
    assert_null(error);
    g_unlink(*name);
    return list;
}

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autofree char *name = NULL;
        struct target_list *list = open_content(cases[i].content, strlen(cases[i].content), &name);
        g_autofree char *got = read_all(list);

        check(strcmp(got, cases[i].want) == 0, "%s: got %s", cases[i].name, got);
        target_list_free(list);
    }
}

/* More than one read at a time brings, and more than is kept of a line. */
static void test_long(void **state)
{
    enum { LINES = 3000, LONG = 9000 };
    g_autoptr(GString) content = g_string_new(NULL);
    g_autoptr(GString) want = g_string_new(NULL);
    g_autofree char *name = NULL;

    (void)state;
    for (int i = 0; i < LINES; i++) {
        g_string_append_printf(content, "host%d.example\n", i);
        g_string_append_printf(want, "[host%d.example]", i);
    }
    for (int i = 0; i < LONG; i++)
        g_string_append_c(content, 'x');
    g_string_append(content, "\nlast\n");
    struct target_list *list = open_content(content->str, content->len, &name);
    g_autofree char *got = read_all(list);
    check(strncmp(got, want->str, want->len) == 0, "thousands of lines");
    check(g_str_has_prefix(got + want->len, "[xxx"), "the long line's start is one text");
    check(g_str_has_suffix(got, "x][last]"), "and its rest is none");
    check(strlen(got) - want->len < 1100, "of which not much is kept");
    target_list_free(list);
}

static void test_words(void **state)
{
    char *const words[] = { (char *)"a", (char *)"# b", NULL };
    struct target_list *list = target_list_from_words(words);

    (void)state;
    assert_false(target_list_is_over(list));
    assert_int_equal(target_list_fd(list), -1);
    g_autofree char *got = read_all(list);
    assert_string_equal(got, "[a][# b]");
    target_list_free(list);
    target_list_free(NULL);
}

static void test_what_cannot_be_opened(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(target_list_open("/nonexistent/list", &error));
    assert_true(g_error_matches(error, TF_ERROR, TF_EXIT_IO));
    assert_string_equal(error->message, "/nonexistent/list: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_what_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
