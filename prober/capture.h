/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live capture by libpcap: our probes and everything that may answer them. */
#ifndef TRACEFLOW_PROBER_CAPTURE_H
#define TRACEFLOW_PROBER_CAPTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "traceflow/match.h"

struct capture_options {
    const char *interface; /* or "any" */
    const char *filter;    /* in pcap-filter(7) syntax */
    bool many;             /* runs at once: more frames may have to wait */
};

/** What the capture is, for a file that keeps it. */
struct capture_info {
    const char *interface;
    const char *filter;
    int linktype;
};

/** Counts since the capture was opened, in packets. */
struct capture_stats {
    uint64_t received;
    uint64_t dropped; /* by the kernel or the interface */
};

/** One captured frame; original_len is its length on the wire. */
struct captured {
    struct tf_frame frame;
    uint32_t original_len;
};

struct capture;

/** Open and start a capture. Fails with TF_EXIT_PRIVILEGE or TF_EXIT_IO. */
struct capture *capture_open(const struct capture_options *options, GError **error);
void capture_free(struct capture *capture);

/** A descriptor that is readable when frames wait. */
int capture_fd(const struct capture *capture);

struct capture_info capture_info(const struct capture *capture);

/**
 * Read what waits, never blocking, and call take for each frame; its bytes are valid during the
 * call only. Returns the number of frames, or -1 and an error (TF_EXIT_IO: the interface went
 * away).
 */
typedef void (*capture_take)(const struct captured *captured, void *data);
int capture_read(struct capture *capture, capture_take take, void *data, GError **error);

/**
 * What is wrong, where the descriptor polls an error: libpcap takes an interface that went down for
 * one that may come back, and says nothing. Fails with TF_EXIT_IO.
 */
bool capture_check(const struct capture *capture, GError **error);

struct capture_stats capture_stats(const struct capture *capture);

#endif
