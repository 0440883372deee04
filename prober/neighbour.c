/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Neighbour look-up by rtnetlink (RTM_GETNEIGH).
 *
 * To tell the kernel to resolve an address (NTF_USE) takes CAP_NET_ADMIN, which the program does
 * not ask for. An empty UDP datagram to the discard port makes the kernel resolve it, too; its TTL
 * is 1, so it goes no further than the neighbour.
 */
#include "neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtnetlink.h"
#include "traceflow/error.h"

enum {
    DISCARD_PORT = 9,
    LOOKS = 100,
    LOOK_INTERVAL_US = 10000,
    /* A stale entry, not confirmed of late, is the best there is until it is used. */
    USABLE = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE,
};

struct answer {
    bool usable;
    bool has_mac;
    uint8_t mac[TF_MAC_LEN];
};

static int read_attribute(const struct nlattr *attribute, void *data)
{
    struct answer *answer = data;

    if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
        mnl_attr_get_payload_len(attribute) == TF_MAC_LEN) {
        answer->has_mac = true;
        memcpy(answer->mac, mnl_attr_get_payload(attribute), TF_MAC_LEN);
    }
    return MNL_CB_OK;
}

static int read_message(const struct nlmsghdr *header, void *data)
{
    const struct ndmsg *message = mnl_nlmsg_get_payload(header);
    struct answer *answer = data;

    answer->usable = (message->ndm_state & USABLE) != 0;
    return mnl_attr_parse(header, sizeof *message, read_attribute, answer);
}

static bool look_up(uint8_t mac[TF_MAC_LEN], unsigned ifindex, const struct tf_addr *addr)
{
    char buffer[RTNETLINK_BUFFER_LEN];
    struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
    struct ndmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);
    struct answer answer = { 0 };

    header->nlmsg_type = RTM_GETNEIGH;
    header->nlmsg_flags = NLM_F_REQUEST;
    header->nlmsg_seq = 1;
    message->ndm_family = rtnetlink_family(addr->version);
    message->ndm_ifindex = (int)ifindex;
    mnl_attr_put(header, NDA_DST, tf_addr_len(addr), addr->bytes);
    if (!rtnetlink_ask(buffer, read_message, &answer) || !answer.usable || !answer.has_mac)
        return false;
    memcpy(mac, answer.mac, TF_MAC_LEN);
    return true;
}

static bool send_nothing(int fd, const struct tf_addr *addr, unsigned ifindex)
{
    if (addr->version == 6) {
        struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                                   .sin6_port = htons(DISCARD_PORT),
                                   .sin6_scope_id = ifindex };
        memcpy(&to.sin6_addr, addr->bytes, sizeof to.sin6_addr);
        return sendto(fd, "", 0, 0, (const struct sockaddr *)&to, sizeof to) == 0;
    }
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(DISCARD_PORT) };
    memcpy(&to.sin_addr, addr->bytes, sizeof to.sin_addr);
    return sendto(fd, "", 0, 0, (const struct sockaddr *)&to, sizeof to) == 0;
}

static bool provoke(const char *interface, unsigned ifindex, const struct tf_addr *addr)
{
    const int one = 1;
    const bool v6 = addr->version == 6;
    const int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;

    const bool sent = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
                                 (socklen_t)strlen(interface)) == 0 &&
                      setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                 v6 ? IPV6_UNICAST_HOPS : IP_TTL, &one, sizeof one) == 0 &&
                      send_nothing(fd, addr, ifindex);
    close(fd);
    return sent;
}

bool neighbour_find(uint8_t mac[TF_MAC_LEN], const char *interface, const struct tf_addr *addr,
                    GError **error)
{
    const unsigned ifindex = if_nametoindex(interface);
    char text[TF_ADDR_TEXT_LEN];

    bool found = look_up(mac, ifindex, addr);
    if (!found && provoke(interface, ifindex, addr))
        for (int i = 0; i < LOOKS && !found; i++) {
            g_usleep(LOOK_INTERVAL_US);
            found = look_up(mac, ifindex, addr);
        }
    if (!found)
        g_set_error(error, TF_ERROR, TF_EXIT_IO,
                    "%s: no MAC address of this next hop on %s (--gateway-mac can name it)",
                    tf_addr_text(addr, text), interface);
    return found;
}
