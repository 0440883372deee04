/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces are made by a helper process and joined once they are whole, so that a failure half
 * way leaves nothing changed. */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "traceflow/error.h"

enum { MAP_LEN_MAX = 4096 };

/* A sysctl that forbids what is needed, and what to set it to. */
struct obstacle {
    const char *path;
    char forbidding; /* first character of its value */
    const char *remedy;
};

static const struct obstacle obstacles[] = {
    { "/proc/sys/kernel/unprivileged_userns_clone", '0',
      "sysctl kernel.unprivileged_userns_clone=1" },
    { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
      "sysctl kernel.apparmor_restrict_unprivileged_userns=0" },
    { "/proc/sys/user/max_user_namespaces", '0', "sysctl user.max_user_namespaces=10000" },
    { "/proc/sys/user/max_net_namespaces", '0', "sysctl user.max_net_namespaces=10000" },
};

static const char *remedy(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(obstacles); i++) {
        g_autofree char *value = NULL;
        if (g_file_get_contents(obstacles[i].path, &value, NULL, NULL) &&
            value[0] == obstacles[i].forbidding)
            return obstacles[i].remedy;
    }
    return "needs CAP_SYS_ADMIN, or a system that allows user namespaces "
           "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
           "kernel.apparmor_restrict_unprivileged_userns)";
}

/* glibc's clone(3) would want another stack; clone(2) has its arguments in no fixed order. */
pid_t sandbox_fork(uint64_t namespaces)
{
    struct clone_args arguments = { .flags = namespaces, .exit_signal = SIGCHLD };

    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* The helper: lives until the pipe's other end is closed, be it by this process's death. */
static void wait_for_end(const int ends[2])
{
    char byte;

    close(ends[1]);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

static int open_of(pid_t pid, const char *name, int flags)
{
    char path[64];

    g_snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, flags | O_CLOEXEC);
}

/* The kernel wants a map in one write, and takes a single one. */
static bool write_whole(pid_t pid, const char *name, const char *text)
{
    const int fd = open_of(pid, name, O_WRONLY);
    if (fd < 0)
        return false;
    const bool written = write(fd, text, strlen(text)) >= 0;
    const int reason = errno;
    close(fd);
    errno = reason;
    return written;
}

/* All IDs that are known here, each mapped to itself; false if it does not fit or cannot be read.
 */
static bool identity_map(const char *own_map, char text[MAP_LEN_MAX])
{
    g_autofree char *map = NULL;
    size_t len = 0;
    if (!g_file_get_contents(own_map, &map, NULL, NULL))
        return false;

    text[0] = '\0';
    g_auto(GStrv) lines = g_strsplit(map, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *rest;
        const guint64 first = g_ascii_strtoull(*line, &rest, 10);
        g_ascii_strtoull(rest, &rest, 10); /* what it is outside */
        const guint64 count = g_ascii_strtoull(rest, NULL, 10);
        if (count == 0)
            continue; /* the empty end */
        len += (size_t)g_snprintf(text + len, MAP_LEN_MAX - len,
                                  "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                                  "\n",
                                  first, first, count);
        if (len >= MAP_LEN_MAX)
            return false;
    }
    return len > 0;
}

static bool map_users(pid_t helper)
{
    char text[MAP_LEN_MAX];

    if (identity_map("/proc/self/uid_map", text) && write_whole(helper, "uid_map", text))
        return true;
    g_snprintf(text, sizeof text, "%u %u 1\n", geteuid(), geteuid());
    return write_whole(helper, "uid_map", text);
}

/* user_namespaces(7): a group map of an ordinary user needs setgroups(2) forbidden. */
static bool map_groups(pid_t helper)
{
    char text[MAP_LEN_MAX];

    if (identity_map("/proc/self/gid_map", text) && write_whole(helper, "gid_map", text))
        return true;
    g_snprintf(text, sizeof text, "%u %u 1\n", getegid(), getegid());
    return write_whole(helper, "setgroups", "deny") && write_whole(helper, "gid_map", text);
}

static bool join(pid_t helper)
{
    const int user = open_of(helper, "ns/user", O_RDONLY);
    const int net = open_of(helper, "ns/net", O_RDONLY);
    const bool joined = user >= 0 && net >= 0 && setns(user, CLONE_NEWUSER) == 0 &&
                        setns(net, CLONE_NEWNET) == 0;
    const int reason = errno;

    if (user >= 0)
        close(user);
    if (net >= 0)
        close(net);
    errno = reason;
    return joined;
}

/* False with errno set. */
static bool enter_user_namespace(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;

    const pid_t helper = sandbox_fork(CLONE_NEWUSER | CLONE_NEWNET);
    if (helper == 0)
        wait_for_end(ends);
    const bool entered = helper >= 0 && map_users(helper) && map_groups(helper) && join(helper);
    const int reason = errno;
    close(ends[0]);
    close(ends[1]);
    if (helper >= 0)
        waitpid(helper, NULL, 0);
    errno = reason;
    return entered;
}

bool sandbox_enter(GError **error)
{
    if (enter_user_namespace())
        return true;
    const int no_user = errno;
    if (unshare(CLONE_NEWNET) == 0)
        return true;
    const int no_net = errno;
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE,
                "no user namespace (%s), no network namespace (%s): %s", g_strerror(no_user),
                g_strerror(no_net), remedy());
    return false;
}

bool sandbox_drop(GError **error)
{
    capng_clear(CAPNG_SELECT_BOTH);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && capng_apply(CAPNG_SELECT_BOTH) == 0 &&
        capng_get_caps_process() == 0 && capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE, "cannot give up privileges: %s",
                g_strerror(errno));
    return false;
}
