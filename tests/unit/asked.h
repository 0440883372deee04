/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single probes of the scene's run at given times, for tests of what repetition and time tell. */
#ifndef TRACEFLOW_TESTS_ASKED_H
#define TRACEFLOW_TESTS_ASKED_H

#include "scene.h"

/** A probe: which, when. */
struct asked {
    uint16_t path_id;
    uint8_t ttl;
    uint8_t attempt;
    int64_t sent_ms;
};

/** The frame number of a probe; that of its reply is one more. Unique, and ascending with time. */
uint64_t asked_frame(const struct asked *asked);

/** The reply of scene_reply, to this probe, a millisecond after it. */
struct tf_observation asked_reply(const struct asked *asked, char responder);

/** Add a probe, and its reply by a responder of the scene's; '*' for none. */
void asked_add(struct tf_trace_set *set, const struct asked *asked, char responder);

/** Add attempts from 0 of one path and TTL, a letter each, the first at a time, then each step_ms.
 */
void asked_repeat(struct tf_trace_set *set, const struct asked *first, int64_t step_ms,
                  const char *responders);

#endif
