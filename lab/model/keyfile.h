/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GKeyFile, but strict: it would silently merge groups and drop keys that are there twice. */
#ifndef TRACEFLOW_LAB_KEYFILE_H
#define TRACEFLOW_LAB_KEYFILE_H

#include "reading.h"

/** Largest file, in bytes. */
enum { KEYFILE_MAX = 4 << 20 };

/**
 * Fill reading->keys from len bytes of text.
 *
 * Refuses more than KEYFILE_MAX bytes, what is not UTF-8, control characters other than tabs and
 * line ends, what GKeyFile refuses, and groups and keys that are there twice.
 */
bool keyfile_read(const struct reading *reading, const char *text, size_t len);

#endif
