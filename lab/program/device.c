/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TAP device, and what `ip link`, `ip address` and `ip route` would do with it. */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6_route.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "neighbour.h"
#include "netlink.h"

#include "traceflow/error.h"

#define TUN_PATH "/dev/net/tun"

enum { REACHABLE_POLL_US = 1000, REACHABLE_POLLS = 2000 };

static const uint8_t source_mac[] = NEIGHBOUR_SOURCE_MAC;

/* Gateways of a family that the first router has no address of. */
static const struct tf_addr some_gateway4 = { 4, { 169, 254, 0, 1 } };
static const struct tf_addr some_gateway6 = { 6, { 0xfe, 0x80, [15] = 1 } };

static bool fail(GError **error, const char *what)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, DEVICE_NAME ": %s: %s", what, g_strerror(errno));
    return false;
}

static const char *tun_remedy(int reason)
{
    if (reason == EACCES || reason == EPERM)
        return " (its mode is usually 0666: chmod 0666 " TUN_PATH ", as root)";
    if (reason == ENOENT || reason == ENODEV || reason == ENXIO)
        return " (modprobe tun, as root; to a container, hand it over: --device " TUN_PATH ")";
    return "";
}

static int open_tap(GError **error)
{
    struct ifreq request = { .ifr_name = DEVICE_NAME, .ifr_flags = IFF_TAP | IFF_NO_PI };
    const int tap = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (tap >= 0 && ioctl(tap, TUNSETIFF, &request) == 0)
        return tap;
    const int reason = errno;
    g_set_error(error, TF_ERROR, TF_EXIT_PRIVILEGE, TUN_PATH ": %s%s", g_strerror(reason),
                tun_remedy(reason));
    if (tap >= 0)
        close(tap);
    return -1;
}

/* if_nametoindex would want a descriptor more, and call the lack of one a lack of the device.
 * 0: there is no such device. */
static unsigned index_of(const struct netlink *netlink, const char *name)
{
    struct ifreq request = { 0 };

    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    if (ioctl(mnl_socket_get_fd(netlink->socket), SIOCGIFINDEX, &request) != 0)
        return 0;
    return (unsigned)request.ifr_ifindex;
}

static struct nlmsghdr *begin_link(struct netlink *netlink, const char *name, unsigned flags)
{
    struct ifinfomsg *link = netlink_begin(netlink, RTM_NEWLINK, 0, sizeof *link);

    link->ifi_family = AF_UNSPEC;
    link->ifi_index = (int)index_of(netlink, name);
    link->ifi_flags = flags;
    link->ifi_change = flags;
    return netlink->request;
}

static bool set_up(struct netlink *netlink, const char *name)
{
    begin_link(netlink, name, IFF_UP);
    return netlink_send(netlink);
}

static bool set_link(struct netlink *netlink, uint16_t mtu)
{
    struct nlmsghdr *request = begin_link(netlink, DEVICE_NAME, 0);

    mnl_attr_put(request, IFLA_ADDRESS, sizeof source_mac, source_mac);
    mnl_attr_put_u32(request, IFLA_MTU, mtu);
    return netlink_send(netlink);
}

/* A link-local address would be looked for on the link, and routers asked for, in every capture. */
static bool forbid_link_local(struct netlink *netlink)
{
    struct nlmsghdr *request = begin_link(netlink, DEVICE_NAME, 0);
    struct nlattr *families = mnl_attr_nest_start(request, IFLA_AF_SPEC);
    struct nlattr *inet6 = mnl_attr_nest_start(request, AF_INET6);

    mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(request, inet6);
    mnl_attr_nest_end(request, families);
    return netlink_send(netlink);
}

static uint8_t family_of(const struct tf_addr *addr)
{
    return addr->version == 4 ? AF_INET : AF_INET6;
}

static bool add_address(struct netlink *netlink, const struct tf_addr *addr)
{
    struct ifaddrmsg *message = netlink_begin(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
                                              sizeof *message);

    message->ifa_family = family_of(addr);
    message->ifa_prefixlen = (uint8_t)(8 * tf_addr_len(addr));
    message->ifa_flags = IFA_F_NODAD;
    message->ifa_index = index_of(netlink, DEVICE_NAME);
    mnl_attr_put(netlink->request, IFA_LOCAL, tf_addr_len(addr), addr->bytes);
    mnl_attr_put(netlink->request, IFA_ADDRESS, tf_addr_len(addr), addr->bytes);
    return netlink_send(netlink);
}

static bool add_route(struct netlink *netlink, const struct tf_addr *gateway,
                      const struct tf_addr *source)
{
    struct rtmsg *route = netlink_begin(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
                                        sizeof *route);

    route->rtm_family = family_of(gateway);
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_scope = RT_SCOPE_UNIVERSE;
    route->rtm_type = RTN_UNICAST;
    route->rtm_flags = RTNH_F_ONLINK; /* the gateway is in no prefix of the device */
    mnl_attr_put(netlink->request, RTA_GATEWAY, tf_addr_len(gateway), gateway->bytes);
    mnl_attr_put_u32(netlink->request, RTA_OIF, index_of(netlink, DEVICE_NAME));
    mnl_attr_put(netlink->request, RTA_PREFSRC, tf_addr_len(source), source->bytes);
    return netlink_send(netlink);
}

static bool has_ipv6(void)
{
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno != EAFNOSUPPORT;
    close(fd);
    return true;
}

static bool add_family(struct netlink *netlink, const struct topology *topology,
                       const struct tf_addr *source, GError **error)
{
    struct tf_addr gateway = source->version == 4 ? some_gateway4 : some_gateway6;
    char text[TF_ADDR_TEXT_LEN];

    if (source->version == 0)
        return true;
    topology_address(topology, topology->first, source->version, 0, &gateway);
    return (add_address(netlink, source) || fail(error, tf_addr_text(source, text))) &&
           (add_route(netlink, &gateway, source) || fail(error, tf_addr_text(&gateway, text)));
}

/* Whether a line of /proc/net/ipv6_route is the local route to an address, in hexadecimal digits.
 */
static bool is_local_route(const char *line, const char *digits)
{
    enum { TO, TO_LEN, FROM, FROM_LEN, NEXT_HOP, METRIC, REFERENCES, USE, FLAGS, DEVICE, FIELDS };
    g_autofree char *text = g_strstrip(g_strdup(line));
    g_auto(GStrv) fields = g_strsplit(text, " ", FIELDS);

    return g_strv_length(fields) == FIELDS && g_str_equal(fields[TO], digits) &&
           (g_ascii_strtoull(fields[FLAGS], NULL, 16) & RTF_LOCAL) != 0;
}

/* Whether the kernel takes packets to an address of its own. */
static bool is_reachable(const struct tf_addr *addr)
{
    g_autoptr(GString) digits = g_string_new(NULL);
    g_autofree char *text = NULL;
    bool found = false;

    for (unsigned i = 0; i < tf_addr_len(addr); i++)
        g_string_append_printf(digits, "%02x", addr->bytes[i]);
    if (!g_file_get_contents("/proc/net/ipv6_route", &text, NULL, NULL))
        return true;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        found = found || is_local_route(*line, digits->str);
    return found;
}

/*
 * A worker of the kernel sets that route when it has its turn. The answer to a neighbour
 * solicitation that comes before is dropped, and the next one is sent a second later: in vain for
 * whoever waits less for his own answers.
 */
static void wait_reachable(const struct tf_addr *addr)
{
    for (int polls = 0; polls < REACHABLE_POLLS && !is_reachable(addr); polls++)
        g_usleep(REACHABLE_POLL_US);
}

static bool configure6(struct netlink *netlink, const struct topology *topology, GError **error)
{
    const bool wanted = topology->source6.version == 6;

    if (has_ipv6()) {
        if (!add_family(netlink, topology, &topology->source6, error))
            return false;
        if (wanted)
            wait_reachable(&topology->source6);
        return true;
    }
    if (wanted)
        tf_note("this kernel has no IPv6: the IPv4 part of the topology alone can be reached");
    return true;
}

static bool write_setting(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;

    const ssize_t written = write(fd, text, strlen(text));
    close(fd);
    return written > 0;
}

/* A machine that has switched it off may hand that down to new network namespaces. */
static void switch_ipv6_on(void)
{
    write_setting("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n");
    write_setting("/proc/sys/net/ipv6/conf/" DEVICE_NAME "/disable_ipv6", "0\n");
}

static bool configure(struct netlink *netlink, const struct topology *topology, GError **error)
{
    if (has_ipv6() && !forbid_link_local(netlink))
        return fail(error, "address generation mode none");
    return (set_up(netlink, "lo") || fail(error, "loopback device up")) &&
           (set_link(netlink, topology->mtu) || fail(error, "address and MTU")) &&
           (set_up(netlink, DEVICE_NAME) || fail(error, "up")) &&
           add_family(netlink, topology, &topology->source4, error) &&
           configure6(netlink, topology, error);
}

/* So that ping needs no privilege; where few groups are known, for the user's own. */
static void allow_ping(void)
{
    const gid_t own = getegid();
    const gid_t ranges[][2] = { { 0, G_MAXINT32 }, { own, own } };
    bool written = false;

    for (size_t i = 0; i < G_N_ELEMENTS(ranges) && !written; i++) {
        g_autofree char *range = g_strdup_printf("%u %u\n", ranges[i][0], ranges[i][1]);
        written = write_setting("/proc/sys/net/ipv4/ping_group_range", range);
    }
}

int device_open(const struct topology *topology, GError **error)
{
    struct netlink netlink;
    const int tap = open_tap(error);
    if (tap < 0)
        return -1;

    switch_ipv6_on();
    bool ready = netlink_open(&netlink, error);
    if (ready) {
        ready = configure(&netlink, topology, error);
        netlink_close(&netlink);
    }
    if (ready) {
        allow_ping();
        return tap;
    }
    close(tap);
    return -1;
}
