/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal, as it was before the command had it. */
#ifndef TRACEFLOW_LAB_TERMINAL_H
#define TRACEFLOW_LAB_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
    int fd; /* -1: none that this process's group has */
    struct termios modes;
};

/** Remember the controlling terminal, if it is this process group's turn. */
struct terminal terminal_remember(void);

/** Stop this process, as a part of a job that stops. Returns when it is continued. */
void terminal_stop(void);

/**
 * Take the terminal from a shell that has stopped itself, and stop this process group, as the shell
 * outside expects it of a job. Returns when it is continued in the foreground.
 */
void terminal_take_and_stop(const struct terminal *terminal);

/**
 * Take the terminal back from a shell that made itself its owner, and, if the command was killed,
 * its modes as they were. Closes it.
 */
void terminal_take_back(struct terminal *terminal, bool was_killed);

#endif
