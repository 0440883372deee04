/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies to a probe, built as routers and destinations do, and then spoilt as the input says. */
#ifndef TRACEFLOW_FUZZ_REPLY_H
#define TRACEFLOW_FUZZ_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "fuzz.h"
#include "in_flight.h"

enum { REPLY_MAX = 1024 };

/** An ICMP error that quotes the probe, spoilt by up to seven mutations; returns its length in
 * bytes. */
size_t reply_make_error(uint8_t reply[REPLY_MAX], const struct sent_probe *probe,
                        struct supply *supply);

/** What the destination answers by the probe's own protocol, or something like it. */
size_t reply_make_answer(uint8_t reply[REPLY_MAX], const struct sent_probe *probe,
                         struct supply *supply);

/**
 * The IP header of a reply: from an address like the probe's destination's that ends in responder,
 * to whoever sent the probe. Returns its length; the protocol is left open.
 */
size_t reply_put_ip(uint8_t *ip, const struct sent_probe *probe, uint8_t responder,
                    size_t payload_len);

#endif
