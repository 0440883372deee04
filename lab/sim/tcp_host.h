/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a simulated host's TCP answers segments: RFC 9293 section 3.10.7, without data of its own. */
#ifndef TRACEFLOW_LAB_TCP_HOST_H
#define TRACEFLOW_LAB_TCP_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "tcp_table.h"

/**
 * Take in the segment of a whole packet whose checksum is right, for a port that is open or not.
 *
 * *reply is what is to go back, ports included, only if the result is true; false: nothing is. Only
 * segments make it speak: what it sent is repeated when its peer repeats, not after a time.
 */
bool tcp_host_answer(struct connections *connections, bool open, int64_t now_ns,
                     const struct tf_datagram *datagram, struct segment *reply);

#endif
