/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolver of the simulated internet: a DNS query in, its answer out. */
#ifndef TRACEFLOW_LAB_DNS_H
#define TRACEFLOW_LAB_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology.h"

/** Longest query that clients are told to send, in bytes of UDP payload (RFC 6891 section 6.2.5).
 */
enum { DNS_QUERY_MAX = 1232 };

/** A message that came from a client; over TCP without its length prefix. */
struct dns_query {
    const uint8_t *bytes;
    size_t len;
    bool over_tcp;
};

/**
 * Answer a DNS message (RFC 1035), whatever is in it.
 *
 * Names are those of names.h, and of their addresses in in-addr.arpa and ip6.arpa; there are no
 * others, so the answer is authoritative. A and AAAA get every address, PTR the name, other types
 * nothing. An unknown name is NXDOMAIN; a broken query FORMERR; another class, operation or a zone
 * transfer NOTIMP; an EDNS version above 0 BADVERS. What does not fit size or, over UDP, 512 bytes
 * or what the query says by EDNS (RFC 6891), is cut after a whole record and marked so.
 *
 * answer holds size bytes, 512 at least. Returns the length written, or 0 where no answer may be
 * sent: to what is shorter than a header, or itself an answer.
 */
size_t dns_answer(const struct topology *topology, const struct dns_query *query, uint8_t *answer,
                  size_t size);

#endif
