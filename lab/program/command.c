/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three processes: the lab outside, process 1 of the PID namespace, and the command. They share
 * session, terminal and process group, so that the shell outside sees one job. Ctrl-C reaches all
 * three and ends the command alone. Ctrl-Z reaches all three, too, and stops the command alone; the
 * lab follows when it has: a shell that saw the lab stop sooner would read keys side by side with a
 * command that has yet to notice, or to set the terminal right.
 */
#include "command.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mounts.h"
#include "sandbox.h"

#include "traceflow/error.h"

/* What process 1 is given. */
struct errand {
    char **argv;
    int lab[2]; /* sockets: process 1 has the first, and the lab the other until it ends */
    sigset_t mask;
};

/* Of a world that holds nothing but the lab's device: raw sockets, configuration, low ports. */
static const unsigned network_capabilities[] = { CAP_NET_RAW, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE };

/* To process 1, from the lab; one that no shell sends to a whole group. */
static const int go_on_signal = SIGUSR1;

static bool is_ignored(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* What is ignored (by nohup, say) stays so: blocked, it would be read all the same. */
static void fill_signals(sigset_t *set)
{
    static const int signals[] = { SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP };

    sigemptyset(set);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        if (!is_ignored(signals[i]))
            sigaddset(set, signals[i]);
}

int command_status(int wait_status)
{
    return WIFSIGNALED(wait_status) ? COMMAND_SIGNAL_BASE + WTERMSIG(wait_status)
                                    : WEXITSTATUS(wait_status);
}

/* Ambient capabilities outlive execve without making the user root; root needs none. */
static bool keep_capabilities(void)
{
    if (geteuid() == 0)
        return true;
    if (capng_get_caps_process() != 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(network_capabilities); i++)
        if (capng_update(CAPNG_ADD, CAPNG_INHERITABLE | CAPNG_AMBIENT, network_capabilities[i]) !=
            0)
            return false;
    return capng_apply(CAPNG_SELECT_CAPS) == 0 && capng_apply(CAPNG_SELECT_AMBIENT) == 0;
}

/* execvp says "permission denied" also of a folder of PATH that it may not look into. */
static bool is_in_path(const char *name)
{
    g_autofree char *found = g_find_program_in_path(name);

    return found != NULL || strchr(name, '/') != NULL;
}

static void execute(const struct errand *errand)
{
    const char *name = errand->argv[0];

    if (!keep_capabilities())
        tf_note("%s will run without capabilities: %s", name, g_strerror(errno));
    sigprocmask(SIG_SETMASK, &errand->mask, NULL);
    execvp(name, errand->argv);
    const int reason = errno;
    const bool is_missing = reason == ENOENT || !is_in_path(name);
    tf_note("%s: %s", name, is_missing ? "not found" : g_strerror(reason));
    _exit(is_missing ? COMMAND_NOT_FOUND : COMMAND_NOT_EXECUTABLE);
}

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Without a terminal there is no shell that would see it and continue the job. Groups outside the
 * namespace, such as the lab's own, have no number here: 0. */
static enum command_stop stop_kind(pid_t command)
{
    const pid_t group = getpgid(command);
    const int terminal = open_terminal();

    if (terminal < 0)
        return COMMAND_STOPPED_APART;
    const pid_t owner = tcgetpgrp(terminal);
    close(terminal);
    if (group == 0)
        return COMMAND_STOPPED_IN_JOB;
    return owner == group ? COMMAND_STOPPED_AS_OWNER : COMMAND_STOPPED_APART;
}

static void tell_of_stop(pid_t command, int lab)
{
    const uint8_t kind = (uint8_t)stop_kind(command);

    send(lab, &kind, sizeof kind, MSG_NOSIGNAL);
}

static void go_on(pid_t command)
{
    const pid_t group = getpgid(command);
    const int terminal = open_terminal();

    if (terminal >= 0) {
        tcsetpgrp(terminal, group);
        close(terminal);
    }
    kill(-group, SIGCONT);
}

/* Take what has ended, orphans too, until the command is among it. */
static bool reap(pid_t command, int lab, int *status)
{
    pid_t changed;

    while ((changed = waitpid(-1, status, WNOHANG | WUNTRACED)) > 0) {
        if (changed == command && !WIFSTOPPED(*status))
            return true;
        if (changed == command)
            tell_of_stop(command, lab);
    }
    return false;
}

static int watch(pid_t command, int lab)
{
    sigset_t signals;
    int status = 0;

    fill_signals(&signals);
    sigaddset(&signals, go_on_signal);
    sigaddset(&signals, SIGTTOU); /* go_on would stop the lab, and be tried again for ever */
    sigprocmask(SIG_BLOCK, &signals, NULL);
    while (!reap(command, lab, &status)) {
        const int signal = sigwaitinfo(&signals, NULL);
        if (signal == go_on_signal)
            go_on(command);
        if (signal == SIGTERM || signal == SIGHUP) {
            kill(command, signal);
            kill(command, SIGCONT); /* or it would not notice */
        }
    }
    return command_status(status);
}

/* A death of the lab before this one asked to die with it closed its socket. */
static bool die_with_lab(const struct errand *errand)
{
    struct pollfd alive = { .fd = errand->lab[0], .events = 0 };

    close(errand->lab[1]);
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&alive, 1, 0) == 0;
}

static void be_init(const struct errand *errand)
{
    g_autoptr(GError) error = NULL;

    if (!die_with_lab(errand))
        _exit(TF_EXIT_IO);
    if (!mounts_make(&error))
        tf_note("%s", error->message);
    const pid_t command = fork();
    if (command == 0)
        execute(errand);
    if (command < 0) {
        tf_note("%s: %s", errand->argv[0], g_strerror(errno));
        _exit(COMMAND_NOT_EXECUTABLE);
    }
    _exit(watch(command, errand->lab[0]));
}

static bool fail(GError **error, int code, const char *what)
{
    g_set_error(error, TF_ERROR, code, "%s: %s", what, g_strerror(errno));
    return false;
}

bool command_start(struct command *command, char **argv, GError **error)
{
    struct errand errand = { .argv = argv };
    sigset_t signals;

    fill_signals(&signals);
    command->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (command->signals < 0)
        return fail(error, TF_EXIT_IO, "signalfd");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, errand.lab) != 0) {
        close(command->signals);
        return fail(error, TF_EXIT_IO, "socketpair");
    }
    sigprocmask(SIG_BLOCK, &signals, &errand.mask);
    command->init = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
    if (command->init == 0)
        be_init(&errand);
    if (command->init < 0)
        fail(error, TF_EXIT_PRIVILEGE, "no PID and mount namespaces");
    close(errand.lab[0]); /* the other end closes when this process ends */
    command->stops = errand.lab[1];
    return command->init >= 0;
}

enum command_stop command_take_stop(const struct command *command)
{
    uint8_t kind = COMMAND_STOPPED_APART;

    recv(command->stops, &kind, sizeof kind, MSG_DONTWAIT);
    return kind;
}

void command_go_on(const struct command *command)
{
    kill(command->init, go_on_signal);
}
