/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question, one answer. */
#include "rtnetlink.h"

#include <errno.h>
#include <sys/socket.h>

uint8_t rtnetlink_family(uint8_t version)
{
    return version == 6 ? AF_INET6 : AF_INET;
}

static bool exchange(struct mnl_socket *netlink, char buffer[RTNETLINK_BUFFER_LEN], mnl_cb_t read,
                     void *data)
{
    const struct nlmsghdr *request = (const struct nlmsghdr *)buffer;

    if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) != 0 ||
        mnl_socket_sendto(netlink, request, request->nlmsg_len) < 0)
        return false;
    const uint32_t seq = request->nlmsg_seq;
    const ssize_t len = mnl_socket_recvfrom(netlink, buffer, RTNETLINK_BUFFER_LEN);
    return len >= 0 &&
           mnl_cb_run(buffer, (size_t)len, seq, mnl_socket_get_portid(netlink), read, data) >= 0;
}

bool rtnetlink_ask(char buffer[RTNETLINK_BUFFER_LEN], mnl_cb_t read, void *data)
{
    struct mnl_socket *netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (netlink == NULL)
        return false;

    const bool ok = exchange(netlink, buffer, read, data);
    const int saved = errno;
    mnl_socket_close(netlink);
    errno = saved;
    return ok;
}
