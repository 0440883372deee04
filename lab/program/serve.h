/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab at work: frames, names and signals, while the command runs. */
#ifndef TRACEFLOW_LAB_SERVE_H
#define TRACEFLOW_LAB_SERVE_H

#include "command.h"
#include "resolver.h"
#include "terminal.h"
#include "topology.h"

struct serve_work {
    const struct topology *topology;
    uint64_t seed;
    int tap; /* of device_open */
    struct resolver *resolver;
    struct command command;
    struct terminal terminal;
};

/**
 * Serve until process 1 of the command has ended. SIGTERM and SIGHUP are passed on to it; a second
 * later all of it is killed. SIGINT and SIGQUIT are the command's affair, and what this process
 * ignores (under nohup, say) stays ignored.
 *
 * Returns the exit status: the command's, or 128 and the number of the signal.
 */
int serve(const struct serve_work *work);

#endif
