/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: what the packets of a trace prove about its network, each with its evidence. */
#ifndef TRACEFLOW_FINDINGS_H
#define TRACEFLOW_FINDINGS_H

#include <glib.h>

#include "traceflow/trace.h"

/** In the order in which they are reported at one TTL. */
enum tf_finding_kind {
    TF_FINDING_BY_FLOW,
    TF_FINDING_BY_PACKET,
    TF_FINDING_PATH_CHANGED,
    TF_FINDING_UNSETTLED,
    TF_FINDING_DIAMOND,
    TF_FINDING_UNEVEN,
    TF_FINDING_NAT,
    TF_FINDING_DESTINATION_NAT,
    TF_FINDING_REPAIRED_NAT,
    TF_FINDING_ECN_BLEACHED,
    TF_FINDING_DSCP_REMARKED,
    TF_FINDING_IDENT,
    TF_FINDING_LENGTH,
    TF_FINDING_DF,
    TF_FINDING_FLOW_LABEL,
    TF_FINDING_QUOTE,
    TF_FINDING_SPENT_TTL,
    TF_FINDING_HIDDEN_HOPS,
    TF_FINDING_SAME_RESPONDER,
    TF_FINDING_LOOP,
    TF_FINDING_MPLS,
    TF_FINDING_UNREACHABLE,
    TF_FINDING_RATE_LIMITED,
    TF_FINDING_LOSS,
    TF_FINDING_ASKED_AGAIN,
    TF_FINDING_CONTRADICTED,
    TF_FINDING_DUPLICATES,
    TF_FINDING_LATE,
    TF_FINDING_KINDS,
};

/** The name of a kind, as in JSON: "nat", "rate_limited", … */
const char *tf_finding_kind_name(enum tf_finding_kind kind);

/** So many frames of each finding are named. */
enum { TF_FINDING_FRAMES_MAX = 8 };

struct tf_finding {
    enum tf_finding_kind kind;
    uint8_t ttl;         /* 0: of no single TTL */
    struct tf_addr addr; /* version 0: of no single responder */
    char *text;          /* what was found, and the counts that prove it */
    GArray *frames;      /* guint64, ascending: where it is to be seen */
    bool more_frames;    /* there are more */
};

/**
 * The findings of a trace, by TTL, then kind, then address; struct tf_finding. They keep nothing of
 * the trace, and are freed by g_ptr_array_unref.
 */
GPtrArray *tf_findings_new(const struct tf_trace *trace);

#endif
