/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors on their way out: one line each. */
#include "error.h"

#include <stdio.h>

G_DEFINE_QUARK(traceflow - error, tf_error)

int tf_error_print(const GError *error)
{
    g_autofree char *line = g_strdup(error->message);

    for (char *c = line; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    fprintf(stderr, "traceflow: %s\n", g_strchomp(line));
    return error->domain == TF_ERROR ? error->code : TF_EXIT_USAGE;
}
