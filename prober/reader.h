/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files, by libpcap: pcap and pcapng, from a file or standard input. */
#ifndef TRACEFLOW_PROBER_READER_H
#define TRACEFLOW_PROBER_READER_H

#include <glib.h>
#include <stdio.h>

#include "traceflow/match.h"
#include "traceflow/status.h"

struct reader;

/** Open a file by name; "-" is standard input. Fails with TF_EXIT_IO. */
struct reader *reader_open(const char *name, GError **error);

/** Read from a stream, which it closes; name is for messages. Fails with TF_EXIT_IO, the stream
 * closed. */
struct reader *reader_from_stream(FILE *stream, const char *name, GError **error);
void reader_free(struct reader *reader);

/**
 * The next frame; its bytes are valid until the next call.
 *
 * Returns TF_OK, TF_END, or TF_BAD and an error (TF_EXIT_IO) where the file is cut or damaged: all
 * frames before that have been given.
 */
TF_MUST_CHECK enum tf_status reader_next(struct reader *reader, struct tf_frame *frame,
                                         GError **error);

#endif
