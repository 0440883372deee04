/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace table: runs, their paths and hops, assembled from observations. */
#ifndef TRACEFLOW_TRACE_H
#define TRACEFLOW_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "traceflow/observation.h"

/** So many replies of a hop are kept; a flood of duplicates is counted only. */
#define TF_HOP_REPLIES_MAX 64

/**
 * Probes of one path and TTL that follow each other so closely are a pair: the second was not sent
 * for want of an answer to the first.
 */
#define TF_PAIR_NS INT64_C(10000000)

/** A probe as it was captured. */
struct tf_sent {
    uint64_t frame;
    int64_t time_ns;
    uint8_t attempt;
};

/** All that is known for one TTL of one path: what was seen there, or else what is inferred. */
struct tf_hop {
    unsigned sent;          /* probes seen, repetitions of the same packet left out */
    struct tf_sent *probes; /* sent of them, in capture order */
    unsigned omitted;       /* replies beyond TF_HOP_REPLIES_MAX */
    bool contradicted;      /* one probe was answered by two, or both as hop and as destination;
                             * or a probe that is not in the capture unlike one that is */
    size_t n_replies;
    struct tf_observation *replies; /* in capture order, duplicates included */
    struct tf_addr inferred;        /* version 0: nothing, and else nothing was seen */
};

/**
 * One flow of a run. hops[ttl] for ttl below n_hops, NULL where nothing is known; hops[0] is never
 * used. All cells with one inferred responder are the same hop, which is the trace's.
 */
struct tf_path {
    uint16_t path_id;
    struct tf_flow flow;
    unsigned unplaced;     /* replies that do not say which TTL they answer */
    bool end_unplaced;     /* one of them is the destination's */
    uint8_t inferred_end;  /* the TTL at which it must end, though it was not asked there; or 0 */
    bool inferred_reached; /* if inferred_end: at the destination */
    bool unstable;         /* its answers are not those of one way */
    size_t n_hops;
    struct tf_hop **hops;
};

/** One run towards one destination. */
struct tf_trace {
    bool has_run_id; /* the original's packets, and bare quotes, carry none */
    uint32_t run_id;
    struct tf_flow flow; /* of the first path seen; the source port is that path's */
    int64_t started_ns;  /* time stamp of the first frame */
    bool settled;        /* what follows from the observations is up to date; trace.c's own */
    bool unstable;       /* packets of one flow take several ways: there are no paths */
    size_t n_paths;
    struct tf_path **paths; /* by ascending path ID */
    GHashTable *inferred;   /* struct tf_addr -> the hop that is inferred with it; or NULL */
};

/** All runs of a capture. */
struct tf_trace_set;

struct tf_trace_set *tf_trace_set_new(void);
void tf_trace_set_free(struct tf_trace_set *set);

/**
 * Add what one frame said.
 *
 * In a capture that holds probes, only what was probed is believed to exist: a reply whose run or
 * path has no probe before it makes none, it is counted (tf_trace_set_unmatched) and otherwise
 * ignored. A capture of replies alone is taken at its word.
 */
void tf_trace_set_add(struct tf_trace_set *set, const struct tf_observation *obs);

/**
 * The number of runs to be reported, and each of them (index below it), in capture order.
 *
 * Cells that were not probed are inferred first, from the observations so far: a cell below the
 * path's end whose predecessor on the path (observed or itself inferred) has been seen with exactly
 * one next hop at these TTLs, by whichever flows, and with no silence there.
 */
size_t tf_trace_set_count(const struct tf_trace_set *set);
const struct tf_trace *tf_trace_set_get(const struct tf_trace_set *set, size_t index);

/**
 * Take a run out of the set: freed, and its later replies are ignored. trace is one that
 * tf_trace_set_get returned.
 */
void tf_trace_set_remove(struct tf_trace_set *set, const struct tf_trace *trace);

/** The run of that ID, or NULL. */
const struct tf_trace *tf_trace_set_find(const struct tf_trace_set *set, uint32_t run_id);

/** Replies that were ignored. */
unsigned tf_trace_set_unmatched(const struct tf_trace_set *set);

/**
 * The TTL at which a path ends: the lowest whose reply ends it, or where it must end by inference;
 * 0 if neither is known. A reply that is contradicted ends a path only if no later TTL was
 * answered. An unstable path's is the lowest TTL from which on all that answered ends it: it is
 * that of no single packet.
 */
uint8_t tf_path_end(const struct tf_path *path);

/** Whether the destination answered this path, at its end; an unstable one, anywhere. */
bool tf_path_reached(const struct tf_path *path);

/** Whether a path reaches the destination, by its answer or by inference. */
bool tf_path_reaches(const struct tf_path *path);

/** The highest TTL to show of a path: its end, else the highest probed, answered or inferred. */
uint8_t tf_path_last_ttl(const struct tf_path *path);

/** Hops of a path: its end, else the highest TTL that is known (0 if none is). */
uint8_t tf_path_length(const struct tf_path *path);

/** The lowest and highest TTL to show of a trace; 1 and 0 for one without paths. */
struct tf_ttl_range {
    uint8_t first;
    uint8_t last;
};
struct tf_ttl_range tf_trace_ttls(const struct tf_trace *trace);

/** The hop of a TTL, or NULL if it was neither probed nor answered (though maybe inferred). */
const struct tf_hop *tf_path_hop(const struct tf_path *path, uint8_t ttl);

/**
 * Group the paths of a trace that cannot be told apart: rows that agree wherever both answered, and
 * in their end if both have one. Inferred cells take part like answers. Most complete rows come
 * first, unstable ones last, so that silence joins what it may be part of.
 *
 * Writes for each path the index of the path that represents it (its group's most complete one) to
 * representative[n_paths], and returns the number of groups.
 */
size_t tf_trace_distinct(const struct tf_trace *trace, size_t *representative);

/**
 * Which path's row of a table shows each path, where distinct paths are shown once: the groups of
 * tf_trace_distinct, but for paths that agree with several of them, being silent where those
 * differ. No row may say more of these than is known, so they are grouped among themselves.
 */
void tf_trace_rows(const struct tf_trace *trace, size_t *shown_by);

#endif
