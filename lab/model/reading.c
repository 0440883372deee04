/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all readers of a topology file need: its values, its nodes, its errors. */
#include "reading.h"

#include <string.h>

#include "traceflow/error.h"

enum { LINE_LEN = 400 }; /* bytes of an error after the file's name */

/* A value may have megabytes: nobody reads that. */
static void cut(GString *line)
{
    if (line->len <= LINE_LEN)
        return;
    g_string_truncate(line,
                      (gsize)(g_utf8_find_prev_char(line->str, line->str + LINE_LEN) - line->str));
    g_string_append(line, "…");
}

bool refuse(const struct reading *reading, const char *key, const char *format, ...)
{
    g_autoptr(GString) line = g_string_new(NULL);
    va_list arguments;

    if (reading->group != NULL)
        g_string_append_printf(line, "[%s]%s%s: ", reading->group, key == NULL ? "" : " ",
                               key == NULL ? "" : key);
    va_start(arguments, format);
    g_string_append_vprintf(line, format, arguments);
    va_end(arguments);
    cut(line);
    g_set_error(reading->error, TF_ERROR, TF_EXIT_USAGE, "%s: %s", reading->file, line->str);
    return false;
}

void *keep(const struct reading *reading, void *memory)
{
    g_ptr_array_add(reading->topology->memory, memory);
    return memory;
}

void index_node(GHashTable *index, void *key, size_t node)
{
    /* a number in place of a pointer is how GLib keeps numbers */
    g_hash_table_insert(index, key,
                        GSIZE_TO_POINTER(node + 1)); /* NOLINT(performance-no-int-to-ptr) */
}

uint32_t find_id(const struct reading *reading, const char *id)
{
    const void *found = g_hash_table_lookup(reading->ids, id);

    return found == NULL ? NODE_NONE : GPOINTER_TO_UINT(found) - 1;
}

bool has_key(const struct reading *reading, const char *key)
{
    return g_key_file_has_key(reading->keys, reading->group, key, NULL);
}

char *get_value(const struct reading *reading, const char *key)
{
    char *value = g_key_file_get_value(reading->keys, reading->group, key, NULL);

    return value == NULL ? NULL : g_strstrip(value);
}
