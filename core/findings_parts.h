/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that look for findings: each appends its own. */
#ifndef TRACEFLOW_CORE_FINDINGS_PARTS_H
#define TRACEFLOW_CORE_FINDINGS_PARTS_H

#include "diamonds.h"
#include "findings.h"
#include "stability.h"

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
