/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the kernel's network configuration (rtnetlink), one after the other. */
#ifndef TRACEFLOW_LAB_NETLINK_H
#define TRACEFLOW_LAB_NETLINK_H

#include <glib.h>
#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A request under construction, and the socket that it goes through. */
struct netlink {
    struct mnl_socket *socket;
    uint32_t serial;
    struct nlmsghdr *request;
    char buffer[8192]; /* more than MNL_SOCKET_BUFFER_SIZE, which is not constant */
};

/** False with an error (TF_EXIT_IO). */
bool netlink_open(struct netlink *netlink, GError **error);
void netlink_close(struct netlink *netlink);

/**
 * Begin a request; flags beside those that every request has. Returns its fixed part, size bytes of
 * zero, valid until the next call; attributes are then put to netlink->request.
 */
void *netlink_begin(struct netlink *netlink, uint16_t type, uint16_t flags, size_t size);

/** Send it and wait for the kernel's word; false with errno set. */
bool netlink_send(struct netlink *netlink);

#endif
