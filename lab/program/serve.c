/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One loop, one thread. Frames are taken in batches, each batch with one reading of the clock; what
 * is due is written before the next, so that neither direction starves the other. Between them
 * ppoll sleeps until the next frame is due: the timer slack of 50 microseconds that Linux gives by
 * default would be added to every delay, so it is taken away.
 */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dns.h"
#include "frames.h"

#include "traceflow/error.h"
#include "traceflow/time.h"

enum { BATCH = 64, RESOLVER_PORT = 53, ANSWER_MAX = 4096 };

/* How long a command that is asked to end may take for it. */
static const int64_t grace_ns = TF_NS_PER_S;

enum { WATCH_TAP, WATCH_RESOLVER, WATCH_SIGNALS, N_WATCHED };

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

int serve_open_resolver(GError **error)
{
    const struct sockaddr_in here = { .sin_family = AF_INET,
                                      .sin_port = htons(RESOLVER_PORT),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&here, sizeof here) == 0)
        return fd;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "127.0.0.1 port %d: %s", RESOLVER_PORT,
                g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

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
    size_t len;

    while ((len = frames_output(server->frames, now_ns, server->frame)) > 0) {
        const ssize_t written = write(server->work->tap, server->frame, len);
        (void)written;
    }
}

static void answer_queries(const struct server *server)
{
    uint8_t query[DNS_QUERY_MAX];
    uint8_t answer[ANSWER_MAX];

    for (size_t i = 0; i < BATCH; i++) {
        struct sockaddr_in asker;
        socklen_t asker_len = sizeof asker;
        const ssize_t len = recvfrom(server->work->resolver, query, sizeof query, 0,
                                     (struct sockaddr *)&asker, &asker_len);
        if (len < 0)
            return;
        const size_t answer_len = dns_answer(server->work->topology, query, (size_t)len, answer,
                                             sizeof answer);
        if (answer_len > 0)
            sendto(server->work->resolver, answer, answer_len, 0, (struct sockaddr *)&asker,
                   asker_len);
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
    default: /* SIGINT, SIGQUIT: the terminal sends them to the command as well */ break;
    }
}

static void take_signals(struct server *server, int64_t now_ns)
{
    struct signalfd_siginfo info;

    while (!server->has_ended &&
           read(server->watched[WATCH_SIGNALS].fd, &info, sizeof info) == sizeof info)
        take_signal(server, (int)info.ssi_signo, now_ns);
}

static void kill_in_time(struct server *server, int64_t now_ns)
{
    if (now_ns < server->kill_at_ns)
        return;
    kill(server->work->command.init, SIGKILL);
    server->kill_at_ns = INT64_MAX;
}

/* Sleep until something is there, or due. */
static void wait_for_work(struct server *server)
{
    const int64_t due_ns = MIN(frames_due_ns(server->frames), server->kill_at_ns);
    const int64_t left_ns = due_ns == INT64_MAX ? 0 : MAX(due_ns - clock_ns(), 0);
    const struct timespec timeout = { .tv_sec = left_ns / TF_NS_PER_S,
                                      .tv_nsec = left_ns % TF_NS_PER_S };

    ppoll(server->watched, N_WATCHED, due_ns == INT64_MAX ? NULL : &timeout, NULL);
}

static void serve_round(struct server *server)
{
    const int64_t now_ns = clock_ns();
    const bool drained = read_frames(server, now_ns);

    write_frames(server, now_ns);
    if (drained)
        wait_for_work(server);
}

static void run(struct server *server)
{
    while (!server->has_ended) {
        serve_round(server);
        answer_queries(server);
        const int64_t now_ns = clock_ns();
        take_signals(server, now_ns);
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
    server->watched[WATCH_RESOLVER] = (struct pollfd){ .fd = work->resolver, .events = POLLIN };
    server->watched[WATCH_SIGNALS] = (struct pollfd){ .fd = work->command.signals,
                                                      .events = POLLIN };
    run(server);

    const int status = server->ending_signal != 0 ? COMMAND_SIGNAL_BASE + server->ending_signal
                                                  : command_status(server->wait_status);
    frames_free(server->frames);
    g_free(server);
    return status;
}
