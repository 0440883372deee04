/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop, one thread. Frames are taken in batches, each batch with one reading of the clock; what
 * is due is written before the next, so that neither direction starves the other. Between them
 * ppoll sleeps until the next frame is due: the timer slack of 50 microseconds that Linux gives by
 * default would be added to every delay, so it is taken away.
 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#include "traceflow/error.h"
#include "traceflow/time.h"

enum { BATCH = 64, WRITE_BATCH = 4 * BATCH };

/* How long a command that is asked to end may take for it. */
static const int64_t grace_ns = TF_NS_PER_S;

enum {
    WATCH_TAP,
    WATCH_SIGNALS,
    WATCH_STOPS,
    WATCH_RESOLVER,
    N_WATCHED = WATCH_RESOLVER + RESOLVER_WATCHED
};

struct server {
    const struct serve_work *work;
    struct frames *frames;
    struct pollfd watched[N_WATCHED];
    int64_t kill_at_ns; /* INT64_MAX: not asked to end */
    int ending_signal;  /* that asked for it */
    bool has_ended;
    int wait_status;
    uint8_t frame[FRAME_MAX];
};

static int64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * TF_NS_PER_S + now.tv_nsec;
}

/* False if there may be more. */
static bool read_frames(struct server *server, int64_t now_ns)
{
    struct pollfd *tap = &server->watched[WATCH_TAP];

    for (size_t i = 0; i < BATCH; i++) {
        const ssize_t len = read(tap->fd, server->frame, sizeof server->frame);
        if (len < 0) {
            if (errno != EAGAIN && errno != EINTR)
                tap->fd = -1; /* the device was deleted: poll would report it for ever */
            return true;
        }
        frames_input(server->frames, now_ns, server->frame, (size_t)len);
    }
    return false;
}

/* What the device does not take (it is down, or its queue is full) is lost, as in any network. */
static void write_frames(struct server *server, int64_t now_ns)
{
    for (size_t i = 0; i < WRITE_BATCH; i++) {
        const size_t len = frames_output(server->frames, now_ns, server->frame);
        if (len == 0)
            return;
        if (write(server->work->tap, server->frame, len) < 0)
            continue;
    }
}

static void take_signal(struct server *server, int signal, int64_t now_ns)
{
    switch (signal) {
    case SIGCHLD:
        server->has_ended = waitpid(server->work->command.init, &server->wait_status, WNOHANG) > 0;
        break;
    case SIGTERM:
    case SIGHUP:
        if (server->ending_signal == 0) {
            server->ending_signal = signal;
            server->kill_at_ns = now_ns + grace_ns;
        }
        kill(server->work->command.init, signal);
        break;
    default: /* INT, QUIT, TSTP: the terminal sends them to the command as well */ break;
    }
}

static void take_signals(struct server *server, int64_t now_ns)
{
    struct signalfd_siginfo info;

    while (!server->has_ended &&
           read(server->watched[WATCH_SIGNALS].fd, &info, sizeof info) == sizeof info)
        take_signal(server, (int)info.ssi_signo, now_ns);
}

/* The shell outside sees this process, not the command. It continues the whole job, to which a
 * command that has its own does not belong. */
static void take_stop(const struct server *server)
{
    switch (command_take_stop(&server->work->command)) {
    case COMMAND_STOPPED_APART: break;
    case COMMAND_STOPPED_IN_JOB: terminal_stop(); break;
    case COMMAND_STOPPED_AS_OWNER:
        terminal_take_and_stop(&server->work->terminal);
        command_go_on(&server->work->command);
        break;
    }
}

static void kill_in_time(struct server *server, int64_t now_ns)
{
    if (now_ns < server->kill_at_ns)
        return;
    kill(server->work->command.init, SIGKILL);
    server->kill_at_ns = INT64_MAX;
}

static int64_t due_ns(const struct server *server)
{
    const int64_t watchers_due_ns = MIN(resolver_due_ns(server->work->resolver),
                                        server->kill_at_ns);

    return MIN(frames_due_ns(server->frames), watchers_due_ns);
}

/* See what is there; if there is nothing else to do, sleep until something is, or due. */
static void look(struct server *server, bool may_sleep)
{
    const int64_t until_ns = may_sleep ? due_ns(server) : 0;
    const int64_t left_ns = until_ns == INT64_MAX ? 0 : MAX(until_ns - clock_ns(), 0);
    const struct timespec timeout = { .tv_sec = left_ns / TF_NS_PER_S,
                                      .tv_nsec = left_ns % TF_NS_PER_S };

    resolver_watch(server->work->resolver, &server->watched[WATCH_RESOLVER]);
    ppoll(server->watched, N_WATCHED, until_ns == INT64_MAX ? NULL : &timeout, NULL);
}

static void serve_round(struct server *server)
{
    const int64_t now_ns = clock_ns();
    const bool drained = read_frames(server, now_ns);

    write_frames(server, now_ns);
    look(server, drained);
}

static void run(struct server *server)
{
    while (!server->has_ended) {
        serve_round(server);
        const int64_t now_ns = clock_ns();
        resolver_work(server->work->resolver, &server->watched[WATCH_RESOLVER], now_ns);
        take_signals(server, now_ns);
        if (server->watched[WATCH_STOPS].revents != 0)
            take_stop(server);
        kill_in_time(server, now_ns);
    }
}

int serve(const struct serve_work *work)
{
    struct server *server = g_new0(struct server, 1);

    prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    server->work = work;
    server->frames = frames_new(work->topology, work->seed);
    server->kill_at_ns = INT64_MAX;
    server->watched[WATCH_TAP] = (struct pollfd){ .fd = work->tap, .events = POLLIN };
    server->watched[WATCH_SIGNALS] = (struct pollfd){ .fd = work->command.signals,
                                                      .events = POLLIN };
    server->watched[WATCH_STOPS] = (struct pollfd){ .fd = work->command.stops, .events = POLLIN };
    run(server);

    const int status = server->ending_signal != 0 ? COMMAND_SIGNAL_BASE + server->ending_signal
                                                  : command_status(server->wait_status);
    frames_free(server->frames);
    g_free(server);
    return status;
}
