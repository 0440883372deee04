/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signals that end a live run early: it then reports what is known. */
#ifndef TRACEFLOW_PROBER_SIGNALS_H
#define TRACEFLOW_PROBER_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

enum { SIGNALS_COUNT = 3 };

/** How signals were before. */
struct signals {
    sigset_t mask; /* to wait with: in between they are blocked, so that none is missed */
    struct sigaction actions[SIGNALS_COUNT];
};

/** Catch SIGINT, SIGTERM and SIGHUP; what the invoker ignores (nohup) stays ignored. */
void signals_catch(struct signals *before);

/** From here on they end the program as ever. */
void signals_restore(const struct signals *before);

/** Whether one came. */
bool signals_came(void);

#endif
