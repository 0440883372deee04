/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts over files of /etc, and over /proc and /sys. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traceflow/error.h"

/* A directory that exists, for the time that it takes to bind files elsewhere. */
#define WORKSHOP "/tmp"

static bool fail(GError **error, const char *what)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "names will not resolve: %s: %s", what,
                g_strerror(errno));
    return false;
}

static bool make_private(void)
{
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/*
 * In a plain chroot, / is no mount point, so what it is part of cannot be made private from here.
 * Joining its own mount namespace moves a process to the root of that; afterwards it goes back.
 */
static bool make_private_around(void)
{
    const int root = open("/", O_PATH | O_CLOEXEC);
    const int here = open(".", O_PATH | O_CLOEXEC);
    const int namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    const bool moved = root >= 0 && here >= 0 && namespace >= 0 &&
                       setns(namespace, CLONE_NEWNS) == 0;
    const bool done = moved && make_private() && fchdir(root) == 0 && chroot(".") == 0 &&
                      fchdir(here) == 0;
    const int reason = errno;

    close(root);
    close(here);
    close(namespace);
    errno = reason;
    return done;
}

/* What the system says of users, groups and services stands; hosts have other sources. */
static char *lab_nsswitch(void)
{
    GString *text = g_string_new("hosts: files dns\n");
    g_autofree char *of_system = NULL;

    if (!g_file_get_contents("/etc/nsswitch.conf", &of_system, NULL, NULL))
        return g_string_free(text, FALSE);
    g_auto(GStrv) lines = g_strsplit(of_system, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (!g_str_has_prefix(g_strchug(*line), "hosts:"))
            g_string_append_printf(text, "%s\n", *line);
    return g_string_free(text, FALSE);
}

/* Over what a symbolic link points to, if it is one. A file that is not there needs no hiding: the
 * C library then asks 127.0.0.1, and files before it. */
static bool cover(const char *target, const char *text, GError **error)
{
    g_autofree char *name = g_path_get_basename(target);
    g_autofree char *source = g_build_filename(WORKSHOP, name, NULL);

    if (access(target, F_OK) != 0)
        return true;
    if (!g_file_set_contents_full(source, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, error))
        return false;
    return mount(source, target, NULL, MS_BIND, NULL) == 0 || fail(error, target);
}

static bool cover_all(GError **error)
{
    g_autofree char *nsswitch = lab_nsswitch();

    return cover("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
                 error) &&
           cover("/etc/nsswitch.conf", nsswitch, error) &&
           cover("/etc/hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n", error);
}

/* The name service cache answers through a socket that no network namespace hides. */
static void hide_cache(void)
{
    mount("tmpfs", "/run/nscd", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k,mode=755");
}

static void show_namespaces(void)
{
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    mount("proc", "/proc", "proc", flags, NULL);
    mount("sysfs", "/sys", "sysfs", flags, NULL);
}

bool mounts_make(GError **error)
{
    if (!make_private() && !make_private_around())
        return fail(error, "mounts cannot be made private");
    if (mount("tmpfs", WORKSHOP, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755") != 0)
        return fail(error, WORKSHOP);
    const mode_t mask = umask(022); /* everyone in the lab reads them */
    const bool covered = cover_all(error);
    umask(mask);
    umount2(WORKSHOP, MNT_DETACH); /* what is bound elsewhere stays */
    hide_cache();
    show_namespaces();
    return covered;
}
