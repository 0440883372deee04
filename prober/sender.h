/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending IP packets as they are: by libnet's raw socket, or on the link where labels precede them.
 */
#ifndef TRACEFLOW_PROBER_SENDER_H
#define TRACEFLOW_PROBER_SENDER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "label.h"
#include "traceflow/addr.h"

struct sender_options {
    uint8_t version;           /* 4 or 6 */
    const char *interface;     /* bound to it; NULL: by route */
    struct label_stack labels; /* if any: frames on the link, this stack before the packet */
    bool has_gateway_mac;
    uint8_t gateway_mac[TF_MAC_LEN]; /* with labels: whom frames go to, if not the neighbour's */
    struct tf_addr next_hop;         /* with labels: the neighbour to look for, where no MAC is
                                        given (struct route) */
};

/** A handle that any number of runs may share. */
struct sender;

/**
 * Open it. With labels, interface must be given.
 *
 * Fails with TF_EXIT_PRIVILEGE, or TF_EXIT_IO (no such interface, no neighbour of that address, an
 * interface that is no Ethernet). sender_free(NULL) is fine.
 */
struct sender *sender_open(const struct sender_options *options, GError **error);
void sender_free(struct sender *sender);

enum sender_result {
    SENDER_SENT,
    SENDER_BUSY,  /* the send buffer is full: try again later */
    SENDER_FAILED /* *error says why: TF_EXIT_IO */
};

/** Send one IP packet; on IPv4's raw socket the kernel fills the header checksum in. */
enum sender_result sender_send(struct sender *sender, const uint8_t *packet, size_t len,
                               GError **error);

#endif
