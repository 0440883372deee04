/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer of small MMDB files (MaxMind DB file format 2.0). */
#ifndef TRACEFLOW_TESTS_MMDB_H
#define TRACEFLOW_TESTS_MMDB_H

#include <glib.h>

#include "traceflow/addr.h"

/** Append values as a data section holds them. A map's size is followed by that many pairs. */
void mmdb_map(GByteArray *data, unsigned n_pairs);
void mmdb_text(GByteArray *data, const char *text);
void mmdb_u32(GByteArray *data, uint32_t value);
void mmdb_u64(GByteArray *data, uint64_t value);

/** The values of a prefix; data has one value, most often a map. */
struct mmdb_record {
    struct tf_addr network;
    unsigned prefix_len;
    GByteArray *data;
};

/**
 * A whole file of n records whose prefixes do not overlap. ip_version 6 takes IPv4 prefixes, too,
 * and puts them below ::/96.
 */
GByteArray *mmdb_file(unsigned ip_version, const struct mmdb_record *records, size_t n);

#endif
