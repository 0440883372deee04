/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Origins from a local database in MaxMind's format. */
#ifndef TRACEFLOW_PROBER_ASN_DB_H
#define TRACEFLOW_PROBER_ASN_DB_H

#include <glib.h>

#include "traceflow/report.h"

struct asn_db;

/** Open a file; NULL and an error (TF_EXIT_IO) if it cannot be read or is no such database. */
struct asn_db *asn_db_open(const char *file, GError **error);
void asn_db_close(struct asn_db *db);

/**
 * Look an address up. Records are of GeoLite2-ASN's layout (autonomous_system_number,
 * autonomous_system_organization) or of ipinfo's (asn "AS64500", and name or as_name); the prefix
 * is how deep the database's tree goes for the address. What a file says is not believed: a number
 * that is 0 or beyond 32 bits is none, a name is cleaned (asn_name_clean).
 *
 * Returns the origin, to be freed with asn_free, or NULL.
 */
struct tf_asn *asn_db_find(const struct asn_db *db, const struct tf_addr *addr);

#endif
