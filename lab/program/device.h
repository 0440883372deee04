/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source's network: a TAP device with the topology's addresses and routes. */
#ifndef TRACEFLOW_LAB_DEVICE_H
#define TRACEFLOW_LAB_DEVICE_H

#include "topology.h"

/** The device's name. */
#define DEVICE_NAME "tf0"

/**
 * Make the device in this process's network namespace, which is new, and set all up: the loopback
 * device too, the source's addresses, a default route of each family that the source has an
 * address of, through its first router.
 *
 * Returns the descriptor that frames are read from and written to (it does not block; to be
 * closed), or -1 with an error: TF_EXIT_PRIVILEGE for a TAP device that cannot be had, TF_EXIT_IO
 * for what the kernel refuses.
 */
int device_open(const struct topology *topology, GError **error);

#endif
