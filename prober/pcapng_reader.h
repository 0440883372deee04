/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of a pcapng stream: several sections, and interfaces that differ in whatever they may.
 *
 * Where Wireshark reads it, the same frames come with the same numbers and time stamps.
 */
#ifndef TRACEFLOW_PROBER_PCAPNG_READER_H
#define TRACEFLOW_PROBER_PCAPNG_READER_H

#include <glib.h>
#include <stdio.h>

#include "traceflow/match.h"
#include "traceflow/status.h"

struct pcapng_reader;

/** Takes the stream, which is to be at its begin. */
struct pcapng_reader *pcapng_reader_new(FILE *stream);
void pcapng_reader_free(struct pcapng_reader *reader);

/**
 * The next frame, of whatever link type, by its number in the file; its bytes are valid until the
 * next call. A record that Wireshark numbers though it is no packet is passed over.
 *
 * Returns TF_OK, TF_END, or TF_BAD and an error (TF_EXIT_IO), without the file's name.
 */
TF_MUST_CHECK enum tf_status pcapng_reader_next(struct pcapng_reader *reader,
                                                struct tf_frame *frame, GError **error);

#endif
