/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probe of the table a quote answers, and how its Identification fared. */
#ifndef TRACEFLOW_CORE_PLACE_H
#define TRACEFLOW_CORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe_table.h"

/** A reply's probe: the group by the header, and, where the TTL is known, the probe itself. */
struct placement {
    struct probe_group *group;
    struct probe *probe; /* NULL: of this group, but it cannot be said which */
    enum tf_ident_fault ident_fault;
};

/** How an Identification came back that was sent as sent; intact where there is none (IPv6). */
enum tf_ident_fault ident_fault(const struct tf_ip *quoted, uint16_t sent);

/**
 * Find the group of a quoted header in the table and the probe in it: by the tag, by the
 * Identification, or by there being just one open probe at now_ns. A tag whose key stands names the
 * group, too, where a router garbled what it quotes of the header. Where the flow is unknown, a NAT
 * may have changed it: then the Identification must be known or spoilt in a known way, too, as 16
 * bits of checksum alone may agree by chance.
 *
 * Returns whether there is such a group; *place is written in any case.
 */
bool place_quote(const struct probe_table *table, const struct tf_datagram *quote, int64_t now_ns,
                 struct placement *place);

/** The TTL by the tag, if all of it came back and it is that of place->group. */
bool place_by_tag(struct placement *place, const struct tf_datagram *quote);

#endif
