/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text tables: columns as wide as their content, in both layouts. */
#include "support.h"

#include "table.h"

struct table_case {
    const char *name;
    size_t rows, columns;
    const char *cells[6]; /* row by row */
    const char *as_is;
    const char *transposed;
};

static const struct table_case cases[] = {
    { "one cell", 1, 1, { "x" }, "x |\n", "x |\n" },
    { "one empty cell", 1, 1, { "" }, " |\n", " |\n" },
    { "no cells", 0, 0, { NULL }, "", "" },
    { "rows of different widths",
      2,
      3,
      { "a", "bb", "", "cccc", "d", "e" },
      "a    | bb |   |\n"
      "cccc | d  | e |\n",
      "a  | cccc |\n"
      "bb | d    |\n"
      "   | e    |\n" },
};

static char *print(const struct table_case *c, enum table_layout layout)
{
    struct table *table = table_new(c->rows, c->columns);
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < c->rows * c->columns; i++)
        g_string_append(table_cell(table, i / c->columns, i % c->columns), c->cells[i]);
    table_print(out, table, layout);
    table_free(table);
    return g_string_free(out, FALSE);
}

static void test_layouts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autofree char *as_is = print(&cases[i], TABLE_AS_IS);
        g_autofree char *transposed = print(&cases[i], TABLE_TRANSPOSED);

        check(g_strcmp0(as_is, cases[i].as_is) == 0, "%s:\n%s", cases[i].name, as_is);
        check(g_strcmp0(transposed, cases[i].transposed) == 0, "%s, transposed:\n%s", cases[i].name,
              transposed);
    }
}

static void test_printing_appends(void **state)
{
    struct table *table = table_new(1, 1);
    g_autoptr(GString) out = g_string_new("before\n");

    (void)state;
    table_print(out, table, TABLE_AS_IS);
    assert_string_equal(out->str, "before\n |\n");
    table_free(table);
    table_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_printing_appends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
