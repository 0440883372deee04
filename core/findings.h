/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: what the packets of a trace prove about its network, each with its evidence. */
#ifndef TRACEFLOW_CORE_FINDINGS_H
#define TRACEFLOW_CORE_FINDINGS_H

#include <glib.h>

#include "diamonds.h"
#include "graph.h"
#include "stability.h"
#include "traceflow/trace.h"

/** In the order in which they are reported at one TTL. */
enum finding_kind {
    FINDING_BY_FLOW,
    FINDING_BY_PACKET,
    FINDING_PATH_CHANGED,
    FINDING_UNSETTLED,
    FINDING_DIAMOND,
    FINDING_UNEVEN,
    FINDING_NAT,
    FINDING_DESTINATION_NAT,
    FINDING_REPAIRED_NAT,
    FINDING_ECN_BLEACHED,
    FINDING_DSCP_REMARKED,
    FINDING_IDENT,
    FINDING_LENGTH,
    FINDING_DF,
    FINDING_FLOW_LABEL,
    FINDING_QUOTE,
    FINDING_SPENT_TTL,
    FINDING_HIDDEN_HOPS,
    FINDING_SAME_RESPONDER,
    FINDING_LOOP,
    FINDING_MPLS,
    FINDING_UNREACHABLE,
    FINDING_RATE_LIMITED,
    FINDING_LOSS,
    FINDING_ASKED_AGAIN,
    FINDING_CONTRADICTED,
    FINDING_DUPLICATES,
    FINDING_LATE,
    FINDING_KINDS,
};

/** The name of a kind in JSON: "nat", "rate_limited", … */
const char *finding_kind_name(enum finding_kind kind);

/** So many frames of each finding are named. */
enum { FINDING_FRAMES_MAX = 8 };

struct finding {
    enum finding_kind kind;
    uint8_t ttl;         /* 0: of no single TTL */
    struct tf_addr addr; /* version 0: of no single responder */
    char *text;          /* what was found, and the counts that prove it */
    GArray *frames;      /* guint64, ascending: where it is to be seen */
    bool more_frames;    /* there are more */
};

/** What findings are drawn from. */
struct evidence {
    const struct tf_trace *trace;
    const struct stability *stability;
    const struct graph *graph;
    const struct diamonds *diamonds;
};

/** By TTL, then kind, then address. Free with g_ptr_array_unref. */
GPtrArray *findings_new(const struct evidence *evidence);

/** For the modules that find: append one without frames yet; text is taken over. */
struct finding *finding_add(GPtrArray *findings, enum finding_kind kind, char *text);

/** Name a frame as evidence. */
void finding_add_frame(struct finding *finding, uint64_t frame);

#endif
