/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly: what arrives in fragments is put together by the host that it is for. */
#ifndef TRACEFLOW_LAB_REASSEMBLY_H
#define TRACEFLOW_LAB_REASSEMBLY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fragment.h"
#include "sim.h"

/** Datagrams under way at once: with one more the oldest is given up. */
enum { REASSEMBLY_MAX = 64 };

struct reassembly;

/* A datagram as a whole packet: the first fragment's headers but the fragment header, lengths and
 * checksum made right; and the note that came with the first fragment. */
struct reassembled {
    gpointer note; /* now the caller's */
    size_t len;
    uint8_t packet[SIM_PACKET_MAX];
};

/** Nothing is under way. free_note is given the notes that do not come back. Never NULL. */
struct reassembly *reassembly_new(GDestroyNotify free_note);
void reassembly_free(struct reassembly *reassembly);

/**
 * Take a fragment that has been read, and a note; true if it makes a datagram whole, which is then
 * forgotten.
 *
 * Fragments belong together by their keys, within 30 seconds of the first to come, of IPv6 60. One
 * is refused that is empty, not the last and no multiple of 8 bytes long, or of a packet of more
 * than SIM_PACKET_MAX bytes. An exact duplicate is ignored; fragments that overlap otherwise, or
 * disagree about the end, spoil the datagram, and those that are still to come are in vain (RFC
 * 5722 section 4; Linux gives up such ones of IPv4, too). *whole is written only on true.
 */
bool reassembly_add(struct reassembly *reassembly, int64_t now_ns, const struct fragment *fragment,
                    gpointer note, struct reassembled *whole);

#endif
