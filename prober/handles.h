/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a live run opens, and what of it needs privilege. */
#ifndef TRACEFLOW_PROBER_HANDLES_H
#define TRACEFLOW_PROBER_HANDLES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "lookups.h"
#include "options.h"
#include "output.h"
#include "record.h"
#include "run.h"
#include "sender.h"

struct handles {
    struct sender *senders[2]; /* of IPv4 and IPv6; NULL where not opened: */
    GError *sender_errors[2];  /* why */
    struct capture *capture;
    struct lookups *lookups; /* NULL: neither names nor origins are wanted */
    struct output *output;
    struct record *record; /* NULL: the capture is not kept */
};

/**
 * Open everything, then give up all privileges.
 *
 * interface is where to capture, and where to send if it is not "any". run is the only one that
 * there will be, or NULL where any destination may be asked for. What is open is in *handles also
 * after an error.
 */
bool handles_open(struct handles *handles, const struct options *options, const char *interface,
                  const struct run *run, GError **error);

/** Close what is open; a record without the statistics that record_close could write. */
void handles_close(struct handles *handles);

/** The sender for an address, or NULL and an error (TF_EXIT_IO). */
struct sender *handles_sender(const struct handles *handles, const struct tf_addr *dst,
                              GError **error);

#endif
