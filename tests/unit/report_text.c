/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of text reports share. */
#include "report_text.h"

#include <string.h>

#include "support.h"

void cut_to_table(GString *report)
{
    const char *blank = strstr(report->str, "\n\n");

    if (blank != NULL)
        g_string_truncate(report, (gsize)(blank - report->str) + 1);
}

void check_text(const char *name, const char *got, const char *want)
{
    check(strcmp(got, want) == 0, "%s, got:\n%s    want:\n%s", name, got, want);
}
