/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probe of the table a quote or an answer belongs to, and how its Identification fared. */
#ifndef TRACEFLOW_CORE_PLACE_H
#define TRACEFLOW_CORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe_table.h"

/** A reply's probe: the group by the header, and, where the TTL is known, the probe itself. */
struct placement {
    struct probe_group *group;
    struct probe *probe; /* of the group; NULL: not in the capture, or it cannot be said which */
    uint8_t ttl;         /* that of the probe; 0: not known */
    bool by_elimination; /* nothing but which probes are open tells the TTL */
    bool attempt_unsure; /* it may have been another attempt of the same TTL */
    enum tf_ident_fault ident_fault;
};

/** How an Identification came back that was sent as sent; intact where there is none (IPv6). */
enum tf_ident_fault ident_fault(const struct tf_ip *quoted, uint16_t sent);

/**
 * The Identification that the quoted IPv4 header's own checksum speaks for. A router that spoils
 * the Identification as it quotes leaves the checksum of the header that it received.
 */
uint16_t ident_by_checksum(const struct tf_ip *quoted);

/**
 * Find the group of a quoted header in the table, the TTL, and the probe, if it is in the capture.
 * Of UDP, the TTL is found by the tag, by the Identification, or by there being just one open probe
 * at now_ns that may have been quoted so; of TCP, by the sequence number; of echo, by the tag, or
 * else by the sequence number, and the probe is the newest open attempt. A tag whose key stands
 * names the group, too, where a router garbled what it quotes of the header; where the checksum was
 * cleared by who quotes, the flow and a tag of it do. Where the flow is unknown, a NAT may have
 * changed it: then the probe must be in the capture, and UDP's Identification must be known or
 * spoilt in a known way, too, as 16 bits of checksum alone may agree by chance.
 *
 * Returns whether there is such a group; *place is written in any case.
 */
bool place_quote(const struct probe_table *table, const struct tf_datagram *quote, int64_t now_ns,
                 struct placement *place);

/** Where the TTL was found by elimination, it is not known after all: a probe is missing. */
void place_forget_guess(struct placement *place);

/** By the tag, if all of it came back and it is of place->group's run, path and attempt. */
bool place_by_tag(struct placement *place, const struct tf_datagram *datagram);

/** By tag and key alone, whatever became of the header. */
bool place_by_tag_alone(const struct probe_table *table, const struct tf_datagram *datagram,
                        struct placement *place);

/**
 * By the sequence number of an echo, of which no tag came back: the newest attempt of that TTL that
 * is open, or else the newest. arrived_ttl is the quoted one, or 0. place->group is the newest of
 * its header. False if it is not of this path, or can be no TTL.
 */
bool place_echo(struct placement *place, uint16_t probe_id, uint8_t arrived_ttl, int64_t now_ns);

/** By the acknowledgement number of a TCP answer. False as above. */
bool place_by_ack(struct placement *place, uint32_t ack);

/**
 * The probe of an answer that names none of its flow, by there being just one that is open at
 * now_ns, except left out; among attempts of one TTL, the newest. newest is the flow's newest
 * group. place->group is changed only if there is such a probe.
 */
void place_by_flow(struct placement *place, struct probe_group *newest, int64_t now_ns,
                   const struct probe *except);

#endif
