/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text tables: cells, column widths, and the two ways to lay them out. */
#include "table.h"

struct table {
    size_t rows;
    size_t columns;
    GString **cells; /* row by row; NULL: empty */
};

struct table *table_new(size_t rows, size_t columns)
{
    struct table *table = g_new0(struct table, 1);

    table->rows = rows;
    table->columns = columns;
    table->cells = g_new0(GString *, rows * columns);
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (table->cells[i] != NULL)
            g_string_free(table->cells[i], TRUE);
    g_free(table->cells);
    g_free(table);
}

GString *table_cell(struct table *table, size_t row, size_t column)
{
    GString **cell = &table->cells[row * table->columns + column];

    if (*cell == NULL)
        *cell = g_string_new(NULL);
    return *cell;
}

static const GString *cell_at(const struct table *table, enum table_layout layout, size_t line,
                              size_t column)
{
    static char nothing[] = "";
    static const GString empty = { .str = nothing };
    const GString *cell = layout == TABLE_AS_IS ? table->cells[line * table->columns + column]
                                                : table->cells[column * table->columns + line];

    return cell != NULL ? cell : &empty;
}

void table_print(GString *out, const struct table *table, enum table_layout layout)
{
    const size_t lines = layout == TABLE_AS_IS ? table->rows : table->columns;
    const size_t columns = layout == TABLE_AS_IS ? table->columns : table->rows;
    g_autofree size_t *widths = g_new0(size_t, columns);

    for (size_t line = 0; line < lines; line++)
        for (size_t column = 0; column < columns; column++)
            widths[column] = MAX(widths[column], cell_at(table, layout, line, column)->len);

    for (size_t line = 0; line < lines; line++)
        for (size_t column = 0; column < columns; column++)
            g_string_append_printf(out, "%-*s |%s", (int)widths[column],
                                   cell_at(table, layout, line, column)->str,
                                   column + 1 < columns ? " " : "\n");
}
