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

/** A UDP datagram from the destination: the probe's payload, or another. */
size_t reply_make_answer(uint8_t reply[REPLY_MAX], const struct sent_probe *probe,
                         struct supply *supply);

#endif
