/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw-socket privilege: needed to open, given up before the first packet. */
#ifndef TRACEFLOW_PROBER_PRIVILEGES_H
#define TRACEFLOW_PROBER_PRIVILEGES_H

#include <glib.h>
#include <stdbool.h>

/**
 * Refuse to run set-user-ID or set-group-ID, where files named on the command line would be opened
 * with the owner's rights: file capabilities are the way. Fails with TF_EXIT_PRIVILEGE.
 */
bool privileges_refuse_setid(GError **error);

/** Whether raw sockets can be opened at all (CAP_NET_RAW). Fails with TF_EXIT_PRIVILEGE. */
bool privileges_check(GError **error);

/**
 * Give up every capability for good, and prove it: none is left, there is no other thread that
 * might have one, and a raw socket can no longer be opened. Fails with TF_EXIT_PRIVILEGE.
 */
bool privileges_drop(GError **error);

#endif
