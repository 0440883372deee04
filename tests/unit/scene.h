/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces in a few letters, for tests of what is made of observations. */
#ifndef TRACEFLOW_TESTS_SCENE_H
#define TRACEFLOW_TESTS_SCENE_H

#include "traceflow/trace.h"

/** The run of every scene: 192.0.2.1 > 198.51.100.9, ports 33480 + path ID > 33480, run ID
 * 1badcafe. */
#define SCENE_RUN_ID 0x1badcafe

/** A probe, and a reply by responder 'a' to 'z' (10.0.0.1 to 10.0.0.26), of the scene's run. */
struct tf_observation scene_probe(uint16_t path_id, uint8_t ttl);
struct tf_observation scene_reply(uint16_t path_id, uint8_t ttl, char responder);

/**
 * A trace set from one text a path; path IDs count from 1. A text holds one word a TTL, from TTL 1:
 *   a      a router answers Time Exceeded     A      the same address answers as the destination
 *   a!3    … Destination Unreachable, code 3  a,b    two answers
 *   *      probed in vain                     -      not probed
 * Each probe is sent 1 ms after the last; a reply comes TTL milliseconds after its probe. An empty
 * text makes no path. The result is freed by tf_trace_set_free.
 */
struct tf_trace_set *scene(const char *const *texts, size_t n_texts);

/** Add one path's text to a set. */
void scene_add(struct tf_trace_set *set, uint16_t path_id, const char *text);

#endif
