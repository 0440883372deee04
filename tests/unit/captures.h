/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files for the tests of record and reader: six frames, written and compared. */
#ifndef TRACEFLOW_TESTS_CAPTURES_H
#define TRACEFLOW_TESTS_CAPTURES_H

#include "reader.h"
#include "record.h"

enum { N_FRAMES = 6 };

/** Frame number index (from 0): lengths 44, 0, 1, 2, 3 and 1024, times from 1970 to 2038. */
struct captured captured_frame(size_t index);

/** What the capture is said to be. */
struct capture_info capture_info_of(int linktype);

/** Name of a file in the temporary directory that does not exist; freed by the caller. */
char *temporary_name(const char *suffix);

/** Write all frames to a file; the test fails where that does. */
void write_capture(const char *name, int linktype);

/** Read all frames and compare them; returns what comes behind the last. */
enum tf_status read_frames(struct reader *reader, const char *row, int linktype);

/** Read and compare as many as there are; returns what came behind the last of them. */
enum tf_status count_frames(struct reader *reader, const char *row, size_t *n_read, GError **error);

#endif
