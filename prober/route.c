/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route look-up by rtnetlink (RTM_GETROUTE). */
#include "route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtnetlink.h"
#include "traceflow/error.h"

struct answer {
    uint8_t type; /* RTN_… */
    bool has_oif;
    bool has_src;
    bool has_next_hop;
    uint32_t oif;
    struct tf_addr src;
    struct tf_addr next_hop;
};

static bool fail(GError **error, const char *what, const char *why)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", what, why);
    return false;
}

static bool refuse(GError **error, const struct tf_addr *addr, const char *why)
{
    char text[TF_ADDR_TEXT_LEN];

    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s: %s", tf_addr_text(addr, text), why);
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

bool route_is_link_local(const struct tf_addr *addr)
{
    return addr->version == 6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

static bool can_bind(int fd, const struct tf_addr *src, unsigned ifindex)
{
    if (src->version == 6) {
        struct sockaddr_in6 local = { .sin6_family = AF_INET6 };
        local.sin6_scope_id = route_is_link_local(src) ? ifindex : 0;
        memcpy(&local.sin6_addr, src->bytes, sizeof local.sin6_addr);
        return bind(fd, (const struct sockaddr *)&local, sizeof local) == 0;
    }
    struct sockaddr_in local = { .sin_family = AF_INET };
    memcpy(&local.sin_addr, src->bytes, sizeof local.sin_addr);
    return bind(fd, (const struct sockaddr *)&local, sizeof local) == 0;
}

/* Binding tells whether an address is this host's, and a link-local one this interface's. */
static bool check_source(const struct tf_addr *src, unsigned ifindex, GError **error)
{
    char text[TF_ADDR_TEXT_LEN];
    const int fd = socket(rtnetlink_family(src->version), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(error, tf_addr_text(src, text), g_strerror(errno));

    const bool bound = can_bind(fd, src, ifindex);
    close(fd);
    return bound || fail(error, tf_addr_text(src, text), "not an address of this host");
}

static void put_request(char *buffer, const struct tf_addr *dst, const struct tf_addr *src,
                        unsigned ifindex)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
    struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);

    header->nlmsg_type = RTM_GETROUTE;
    header->nlmsg_flags = NLM_F_REQUEST;
    header->nlmsg_seq = 1;
    message->rtm_family = rtnetlink_family(dst->version);
    message->rtm_dst_len = (uint8_t)(8 * tf_addr_len(dst));
    mnl_attr_put(header, RTA_DST, tf_addr_len(dst), dst->bytes);
    if (src != NULL) {
        message->rtm_src_len = (uint8_t)(8 * tf_addr_len(src));
        mnl_attr_put(header, RTA_SRC, tf_addr_len(src), src->bytes);
    }
    if (ifindex != 0)
        mnl_attr_put_u32(header, RTA_OIF, ifindex);
}

/* An address of either version, by its length. */
static bool read_addr(struct tf_addr *addr, const void *bytes, size_t len)
{
    if (len != 4 && len != 16)
        return false;
    *addr = tf_addr_from(len == 4 ? 4 : 6, bytes);
    return true;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
    struct answer *answer = data;
    const void *payload = mnl_attr_get_payload(attribute);
    const size_t len = mnl_attr_get_payload_len(attribute);

    switch (mnl_attr_get_type(attribute)) {
    case RTA_OIF:
        answer->has_oif = mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0;
        answer->oif = answer->has_oif ? mnl_attr_get_u32(attribute) : 0;
        break;
    case RTA_PREFSRC: answer->has_src = read_addr(&answer->src, payload, len); break;
    case RTA_GATEWAY: answer->has_next_hop = read_addr(&answer->next_hop, payload, len); break;
    case RTA_VIA: /* a gateway of the other version: the family, then the address */
        if (len > sizeof(struct rtvia))
            answer->has_next_hop = read_addr(&answer->next_hop,
                                             (const uint8_t *)payload + sizeof(struct rtvia),
                                             len - sizeof(struct rtvia));
        break;
    default: break;
    }
    return MNL_CB_OK;
}

static int read_message(const struct nlmsghdr *header, void *data)
{
    const struct rtmsg *message = mnl_nlmsg_get_payload(header);
    struct answer *answer = data;

    answer->type = message->rtm_type;
    return mnl_attr_parse(header, sizeof(struct rtmsg), read_attribute, data);
}

/* Unreachable, and what the kernel answers for routes of type blackhole and prohibit. */
static bool is_no_route(int reason)
{
    return reason == ENETUNREACH || reason == EHOSTUNREACH || reason == EINVAL || reason == EACCES;
}

static bool check_request(const struct tf_addr *dst, const char *interface,
                          const struct tf_addr *src, GError **error)
{
    if (route_is_link_local(dst) && interface == NULL)
        return refuse(error, dst, "link-local: the interface must be given (-i, or %IFACE behind)");
    if (src != NULL && src->version != dst->version)
        return refuse(error, src, "a source of another IP version than the destination");
    if (interface != NULL && !check_interface(interface, error))
        return false;
    return src == NULL ||
           check_source(src, interface == NULL ? 0 : if_nametoindex(interface), error);
}

bool route_find(struct route *route, const struct tf_addr *dst, const char *interface,
                const struct tf_addr *src, GError **error)
{
    char buffer[RTNETLINK_BUFFER_LEN];
    char text[TF_ADDR_TEXT_LEN];
    struct answer answer = { 0 };

    if (g_strcmp0(interface, ROUTE_ANY_INTERFACE) == 0)
        interface = NULL;
    if (!check_request(dst, interface, src, error))
        return false;
    put_request(buffer, dst, src, interface == NULL ? 0 : if_nametoindex(interface));
    if (!rtnetlink_ask(buffer, read_message, &answer))
        return fail(error, tf_addr_text(dst, text),
                    is_no_route(errno) ? "no route" : g_strerror(errno));
    if (answer.type == RTN_BROADCAST || answer.type == RTN_MULTICAST)
        return refuse(error, dst, "not the address of one host");
    if (!answer.has_oif || if_indextoname(answer.oif, route->interface) == NULL)
        return fail(error, tf_addr_text(dst, text), "no route");
    if (src == NULL && !answer.has_src)
        return fail(error, tf_addr_text(dst, text), "no source address leads to it");
    route->src = src != NULL ? *src : answer.src;
    route->next_hop = answer.has_next_hop ? answer.next_hop : *dst;
    return check_interface(route->interface, error);
}
