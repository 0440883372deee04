/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors on their way out: one line each. */
#include "traceflow/error.h"

#include <stdbool.h>
#include <stdio.h>

G_DEFINE_QUARK(traceflow - error, tf_error)

/* What a terminal would obey, or turn the text around for: controls, C1's too, and formats. */
static bool is_visible(gunichar c)
{
    return !g_unichar_iscntrl(c) && g_unichar_type(c) != G_UNICODE_FORMAT;
}

static char *one_clean_line(const char *text)
{
    GString *line = g_string_new(NULL);
    const char *c = text;

    while (*c != '\0') {
        const gunichar letter = g_utf8_get_char_validated(c, -1);
        const bool is_utf8 = letter != (gunichar)-1 && letter != (gunichar)-2;
        const char *next = is_utf8 ? g_utf8_next_char(c) : c + 1;
        if (!is_utf8)
            g_string_append_c(line, '?');
        else if (is_visible(letter))
            g_string_append_len(line, c, next - c);
        else
            g_string_append_c(line, ' ');
        c = next;
    }
    return g_strchomp(g_string_free(line, FALSE));
}

void tf_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *line = one_clean_line(text);
    fprintf(stderr, "%s: %s\n", g_get_prgname(), line);
}

int tf_error_print(const GError *error)
{
    tf_note("%s", error->message);
    return error->domain == TF_ERROR ? error->code : TF_EXIT_USAGE;
}

void tf_reserve_standard_streams(void)
{
    FILE *file;

    do {
        file = fopen("/dev/null", "r");
    } while (file != NULL && fileno(file) <= fileno(stderr)); /* it stays open */
    if (file != NULL)
        fclose(file);
}
