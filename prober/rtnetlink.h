/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the kernel's routing tables (rtnetlink), through libmnl. */
#ifndef TRACEFLOW_PROBER_RTNETLINK_H
#define TRACEFLOW_PROBER_RTNETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

/** Room for a request, and for its answer. */
enum { RTNETLINK_BUFFER_LEN = 8192 };

/** Address family and length of addresses of an IP version, 4 or 6. */
uint8_t rtnetlink_family(uint8_t version);

/**
 * Send the request at buffer, made with sequence number 1, and give its one answer to read.
 *
 * false with errno set where the kernel refuses, or libmnl fails; read returns MNL_CB_OK.
 */
bool rtnetlink_ask(char buffer[RTNETLINK_BUFFER_LEN], mnl_cb_t read, void *data);

#endif
