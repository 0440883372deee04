/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of a pcapng section: the link type and the clock of the frames that name them. */
#ifndef TRACEFLOW_PROBER_PCAPNG_INTERFACE_H
#define TRACEFLOW_PROBER_PCAPNG_INTERFACE_H

#include "pcapng_block.h"

struct pcapng_interface {
    int linktype;
    uint32_t snaplen;          /* 0: none */
    uint64_t units_per_second; /* of time stamps */
    int64_t offset_s;          /* to be added to them */
    bool has_offset;
};

/**
 * Decode an interface description block (draft-ietf-opsawg-pcapng section 4.2). *interface is
 * written on true only; false if its options reach beyond the block.
 */
bool pcapng_interface_decode(struct pcapng_interface *interface, const struct pcapng_block *block);

/** The longest frame that can be captured by such an interface: more is a lie. */
uint32_t pcapng_frame_max(const struct pcapng_interface *interface);

/** A time stamp in nanoseconds since 1970; below a second it is exact to 2^-34 s. */
int64_t pcapng_time_ns(const struct pcapng_interface *interface, uint64_t stamp);

#endif
