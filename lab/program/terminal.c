/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A shell in the lab makes its own process group the terminal's. At its end it gives the terminal
 * back to the group that had it, but from within a PID namespace it cannot name that group.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

struct terminal terminal_remember(void)
{
    struct terminal terminal = { .fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) };

    if (terminal.fd >= 0 &&
        (tcgetpgrp(terminal.fd) != getpgrp() || tcgetattr(terminal.fd, &terminal.modes) != 0)) {
        close(terminal.fd);
        terminal.fd = -1;
    }
    return terminal;
}

/* Whether a live group has it: the lab was sent to the background meanwhile. The groups of the
 * lab's own namespace are dead by now. */
static bool is_taken(int fd)
{
    const pid_t owner = tcgetpgrp(fd);

    return owner > 0 && owner != getpgrp() && (kill(-owner, 0) == 0 || errno != ESRCH);
}

/* SIGTTOU is what a process in the background gets for taking the terminal. */
static void block_stop(sigset_t *before)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, before);
}

/* The kernel ignores it where no shell could continue it. The Ctrl-Z that may have led here has
 * been sent to this process, too: taken first, or it would stop it twice. */
static void stop(pid_t whom)
{
    const struct timespec at_once = { 0 };
    sigset_t stops, before;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTSTP);
    sigprocmask(SIG_BLOCK, &stops, &before);
    sigtimedwait(&stops, NULL, &at_once);
    kill(whom, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stops, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

void terminal_stop(void)
{
    stop(getpid());
}

void terminal_take_and_stop(const struct terminal *terminal)
{
    sigset_t before;

    if (terminal->fd < 0)
        return;
    block_stop(&before);
    tcsetpgrp(terminal->fd, getpgrp());
    sigprocmask(SIG_SETMASK, &before, NULL);
    stop(0);
    /* If it was continued in the background, the kernel stops it again here. */
    tcsetpgrp(terminal->fd, getpgrp());
}

void terminal_take_back(struct terminal *terminal, bool was_killed)
{
    sigset_t before;

    if (terminal->fd < 0)
        return;
    if (is_taken(terminal->fd)) {
        close(terminal->fd);
        terminal->fd = -1;
        return;
    }
    block_stop(&before);
    tcsetpgrp(terminal->fd, getpgrp());
    if (was_killed)
        tcsetattr(terminal->fd, TCSADRAIN, &terminal->modes);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(terminal->fd);
    terminal->fd = -1;
}
