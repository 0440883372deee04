/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Origins as texts of the DNS in Team Cymru's form; nothing here asks, and nothing is believed. */
#ifndef TRACEFLOW_PROBER_ASN_TEXT_H
#define TRACEFLOW_PROBER_ASN_TEXT_H

#include <stdbool.h>

#include "traceflow/report.h"

/** Longest name of the DNS as text (RFC 1035 section 2.3.4), terminating zero included. */
#define ASN_QUESTION_LEN 254

/** Longest zone that leaves room for "origin6." and 32 digits with their dots. */
#define ASN_ZONE_MAX 180

/** Longest name of an AS, in bytes. */
#define ASN_NAME_MAX 64

/** What one TXT record says of the origin of an address. */
struct asn_origin {
    uint32_t number;
    bool has_prefix;
    uint8_t prefix_len;
};

/** "4.3.2.1.origin.<zone>", or the 32 nibbles of an IPv6 address in "origin6.<zone>". */
void asn_origin_question(const struct tf_addr *addr, const char *zone,
                         char question[ASN_QUESTION_LEN]);

/** "AS64500.<zone>" */
void asn_name_question(uint32_t number, const char *zone, char question[ASN_QUESTION_LEN]);

/**
 * Read "64500 64501 | 192.0.2.0/24 | SE | ripencc | 2001-01-01": of several origins the first
 * counts.
 *
 * False, and *origin untouched, for a number that is 0 (RFC 7607), beyond 32 bits or none at all,
 * and for a prefix that does not hold the address. The prefix may be empty.
 */
bool asn_origin_parse(const char *text, const struct tf_addr *addr, struct asn_origin *origin);

/**
 * Whether candidate goes before best: the longer prefix, then the lower number, so that the order
 * of an answer's records decides nothing.
 */
bool asn_origin_precedes(const struct asn_origin *candidate, const struct asn_origin *best);

/**
 * Read "64500 | SE | ripencc | 2001-01-01 | EXAMPLE-AS - Example, SE".
 *
 * Returns the name, cleaned (asn_name_clean), or NULL if there is none or the number is another.
 */
char *asn_name_parse(const char *text, uint32_t number);

/**
 * Make a name from the network safe to print: printable ASCII stays, a character beyond it is shown
 * as one question mark, as is a control character; blanks at the ends go, and what is longer than
 * ASN_NAME_MAX. NULL if nothing remains.
 */
char *asn_name_clean(const char *bytes, size_t len);

/** The first prefix_len bits of an address as text, "192.0.2.0/24". */
char *asn_prefix_text(const struct tf_addr *addr, unsigned prefix_len);

/** One origin on the heap, and a copy; texts are taken over by the first. asn_free(NULL) is fine.
 */
struct tf_asn *asn_new(uint32_t number, char *prefix, char *name);
struct tf_asn *asn_copy(const struct tf_asn *asn);
void asn_free(struct tf_asn *asn);

#endif
