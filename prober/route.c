/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route look-up by rtnetlink (RTM_GETROUTE), through libmnl. */
#include "route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traceflow/error.h"

struct answer {
    bool has_oif;
    bool has_src;
    uint32_t oif;
    struct tf_addr src;
};

static bool fail(GError **error, const char *what, const char *why)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", what, why);
    return false;
}

static bool check_interface(const char *name, GError **error)
{
    struct ifreq request = { 0 };

    if (strlen(name) >= sizeof request.ifr_name || if_nametoindex(name) == 0)
        return fail(error, name, "no such interface");
    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(error, name, g_strerror(errno));
    const bool known = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    close(fd);
    if (!known)
        return fail(error, name, g_strerror(errno));
    return (request.ifr_flags & IFF_UP) != 0 || fail(error, name, "the interface is down");
}

static bool check_source(const struct tf_addr *src, GError **error)
{
    struct sockaddr_in local = { .sin_family = AF_INET };
    char text[TF_ADDR_TEXT_LEN];

    memcpy(&local.sin_addr, src->bytes, sizeof local.sin_addr);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(error, tf_addr_text(src, text), g_strerror(errno));
    const bool bound = bind(fd, (const struct sockaddr *)&local, sizeof local) == 0;
    close(fd);
    return bound || fail(error, tf_addr_text(src, text), "not an address of this host");
}

static struct nlmsghdr *put_request(char *buf, const struct tf_addr *dst, const char *interface,
                                    const struct tf_addr *src)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
    struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);

    header->nlmsg_type = RTM_GETROUTE;
    header->nlmsg_flags = NLM_F_REQUEST;
    header->nlmsg_seq = 1;
    message->rtm_family = AF_INET;
    message->rtm_dst_len = 32;
    mnl_attr_put(header, RTA_DST, tf_addr_len(dst), dst->bytes);
    if (src != NULL)
        mnl_attr_put(header, RTA_SRC, tf_addr_len(src), src->bytes);
    if (interface != NULL)
        mnl_attr_put_u32(header, RTA_OIF, if_nametoindex(interface));
    return header;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
    struct answer *answer = data;
    const uint16_t type = mnl_attr_get_type(attribute);

    if (type == RTA_OIF && mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0) {
        answer->has_oif = true;
        answer->oif = mnl_attr_get_u32(attribute);
    } else if (type == RTA_PREFSRC && mnl_attr_get_payload_len(attribute) == 4) {
        answer->has_src = true;
        answer->src = tf_addr_from(4, mnl_attr_get_payload(attribute));
    }
    return MNL_CB_OK;
}

static int read_message(const struct nlmsghdr *header, void *data)
{
    return mnl_attr_parse(header, sizeof(struct rtmsg), read_attribute, data);
}

/* One request, one answer; false with errno set where the kernel has no route. */
static bool ask_kernel(const struct nlmsghdr *request, char *buf, size_t size,
                       struct answer *answer)
{
    struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
    if (netlink == NULL)
        return false;

    bool ok = false;
    if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == 0 &&
        mnl_socket_sendto(netlink, request, request->nlmsg_len) >= 0) {
        const ssize_t len = mnl_socket_recvfrom(netlink, buf, size);
        ok = len >= 0 && mnl_cb_run(buf, (size_t)len, 1, mnl_socket_get_portid(netlink),
                                    read_message, answer) >= 0;
    }
    const int saved = errno;
    mnl_socket_close(netlink);
    errno = saved;
    return ok;
}

/* Unreachable, and what the kernel answers for routes of type blackhole and prohibit. */
static bool is_no_route(int reason)
{
    return reason == ENETUNREACH || reason == EHOSTUNREACH || reason == EINVAL || reason == EACCES;
}

bool route_find(struct route *route, const struct tf_addr *dst, const char *interface,
                const struct tf_addr *src, GError **error)
{
    char buf[8192]; /* more than MNL_SOCKET_BUFFER_SIZE, which is not constant */
    char text[TF_ADDR_TEXT_LEN];
    struct answer answer = { 0 };

    if (g_strcmp0(interface, ROUTE_ANY_INTERFACE) == 0)
        interface = NULL;
    if (interface != NULL && !check_interface(interface, error))
        return false;
    if (src != NULL && !check_source(src, error))
        return false;
    if (!ask_kernel(put_request(buf, dst, interface, src), buf, sizeof buf, &answer))
        return fail(error, tf_addr_text(dst, text),
                    is_no_route(errno) ? "no route" : g_strerror(errno));
    if (!answer.has_oif || (src == NULL && !answer.has_src) ||
        if_indextoname(answer.oif, route->interface) == NULL)
        return fail(error, tf_addr_text(dst, text), "no route");
    route->src = src != NULL ? *src : answer.src;
    return check_interface(route->interface, error);
}
