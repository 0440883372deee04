/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that look for findings, what they look at, and how each appends its own. */
#ifndef TRACEFLOW_CORE_FINDINGS_PARTS_H
#define TRACEFLOW_CORE_FINDINGS_PARTS_H

#include "diamonds.h"
#include "graph.h"
#include "stability.h"
#include "traceflow/findings.h"

/** What findings are drawn from. */
struct evidence {
    const struct tf_trace *trace;
    const struct stability *stability;
    const struct graph *graph;
    const struct diamonds *diamonds;
};

/** What tf_findings_new returns, where the evidence is at hand. */
GPtrArray *findings_collect(const struct evidence *evidence);

/** For the modules that find: append one without frames yet; text is taken over. */
struct tf_finding *finding_add(GPtrArray *findings, enum tf_finding_kind kind, char *text);

/** Name a frame as evidence. */
void finding_add_frame(struct tf_finding *finding, uint64_t frame);

/** Quotes that differ from what was sent: on the way (NAT, remarking …), or by who quotes. */
void find_in_quotes(GPtrArray *findings, const struct tf_trace *trace);

/** TTLs that do not fall, hidden hops, loops, tunnels. */
void find_in_ttls(GPtrArray *findings, const struct tf_trace *trace);

/** Unreachable destinations; answers that contradict each other, come twice, or late. */
void find_in_replies(GPtrArray *findings, const struct tf_trace *trace);

/** Answers that are missing: rate limits and loss. */
void find_in_silence(GPtrArray *findings, const struct tf_trace *trace);

/** How routers balance, and paths that changed. */
void find_in_repeats(GPtrArray *findings, const struct evidence *evidence);

/** Where paths part and meet. */
void find_in_diamonds(GPtrArray *findings, const struct diamonds *diamonds);

#endif
