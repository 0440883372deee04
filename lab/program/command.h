/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command in the lab, and the process that watches over it. */
#ifndef TRACEFLOW_LAB_COMMAND_H
#define TRACEFLOW_LAB_COMMAND_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/** Statuses of a shell for a command that could not be run (POSIX, Shell Command Language, 2.8.2).
 */
enum { COMMAND_NOT_EXECUTABLE = 126, COMMAND_NOT_FOUND = 127, COMMAND_SIGNAL_BASE = 128 };

struct command {
    pid_t init;  /* process 1 of its PID namespace */
    int signals; /* a signalfd (it does not block): SIGCHLD when process 1 ends, and the signals
                    that are meant for this process: TERM, HUP, INT, QUIT, TSTP; all are blocked */
    int stops;   /* readable when the command has stopped: command_take_stop */
};

/** Who the command was when it stopped. */
enum command_stop {
    COMMAND_STOPPED_APART,   /* no terminal, or none of its: nobody outside need know */
    COMMAND_STOPPED_IN_JOB,  /* a member of this process's group, as all but shells are */
    COMMAND_STOPPED_AS_OWNER /* a shell that suspended itself, and left the terminal to nobody */
};

/**
 * Run a command (argv, NULL at the end) in mount and PID namespaces of its own.
 *
 * Process 1 there is one of this program: it makes the mounts, starts the command with the same
 * user, signal mask and dispositions as this process has now, and with what a network tool needs of
 * capabilities, passes SIGTERM and SIGHUP on to it, and exits with its status: 126, 127 or 128 + n
 * as a shell says it. Then, or when this process dies, the kernel kills all that runs there.
 *
 * False with an error: TF_EXIT_PRIVILEGE for namespaces that cannot be had, TF_EXIT_IO.
 */
bool command_start(struct command *command, char **argv, GError **error);

/** Take what `stops` tells. COMMAND_STOPPED_APART if it tells nothing. */
enum command_stop command_take_stop(const struct command *command);

/** Let the command go on that has stopped, and have the terminal again. */
void command_go_on(const struct command *command);

/** The exit status that a wait status of process 1 stands for. */
int command_status(int wait_status);

#endif
