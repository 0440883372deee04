/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network address translation: what a router did to a packet, and undoes to what comes back. */
#ifndef TRACEFLOW_LAB_NAT_H
#define TRACEFLOW_LAB_NAT_H

#include "edit.h"
#include "flow.h"
#include "topology.h"

struct translation {
    uint32_t hop; /* which router of the path */
    enum edit_end end;
    struct endpoint before;
    struct endpoint after;
    bool leaves_quotes;
};

/**
 * Translate the destination of a packet that came to a router, or the source of one that leaves it:
 * the packet and its flow change.
 *
 * Returns false if the router does no such thing to this packet. Translated ports follow from the
 * flow alone, so that all packets of a flow get the same.
 */
bool nat_destination(const struct nat *nat, uint8_t *packet, size_t len, struct flow *flow,
                     struct translation *done);
bool nat_source(const struct nat *nat, uint8_t *packet, size_t len, struct flow *flow,
                struct translation *done);

/**
 * Undo a translation to a packet that comes back: in its own header and, unless quotes are left
 * alone, in what an ICMP error quotes. A destination translation also gives errors from behind it
 * its own address as source, as Linux does; is_own says that the error is the translating router's.
 */
void nat_return(const struct translation *done, bool is_own, uint8_t *packet, size_t len);

#endif
