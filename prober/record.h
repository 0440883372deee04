/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping the capture: pcapng, or pcap where the name asks for it. */
#ifndef TRACEFLOW_PROBER_RECORD_H
#define TRACEFLOW_PROBER_RECORD_H

#include <glib.h>
#include <stdbool.h>

#include "capture.h"

struct record;

/**
 * Create a capture file; "-" is standard output, a name that ends in ".pcap" gives pcap with
 * nanoseconds.
 *
 * Done before privileges are given up, so that it is the invoker's to write. Fails with TF_EXIT_IO.
 */
struct record *record_open(const char *name, GError **error);

/** Write the file's head: what was captured, and the command line as a comment (pcapng). */
bool record_begin(struct record *record, const struct capture_info *info, const char *comment,
                  GError **error);

/**
 * Append a frame. A frame is written whole or not at all: where the disk is full, the file is cut
 * back to its last whole frame, and this and every later call fails.
 */
bool record_write(struct record *record, const struct captured *captured, GError **error);

/** Write the statistics (pcapng), close the file and free the record. record_close(NULL, …) is
 * fine. */
bool record_close(struct record *record, const struct capture_stats *stats, GError **error);

#endif
