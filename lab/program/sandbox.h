/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world of one's own: user and network namespaces. */
#ifndef TRACEFLOW_LAB_SANDBOX_H
#define TRACEFLOW_LAB_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** fork(2), the child in new namespaces (CLONE_NEW… of clone(2)); -1 with errno set. */
pid_t sandbox_fork(uint64_t namespaces);

/**
 * Move this process (one thread) into a new network namespace that it may administer.
 *
 * For that it gets a user namespace of its own, in which user and group IDs stay what they are: all
 * that are known here if it may map them (root), otherwise its own alone. Where there are no user
 * namespaces, a privileged process gets a network namespace alone.
 *
 * False with TF_EXIT_PRIVILEGE where neither can be had; this process then has nothing more to do.
 */
bool sandbox_enter(GError **error);

/** Give up all capabilities for good; what is open stays open. TF_EXIT_PRIVILEGE if that fails. */
bool sandbox_drop(GError **error);

#endif
