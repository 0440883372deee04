/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the system that are others in the lab. */
#ifndef TRACEFLOW_LAB_MOUNTS_H
#define TRACEFLOW_LAB_MOUNTS_H

#include <glib.h>
#include <stdbool.h>

/**
 * In a mount and PID namespace of this process's own: names are asked of 127.0.0.1 alone
 * (resolv.conf, nsswitch.conf, hosts, no name service cache), /proc shows the PID namespace and
 * /sys the network namespace.
 *
 * The last two are left as they are where that is not allowed. False with an error (TF_EXIT_IO)
 * that says why names will not resolve.
 */
bool mounts_make(GError **error);

#endif
