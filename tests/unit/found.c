/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of a trace in a few letters. */
#include "found.h"

#include "support.h"
#include "traceflow/findings.h"

char *found_text(const struct tf_trace_set *set)
{
    GPtrArray *findings = tf_findings_new(tf_trace_set_get(set, 0));
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < findings->len; i++) {
        const struct tf_finding *finding = findings->pdata[i];
        g_string_append(text, tf_finding_kind_name(finding->kind));
        if (finding->ttl != 0)
            g_string_append_printf(text, "@%u", finding->ttl);
        if (finding->addr.version != 0)
            g_string_append_printf(text, ":%c", 'a' + finding->addr.bytes[3] - 1);
        g_string_append_c(text, ' ');
        check(finding->text[0] != '\0' && finding->frames->len <= TF_FINDING_FRAMES_MAX, "%s",
              tf_finding_kind_name(finding->kind));
    }
    g_ptr_array_unref(findings);
    return g_string_free(text, FALSE);
}
