/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of look-ups share: a trace with given responders, and look-ups at a server. */
#ifndef TRACEFLOW_TESTS_LOOKUPS_SCENE_H
#define TRACEFLOW_TESTS_LOOKUPS_SCENE_H

#include "lookups.h"

/** One for answers, which come at once; one for silence, which takes its whole time. */
enum { LONG_MS = 30000, SHORT_MS = 200 };

/** The zone that is asked. */
#define ZONE "asn.example"

/** A trace whose only path has one responder on each TTL. Begins as zero; is not copied. */
struct responders {
    struct tf_trace trace;
    struct tf_path path;
    struct tf_path *paths[1];
    struct tf_hop hops[16];
    struct tf_hop *cells[16];
    struct tf_observation replies[16];
};

/** Add a responder behind the last one: up to 15. */
void add_responder(struct responders *responders, const struct tf_addr *addr);

/** Look-ups of origins alone, at a server (NULL: the system's); the test fails without. */
struct lookups *open_lookups(const char *server, unsigned timeout_ms);

/** Wait until all is known that is wanted of the responders, or their time is over. */
void wait_until_ready(struct lookups *lookups, const struct responders *responders);

#endif
