/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a path's hops say of it, for the modules of core. */
#ifndef TRACEFLOW_CORE_PATH_H
#define TRACEFLOW_CORE_PATH_H

#include "traceflow/trace.h"

/** What is known of a TTL: an empty hop where that is nothing. */
const struct tf_hop *path_cell(const struct tf_path *path, size_t ttl);

/** The hop of a TTL for what is seen there, made if need be. */
struct tf_hop *path_reach_hop(struct tf_path *path, uint8_t ttl);

/** Let a hop that is the trace's stand at a TTL where nothing was seen. */
void path_infer_hop(struct tf_path *path, uint8_t ttl, struct tf_hop *hop);

/** Forget what is inferred at a TTL. */
void path_forget_inferred(struct tf_path *path, uint8_t ttl);

/** The one responder of a hop; NULL if it has none or several, or the hop is contradicted. */
const struct tf_addr *hop_only_responder(const struct tf_hop *hop);

/** The one responder of a TTL, as observed. */
const struct tf_addr *path_seen_at(const struct tf_path *path, uint8_t ttl);

/** The one responder of a TTL, as observed or as inferred. */
const struct tf_addr *path_known_at(const struct tf_path *path, uint8_t ttl);

/** The inferred responder of a TTL, or NULL. */
const struct tf_addr *path_inferred_at(const struct tf_path *path, uint8_t ttl);

/**
 * The highest TTL at which a path is worth looking at: where it ends for good, a router having
 * answered no TTL behind; else the highest that was probed or answered. Of a path whose packets
 * keep to one way, that is its end.
 */
uint8_t path_extent(const struct tf_path *path);

/** Whether any probe of a path is in the capture: else it is known from replies alone. */
bool path_was_probed(const struct tf_path *path);

/**
 * Whether two replies of one hop contradict each other: one probe, two answers that differ. So does
 * an answer to a probe that is not in the capture with one to a probe that is: the first has
 * nothing but its key to show, and a guess may hit it.
 */
bool replies_contradict(const struct tf_observation *a, const struct tf_observation *b);

/** When the probe of a reply was captured; only if has_probe. */
int64_t reply_sent_ns(const struct tf_observation *reply);

#endif
