/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of text cells, printed with columns as wide as their content. */
#ifndef TRACEFLOW_CORE_TABLE_H
#define TRACEFLOW_CORE_TABLE_H

#include <glib.h>
#include <stddef.h>

struct table;

/** A table of empty cells. */
struct table *table_new(size_t rows, size_t columns);
void table_free(struct table *table);

/** The cell's text, to be appended to. */
GString *table_cell(struct table *table, size_t row, size_t column);

/** Append the table to out; transposed: columns as lines. Each cell ends with " |". */
enum table_layout { TABLE_AS_IS, TABLE_TRANSPOSED };
void table_print(GString *out, const struct table *table, enum table_layout layout);

#endif
