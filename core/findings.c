/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: collected from the modules that look for them, in the order of the report. */
#include "findings_parts.h"

static const char *const NAMES[TF_FINDING_KINDS] = {
    [TF_FINDING_BY_FLOW] = "by_flow",
    [TF_FINDING_BY_PACKET] = "by_packet",
    [TF_FINDING_PATH_CHANGED] = "path_changed",
    [TF_FINDING_UNSETTLED] = "unsettled",
    [TF_FINDING_DIAMOND] = "diamond",
    [TF_FINDING_UNEVEN] = "uneven",
    [TF_FINDING_NAT] = "nat",
    [TF_FINDING_DESTINATION_NAT] = "destination_nat",
    [TF_FINDING_REPAIRED_NAT] = "repaired_nat",
    [TF_FINDING_ECN_BLEACHED] = "ecn_bleached",
    [TF_FINDING_DSCP_REMARKED] = "dscp_remarked",
    [TF_FINDING_IDENT] = "ident",
    [TF_FINDING_LENGTH] = "length",
    [TF_FINDING_DF] = "df",
    [TF_FINDING_FLOW_LABEL] = "flow_label",
    [TF_FINDING_QUOTE] = "quote",
    [TF_FINDING_SPENT_TTL] = "spent_ttl",
    [TF_FINDING_HIDDEN_HOPS] = "hidden_hops",
    [TF_FINDING_SAME_RESPONDER] = "same_responder",
    [TF_FINDING_LOOP] = "loop",
    [TF_FINDING_MPLS] = "mpls",
    [TF_FINDING_UNREACHABLE] = "unreachable",
    [TF_FINDING_RATE_LIMITED] = "rate_limited",
    [TF_FINDING_LOSS] = "loss",
    [TF_FINDING_ASKED_AGAIN] = "asked_again",
    [TF_FINDING_CONTRADICTED] = "contradicted",
    [TF_FINDING_DUPLICATES] = "duplicates",
    [TF_FINDING_LATE] = "late",
};

const char *tf_finding_kind_name(enum tf_finding_kind kind)
{
    return NAMES[kind];
}

static void free_finding(gpointer data)
{
    struct tf_finding *finding = data;

    g_free(finding->text);
    g_array_unref(finding->frames);
    g_free(finding);
}

struct tf_finding *finding_add(GPtrArray *findings, enum tf_finding_kind kind, char *text)
{
    struct tf_finding *finding = g_new0(struct tf_finding, 1);

    finding->kind = kind;
    finding->text = text;
    finding->frames = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_ptr_array_add(findings, finding);
    return finding;
}

void finding_add_frame(struct tf_finding *finding, uint64_t frame)
{
    for (guint i = 0; i < finding->frames->len; i++)
        if (g_array_index(finding->frames, guint64, i) == frame)
            return;
    if (finding->frames->len < TF_FINDING_FRAMES_MAX)
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
    const struct tf_finding *x = *(const struct tf_finding *const *)a;
    const struct tf_finding *y = *(const struct tf_finding *const *)b;

    if (x->ttl != y->ttl)
        return x->ttl - y->ttl;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    const int order = tf_addr_compare(&x->addr, &y->addr);
    return order != 0 ? order : g_strcmp0(x->text, y->text);
}

GPtrArray *findings_collect(const struct evidence *evidence)
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
        g_array_sort(((struct tf_finding *)findings->pdata[i])->frames, compare_frames);
    return findings;
}
