/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom to ask for origins: the texts of --asn-server and --asn-zone, checked. */
#ifndef TRACEFLOW_PROBER_ASN_SERVER_H
#define TRACEFLOW_PROBER_ASN_SERVER_H

#include <glib.h>
#include <stdbool.h>

#include "traceflow/addr.h"

/** A DNS server. */
struct asn_server {
    struct tf_addr addr;
    uint16_t port;
};

/** Read "ADDR", "ADDR:PORT" or "[ADDR]:PORT"; the port is 53 by default. TF_EXIT_USAGE. */
bool asn_server_parse(const char *text, struct asn_server *server, GError **error);

/**
 * Check a zone: labels of letters, digits, hyphens and underscores (RFC 1035 section 2.3.1), and
 * room for what goes before it. TF_EXIT_USAGE.
 */
bool asn_zone_check(const char *zone, GError **error);

#endif
