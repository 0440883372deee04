/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files: pcap and pcapng, from a file or standard input. */
#ifndef TRACEFLOW_PROBER_READER_H
#define TRACEFLOW_PROBER_READER_H

#include <glib.h>
#include <stdio.h>

#include "traceflow/match.h"
#include "traceflow/status.h"

struct reader;

/** Open a file by name; "-" is standard input. Fails with TF_EXIT_IO, also for a pcap whose link
 * type is unknown. */
struct reader *reader_open(const char *name, GError **error);

/** Read from a stream, which it closes; name is for messages. Fails with TF_EXIT_IO, the stream
 * closed. */
struct reader *reader_from_stream(FILE *stream, const char *name, GError **error);
void reader_free(struct reader *reader);

/**
 * The next frame, by Wireshark's number for it; its bytes are valid until the next call. Among
 * those of a pcapng, some may be of a link type that tf_link_known does not.
 *
 * Returns TF_OK, TF_END, or TF_BAD and an error (TF_EXIT_IO) where the file is cut or damaged: all
 * frames before that have been given. Also at the end of frames none of which was of a known link
 * type.
 */
TF_MUST_CHECK enum tf_status reader_next(struct reader *reader, struct tf_frame *frame,
                                         GError **error);

#endif
