/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a topology file: numbers, times, shares, words. No sign, no rest, no overflow. */
#ifndef TRACEFLOW_LAB_VALUES_H
#define TRACEFLOW_LAB_VALUES_H

#include "topology.h"

/* All return false, with nothing written, for what they do not expect. */

/** Digits alone, from low to high (at most 10^18). */
bool value_number(const char *text, uint64_t low, uint64_t high, uint64_t *number);

/** "N" or "LOW-HIGH", the second not below the first. */
bool value_range(const char *text, uint64_t low, uint64_t high, uint64_t range[2]);

#define VALUE_DURATION "a duration up to an hour such as 1.5s, 20ms, 200us or 0"
/** Whole nanoseconds, up to an hour. */
bool value_duration(const char *text, int64_t *ns);

#define VALUE_PERCENT "0% to 100%, in steps of 0.0001%"
/** A share in parts per million: "0.5%", or 0. */
bool value_percent(const char *text, uint32_t *ppm);

#define VALUE_RATE "a rate such as 100/s, 0.5/s or 6/min, at most 1000000/s"
/** "N/s" or "N/min" as the time from one to the next: 1 us to an hour. */
bool value_rate(const char *text, int64_t *token_ns);

/** A name for a value; the last of a list has name NULL. */
struct word {
    const char *name;
    unsigned value;
};

bool value_word(const char *text, const struct word *words, unsigned *value);

/** The list of words as text: "a, b or c"; the caller frees it. */
char *value_words_text(const struct word *words);

/** Separate a list at spaces and commas: NULL-terminated, for g_strfreev; possibly empty. */
char **value_list(const char *text);

/** Whether it can be an ID: 1 to 63 letters, digits, '-', '_' and '.'. */
bool value_is_id(const char *text);

/** Whether it can be a DNS name (RFC 1035 section 2.3.4; '_' as in RFC 8552), without last dot. */
bool value_is_dns_name(const char *text);

#define VALUE_PORTS "all, none, or ports from 1 to 65535 such as 80 443 8000-8010"
/** Ports of a protocol: "80", "8000-8010", "all". */
bool value_ports(const char *text, uint8_t protocol, struct port_range *range);

#define VALUE_DENIED "all, none, or protocols such as udp icmp tcp:80 udp:33434-33534"
/** "all", "icmp" (ICMPv6 as well: protocol is ICMP's), "udp", "udp:PORTS", "tcp", "tcp:PORTS". */
bool value_denied(const char *text, struct port_range *range);

/** "LABEL", "LABEL:TC" or "LABEL:TC:TTL"; TC is 0 and TTL 1 where they are not given. */
bool value_label(const char *text, struct tf_mpls *entry);

#endif
