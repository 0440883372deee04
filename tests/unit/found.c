/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of a trace in a few letters. */
#include "found.h"

#include "digest.h"
#include "support.h"

char *found_text(const struct tf_trace_set *set)
{
    struct digest *digest = digest_new(tf_trace_set_get(set, 0));
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < digest->findings->len; i++) {
        const struct finding *finding = digest->findings->pdata[i];
        g_string_append(text, finding_kind_name(finding->kind));
        if (finding->ttl != 0)
            g_string_append_printf(text, "@%u", finding->ttl);
        if (finding->addr.version != 0)
            g_string_append_printf(text, ":%c", 'a' + finding->addr.bytes[3] - 1);
        g_string_append_c(text, ' ');
        check(finding->text[0] != '\0' && finding->frames->len <= FINDING_FRAMES_MAX, "%s",
              finding_kind_name(finding->kind));
    }
    digest_free(digest);
    return g_string_free(text, FALSE);
}
