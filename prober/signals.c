/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Catching the ending signals. */
#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t interrupted;

static const int ending_signals[SIGNALS_COUNT] = { SIGINT, SIGTERM, SIGHUP };

static void on_signal(int number)
{
    interrupted = number;
}

void signals_catch(struct signals *before)
{
    const struct sigaction action = { .sa_handler = on_signal };
    sigset_t blocked;

    sigemptyset(&blocked);
    for (size_t i = 0; i < SIGNALS_COUNT; i++) {
        sigaddset(&blocked, ending_signals[i]);
        sigaction(ending_signals[i], NULL, &before->actions[i]);
        if (before->actions[i].sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, &before->mask);
}

void signals_restore(const struct signals *before)
{
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        sigaction(ending_signals[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

bool signals_came(void)
{
    return interrupted != 0;
}
