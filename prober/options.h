/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#ifndef TRACEFLOW_PROBER_OPTIONS_H
#define TRACEFLOW_PROBER_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum report_format { FORMAT_VERT, FORMAT_HORIZ, FORMAT_JSON };

/** A checked command line: every number is in its range, and either destination or read_file is
 * set. */
struct options {
    char *destination;
    char *read_file;    /* -r; "-" is standard input */
    char *write_file;   /* -w, or NULL; "-" is standard output */
    char *output_file;  /* -o, or NULL for standard output */
    char *interface;    /* -i, or NULL for the route's */
    char *source;       /* --source, or NULL for the route's */
    char *command_line; /* as it was given, for the capture's comment */
    enum report_format format;
    uint16_t paths;
    uint8_t first_ttl;
    uint8_t max_ttl;
    uint8_t attempts;
    uint8_t gap_limit;
    uint16_t src_base;
    uint16_t dst_base;
    bool has_bases;      /* --srcport or --dstport was given */
    int64_t interval_ns; /* between two probes; 0: adaptive */
    int64_t timeout_ns;
    bool dont_fragment;
    bool numeric;
    bool dedup;
    bool rtt;
    bool debug;
};

/**
 * Parse and check a command line. --help and --version print and exit.
 *
 * Returns the options, to be freed with options_free, or NULL and an error (TF_EXIT_USAGE).
 */
struct options *options_parse(int argc, char **argv, GError **error);
void options_free(struct options *options);

#endif
