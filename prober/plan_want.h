/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which cells are wanted, for as many paths as the stop rule wants. */
#ifndef TRACEFLOW_PROBER_PLAN_WANT_H
#define TRACEFLOW_PROBER_PLAN_WANT_H

#include "plan_state.h"

struct want {
    uint16_t path;
    uint8_t ttl;
    unsigned rank; /* among those of its TTL */
    guint32 lot;   /* … the order of equal ones */
    bool is_taken;
};

struct wants {
    GArray *list;                  /* struct want */
    unsigned ranks[UINT8_MAX + 1]; /* the next ones, by TTL */
    int64_t wake_ns;               /* when silence may make more of them */
};

void wants_begin(struct wants *wants);
void wants_end(struct wants *wants);

/** All that is wanted of the flows that have begun, TTL by TTL; the view is up to date. */
void wants_decide(struct plan *plan, struct wants *wants);

/** Whether a path ends before a TTL. */
bool want_is_behind_end(const struct plan *plan, const struct way *way, unsigned ttl);

#endif
