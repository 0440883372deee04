/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's part in ARP and neighbour discovery: all other addresses of the internet are
 * behind it. */
#ifndef TRACEFLOW_LAB_NEIGHBOUR_H
#define TRACEFLOW_LAB_NEIGHBOUR_H

#include <stddef.h>
#include <stdint.h>

#include "topology.h"
#include "traceflow/wire.h"

/** The gateway's address on the link: locally administered. */
#define NEIGHBOUR_GATEWAY_MAC                                                                      \
    {                                                                                              \
        0x02, 0, 0, 0, 0, 0x02                                                                     \
    }

/** The source's MAC address at first, locally administered, too. */
#define NEIGHBOUR_SOURCE_MAC                                                                       \
    {                                                                                              \
        0x02, 0, 0, 0, 0, 0x01                                                                     \
    }

/** Longest answer: an advertisement with one option, in bytes of IPv6 packet. */
enum { NEIGHBOUR_REPLY_MAX = TF_IPV6_LEN + TF_ND_LEN + TF_ND_OPTION_UNIT };

/** What goes into a frame for the one who asked. */
struct neighbour_reply {
    uint16_t ethertype;
    size_t len;
    uint8_t bytes[NEIGHBOUR_REPLY_MAX];
};

enum neighbour_result {
    NEIGHBOUR_OTHER,  /* no neighbour discovery */
    NEIGHBOUR_SILENT, /* nothing to answer */
    NEIGHBOUR_ANSWER, /* *reply is written */
};

/**
 * Answer an ARP packet (RFC 826) of len bytes, padding included.
 *
 * A request for any IPv4 address gets the gateway's, unless it is the source's own, an announcement
 * or a probe (RFC 5227 section 2: the sender must find its address free), or stands for no host.
 */
enum neighbour_result neighbour_arp(struct neighbour_reply *reply, const struct topology *topology,
                                    const uint8_t *arp, size_t len);

/**
 * Answer a neighbour solicitation (RFC 4861 section 7.2.4), in an IPv6 packet of len bytes.
 *
 * One for any unicast address gets the gateway's, as a router that overrides what was known, unless
 * it is the source's own, its sender is unspecified (RFC 4862 section 5.4: the address must be
 * found free), or it is not valid by section 7.1.1. Other messages of neighbour discovery have no
 * answer.
 */
enum neighbour_result neighbour_discovery(struct neighbour_reply *reply,
                                          const struct topology *topology, const uint8_t *packet,
                                          size_t len);

#endif
