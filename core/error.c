/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors on their way out: one line each. */
#include "traceflow/error.h"

#include <stdio.h>

G_DEFINE_QUARK(traceflow - error, tf_error)

void tf_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    for (char *c = line; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    fprintf(stderr, "%s: %s\n", g_get_prgname(), g_strchomp(line));
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
