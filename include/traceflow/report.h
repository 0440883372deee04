/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports: the text tables and the JSON document of the traces of a capture. */
#ifndef TRACEFLOW_REPORT_H
#define TRACEFLOW_REPORT_H

#include <glib.h>
#include <stdbool.h>

#include "traceflow/trace.h"

/** The origin of an address in the routing of the Internet. */
struct tf_asn {
    uint32_t number; /* autonomous system (RFC 6793) */
    char *prefix;    /* as announced, "192.0.2.0/24"; NULL if not known */
    char *name;      /* of its holder, safe to print; NULL if not known */
};

/** Which rows a text table has. */
enum tf_report_rows {
    TF_ROWS_BY_CAPTURE, /* distinct ones if cells are inferred, or if six paths or more are all
                           alike */
    TF_ROWS_DISTINCT,   /* one for each distinct path, its most complete, with its other flows */
    TF_ROWS_ALL,        /* one for each path */
};

struct tf_report_options {
    const char *destination_name;  /* as the user gave it; NULL if unknown or not wanted */
    GHashTable *destination_names; /* of several runs: uint32_t run ID -> text; NULL: none */
    GHashTable *names; /* of responders: struct tf_addr -> text, safe to print; NULL: none */
    GHashTable *asns;  /* of responders: struct tf_addr -> struct tf_asn; NULL: not asked for */
    bool rtt;          /* text tables: round-trip times beside the addresses */
    enum tf_report_rows rows; /* text tables */
};

/**
 * Append the table of each trace, paths as rows and TTLs as columns (as the original's `vert`).
 *
 * A row that stands for several flows says how many more: `Path ID 3 (+12)`. Flows that fit several
 * distinct paths, being silent where those differ, have rows of their own.
 * A cell names the responders, up to eight, then how many more; `*` is no answer, `~` before an
 * address says that it is inferred, `?` was neither probed nor inferred, `!!` marks contradicting
 * answers, blank is past the path's end. A responder with a name is `name (address)`, one with a
 * known origin has `[AS64500]` behind it. After that: the code of an ICMP error other than Time
 * Exceeded and the destination's Port Unreachable as traceroute writes it (!H, !N, !X …), and MPLS
 * labels, top first. Paths that are not stable share a row, `Any path`. A
 * line above names the run, a line below sums up. Behind a blank line: diamonds, how sure it is
 * that nothing was missed, the nodes; behind another: findings, if there are any. Nothing is
 * printed for no trace.
 */
void tf_report_vert(GString *out, const struct tf_trace_set *set,
                    const struct tf_report_options *options);

/** The same with TTLs as rows and paths as columns (as the original's `horiz`). */
void tf_report_horiz(GString *out, const struct tf_trace_set *set,
                     const struct tf_report_options *options);

/** The same tables of one trace alone, for runs that end one after the other. */
void tf_report_vert_trace(GString *out, const struct tf_trace *trace,
                          const struct tf_report_options *options);
void tf_report_horiz_trace(GString *out, const struct tf_trace *trace,
                           const struct tf_report_options *options);

/** The name of a trace's destination, or NULL. */
const char *tf_report_destination(const struct tf_report_options *options,
                                  const struct tf_trace *trace);

/** The name of a responder, or NULL. */
const char *tf_report_name(const struct tf_report_options *options, const struct tf_addr *addr);

/** The origin of a responder, or NULL. */
const struct tf_asn *tf_report_asn(const struct tf_report_options *options,
                                   const struct tf_addr *addr);

/** Append one JSON object with all traces (docs/trace.schema.json), indented, and a line end. */
void tf_report_json(GString *out, const struct tf_trace_set *set,
                    const struct tf_report_options *options);

/** Append one trace as one line of JSON: an element of the document's "traces", and a line end. */
void tf_report_ndjson(GString *out, const struct tf_trace *trace,
                      const struct tf_report_options *options);

/**
 * The mark of a reply as traceroute prints it: "" for Time Exceeded in transit and for what the
 * destination answers, "!N", "!H", "!P", "!F", "!S", "!X", "!V", "!C", else "!<code>" or
 * "!<type-code>". Writes to buf and returns it.
 */
#define TF_MARK_LEN 16
const char *tf_reply_mark(const struct tf_observation *obs, char buf[TF_MARK_LEN]);

#endif
