/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet that waits at the end of its way. */
#ifndef TRACEFLOW_LAB_EVENT_H
#define TRACEFLOW_LAB_EVENT_H

#include "answer.h"

/** Freed by g_free. */
struct event {
    struct arrival arrival; /* its pointers are into bytes */
    uint8_t bytes[];
};

/** The end of a walk; never NULL. */
struct event *event_new(const struct walk *walk, enum walk_outcome outcome);

/** Bytes that the walk's packet and way take. */
size_t event_size(const struct event *event);

#endif
