/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What GOption reads, before anything is checked. */
#ifndef TRACEFLOW_PROBER_OPTIONS_RAW_H
#define TRACEFLOW_PROBER_OPTIONS_RAW_H

#include <glib.h>

#include "options.h"

/** Texts, NULL where an option was not given; numbers are parsed later, so that all their errors
 * read alike. */
struct raw_options {
    char **rest;
    char *format;
    char *paths;
    char *confidence;
    char *max_paths;
    char *protocol;
    char *first_ttl;
    char *ttl;
    char *attempts;
    char *gap_limit;
    char *srcport;
    char *dstport;
    char *tos;
    char *source;
    char **mpls;
    char *gateway_mac;
    char *wait;
    char *rate;
    char *timeout;
    gboolean only_ipv4;
    gboolean only_ipv6;
    gboolean dont_fragment;
    gboolean numeric;
    gboolean asn;
    gboolean quiet;
    gboolean dedup;
    gboolean all_paths;
    gboolean rtt;
    gboolean debug;
    gboolean help;
    gboolean version;
};

/** The parser; it writes to raw, and names of files and devices to options. */
GOptionContext *options_context(struct options *options, struct raw_options *raw);

/** Read and check what says how probes go: IP version, source, labels. Fails with TF_EXIT_USAGE. */
bool options_check_way(const struct raw_options *raw, struct options *options, GError **error);

/** Check what says where from and where to: destinations and files. Fails with TF_EXIT_USAGE. */
bool options_check_input(const struct options *options, GError **error);

void raw_options_free(struct raw_options *raw);

#endif
