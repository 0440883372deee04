/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#ifndef TRACEFLOW_PROBER_OPTIONS_H
#define TRACEFLOW_PROBER_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "label.h"
#include "traceflow/addr.h"
#include "traceflow/report.h"
#include "traceflow/wire.h"

enum report_format { FORMAT_VERT, FORMAT_HORIZ, FORMAT_JSON, FORMAT_NDJSON };

/** A checked command line: every number is in its range, and there is just one of a capture to
 * read, a list of targets, and destinations. */
struct options {
    char **destinations; /* never NULL; ends with NULL */
    char *targets_file;  /* --targets, or NULL; "-" is standard input */
    char *read_file;     /* -r, or NULL; "-" is standard input */
    char *write_file;    /* -w, or NULL; "-" is standard output */
    char *output_file;   /* -o, or NULL for standard output */
    char *interface;     /* -i, or NULL for the route's */
    char *command_line;  /* as it was given, for the capture's comment */
    char *asn_db;        /* --asn-db, or NULL for DNS */
    char *asn_server;    /* --asn-server, or NULL for the system's */
    char *asn_zone;      /* --asn-zone, or NULL for the default */
    enum report_format format;
    enum tf_report_rows rows;

    bool automatic;     /* --paths auto: as many as statistics want, up to paths */
    uint16_t paths;     /* path IDs 1..paths; the last one's source port exists */
    uint8_t confidence; /* percent, of --paths auto */
    uint8_t version;    /* 4 or 6; 0: either */
    uint8_t protocol;   /* TF_IP_PROTO_UDP, _TCP, or _ICMP for either version's echo */
    uint8_t first_ttl;
    uint8_t max_ttl;
    uint8_t attempts;
    uint8_t gap_limit;
    uint8_t tos; /* IPv6: traffic class */
    uint16_t src_base;
    uint16_t dst_base;
    bool has_bases; /* --srcport, --dstport or --protocol was given */
    bool has_source;
    struct tf_addr source;
    struct label_stack labels; /* --mpls; depth 0: none */
    bool has_gateway_mac;
    uint8_t gateway_mac[TF_MAC_LEN];
    int64_t interval_ns; /* between two probes; 0: adaptive */
    int64_t timeout_ns;
    bool dont_fragment;
    bool numeric;
    bool asn; /* also where only --asn-db, --asn-server or --asn-zone was given */
    bool quiet;
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

/** Whether more than one destination may be traced. */
bool options_several(const struct options *options);

#endif
