/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities, through libcap-ng. */
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traceflow/error.h"

bool privileges_refuse_setid(GError **error)
{
    if (getuid() == geteuid() && getgid() == getegid())
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE,
                "will not run set-user-ID: use file capabilities (setcap cap_net_raw+ep)");
    return false;
}

bool privileges_check(GError **error)
{
    if (capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW))
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE,
                "no permission to send raw packets: run as root, or give the program "
                "cap_net_raw (setcap cap_net_raw+ep)");
    return false;
}

static bool fail(GError **error, const char *what)
{
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE, "cannot give up privileges: %s", what);
    return false;
}

static bool can_open_raw_socket(void)
{
    const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Capabilities are a thread's own, and a thread made before keeps those that it was born with: with
 * no other thread there is none that has any. Where there is no /proc, it cannot be told. */
static bool is_only_thread(void)
{
    GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);
    unsigned n_threads = 0;
    if (tasks == NULL)
        return true;

    while (g_dir_read_name(tasks) != NULL)
        n_threads++;
    g_dir_close(tasks);
    return n_threads == 1;
}

bool privileges_drop(GError **error)
{
    const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(error, g_strerror(errno));
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) != 0)
        return fail(error, "capset failed");
    if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
        return fail(error, "capabilities remain");
    if (!is_only_thread())
        return fail(error, "other threads may have some");
    if (can_open_raw_socket())
        return fail(error, "a raw socket can still be opened");
    return true;
}
