/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: collected from the modules that look for them, in the order of the report. */
#include "findings.h"

#include "findings_parts.h"

static const char *const NAMES[FINDING_KINDS] = {
    [FINDING_BY_FLOW] = "by_flow",
    [FINDING_BY_PACKET] = "by_packet",
    [FINDING_PATH_CHANGED] = "path_changed",
    [FINDING_UNSETTLED] = "unsettled",
    [FINDING_DIAMOND] = "diamond",
    [FINDING_UNEVEN] = "uneven",
    [FINDING_NAT] = "nat",
    [FINDING_DESTINATION_NAT] = "destination_nat",
    [FINDING_REPAIRED_NAT] = "repaired_nat",
    [FINDING_ECN_BLEACHED] = "ecn_bleached",
    [FINDING_DSCP_REMARKED] = "dscp_remarked",
    [FINDING_IDENT] = "ident",
    [FINDING_LENGTH] = "length",
    [FINDING_DF] = "df",
    [FINDING_FLOW_LABEL] = "flow_label",
    [FINDING_QUOTE] = "quote",
    [FINDING_SPENT_TTL] = "spent_ttl",
    [FINDING_HIDDEN_HOPS] = "hidden_hops",
    [FINDING_SAME_RESPONDER] = "same_responder",
    [FINDING_LOOP] = "loop",
    [FINDING_MPLS] = "mpls",
    [FINDING_UNREACHABLE] = "unreachable",
    [FINDING_RATE_LIMITED] = "rate_limited",
    [FINDING_LOSS] = "loss",
    [FINDING_ASKED_AGAIN] = "asked_again",
    [FINDING_CONTRADICTED] = "contradicted",
    [FINDING_DUPLICATES] = "duplicates",
    [FINDING_LATE] = "late",
};

const char *finding_kind_name(enum finding_kind kind)
{
    return NAMES[kind];
}

static void free_finding(gpointer data)
{
    struct finding *finding = data;

    g_free(finding->text);
    g_array_unref(finding->frames);
    g_free(finding);
}

struct finding *finding_add(GPtrArray *findings, enum finding_kind kind, char *text)
{
    struct finding *finding = g_new0(struct finding, 1);

    finding->kind = kind;
    finding->text = text;
    finding->frames = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_ptr_array_add(findings, finding);
    return finding;
}

void finding_add_frame(struct finding *finding, uint64_t frame)
{
    for (guint i = 0; i < finding->frames->len; i++)
        if (g_array_index(finding->frames, guint64, i) == frame)
            return;
    if (finding->frames->len < FINDING_FRAMES_MAX)
        g_array_append_val(finding->frames, frame);
    else
        finding->more_frames = true;
}

static gint compare_frames(gconstpointer a, gconstpointer b)
{
    const guint64 *x = a;
    const guint64 *y = b;

    return (*x > *y) - (*x < *y);
}

static gint compare_findings(gconstpointer a, gconstpointer b)
{
    const struct finding *x = *(const struct finding *const *)a;
    const struct finding *y = *(const struct finding *const *)b;

    if (x->ttl != y->ttl)
        return x->ttl - y->ttl;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    const int order = tf_addr_compare(&x->addr, &y->addr);
    return order != 0 ? order : g_strcmp0(x->text, y->text);
}

GPtrArray *findings_new(const struct evidence *evidence)
{
    const struct tf_trace *trace = evidence->trace;
    GPtrArray *findings = g_ptr_array_new_with_free_func(free_finding);

    find_in_repeats(findings, evidence);
    find_in_diamonds(findings, evidence->diamonds);
    find_in_quotes(findings, trace);
    find_in_ttls(findings, trace);
    find_in_replies(findings, trace);
    find_in_silence(findings, trace);
    g_ptr_array_sort(findings, compare_findings);
    for (guint i = 0; i < findings->len; i++)
        g_array_sort(((struct finding *)findings->pdata[i])->frames, compare_frames);
    return findings;
}
