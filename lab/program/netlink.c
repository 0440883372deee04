/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink through libmnl. */
#include "netlink.h"

#include <errno.h>

#include "traceflow/error.h"

bool netlink_open(struct netlink *netlink, GError **error)
{
    netlink->serial = 0;
    netlink->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (netlink->socket != NULL && mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) == 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "rtnetlink: %s", g_strerror(errno));
    netlink_close(netlink);
    return false;
}

void netlink_close(struct netlink *netlink)
{
    if (netlink->socket != NULL)
        mnl_socket_close(netlink->socket);
    netlink->socket = NULL;
}

void *netlink_begin(struct netlink *netlink, uint16_t type, uint16_t flags, size_t size)
{
    netlink->request = mnl_nlmsg_put_header(netlink->buffer);
    netlink->request->nlmsg_type = type;
    netlink->request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    netlink->request->nlmsg_seq = ++netlink->serial;
    return mnl_nlmsg_put_extra_header(netlink->request, size);
}

bool netlink_send(struct netlink *netlink)
{
    if (mnl_socket_sendto(netlink->socket, netlink->request, netlink->request->nlmsg_len) < 0)
        return false;
    const ssize_t len = mnl_socket_recvfrom(netlink->socket, netlink->buffer,
                                            sizeof netlink->buffer);
    return len >= 0 && mnl_cb_run(netlink->buffer, (size_t)len, netlink->serial,
                                  mnl_socket_get_portid(netlink->socket), NULL, NULL) >= 0;
}
