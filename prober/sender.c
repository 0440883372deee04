/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending by libnet.
 *
 * Without labels through a raw socket: the kernel routes the packet and, of IPv4, fills the header
 * checksum in; IPv6 goes out byte for byte, the flow label too. With labels the kernel would have
 * to know of MPLS, so frames are put on the link as they are.
 *
 * Nothing here waits: a full socket buffer gives EAGAIN, a full queue of the interface ENOBUFS.
 */
#include "sender.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <linux/filter.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "neighbour.h"
#include "traceflow/error.h"
#include "traceflow/ip.h"
#include "traceflow/wire.h"

enum { REPORTED_ERRORS_MAX = 8 }; /* in a row */

struct sender {
    libnet_t *libnet;
    uint8_t version;
    struct label_stack labels;
    uint8_t src_mac[TF_MAC_LEN];
    uint8_t dst_mac[TF_MAC_LEN];
};

static bool fail(GError **error, const char *what, const char *why)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", what, why);
    return false;
}

static libnet_t *open_libnet(int type, const char *device, GError **error)
{
    char reason[LIBNET_ERRBUF_SIZE] = "";
    libnet_t *libnet = libnet_init(type, device, reason);

    if (libnet == NULL)
        g_set_error(error, TF_ERROR, errno == EPERM ? TF_EXIT_PRIVILEGE : TF_EXIT_IO,
                    "cannot open a raw socket: %s", g_strchomp(reason));
    return libnet;
}

static bool set_nonblocking(int fd, GError **error)
{
    const int flags = fcntl(fd, F_GETFL);

    return (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0) ||
           fail(error, "cannot set up a raw socket", g_strerror(errno));
}

/* Unless a raw socket asks for errors, a packet that finds the interface's queue full is lost
 * without a word. */
static bool report_full_queues(int fd, uint8_t version, GError **error)
{
    const int one = 1;

    return setsockopt(fd, version == 6 ? IPPROTO_IPV6 : IPPROTO_IP,
                      version == 6 ? IPV6_RECVERR : IP_RECVERR, &one, sizeof one) == 0 ||
           fail(error, "cannot set up a raw socket", g_strerror(errno));
}

/* What stays on this host is routed by the addresses' own interfaces: bound to the loopback, IPv6
 * finds no way to them. */
static bool is_loopback(int fd, const char *interface)
{
    struct ifreq request = { 0 };

    g_strlcpy(request.ifr_name, interface, sizeof request.ifr_name);
    return ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK) != 0;
}

static bool bind_to(int fd, const char *interface, GError **error)
{
    return interface == NULL || is_loopback(fd, interface) ||
           setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) ==
               0 ||
           fail(error, interface, g_strerror(errno));
}

static bool open_raw(struct sender *sender, const struct sender_options *options, GError **error)
{
    sender->libnet = open_libnet(options->version == 6 ? LIBNET_RAW6_ADV : LIBNET_RAW4_ADV, NULL,
                                 error);
    if (sender->libnet == NULL)
        return false;
    const int fd = libnet_getfd(sender->libnet);
    return bind_to(fd, options->interface, error) && set_nonblocking(fd, error) &&
           report_full_queues(fd, options->version, error);
}

/* A packet socket gets a copy of all that the interface receives; nobody would read it. */
static bool receive_nothing(int fd, GError **error)
{
    struct sock_filter refuse_all = BPF_STMT(BPF_RET | BPF_K, 0);
    const struct sock_fprog filter = { .len = 1, .filter = &refuse_all };

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 ||
           fail(error, "cannot set up a packet socket", g_strerror(errno));
}

static bool read_mac(uint8_t mac[TF_MAC_LEN], int fd, const char *interface, GError **error)
{
    struct ifreq request = { 0 };

    g_strlcpy(request.ifr_name, interface, sizeof request.ifr_name);
    if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
        return fail(error, interface, g_strerror(errno));
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return fail(error, interface, "no Ethernet, so it carries no labels");
    memcpy(mac, request.ifr_hwaddr.sa_data, TF_MAC_LEN);
    return true;
}

static bool open_link(struct sender *sender, const struct sender_options *options, GError **error)
{
    sender->libnet = open_libnet(LIBNET_LINK_ADV, options->interface, error);
    if (sender->libnet == NULL)
        return false;
    const int fd = libnet_getfd(sender->libnet);
    if (!receive_nothing(fd, error) || !set_nonblocking(fd, error) ||
        !read_mac(sender->src_mac, fd, options->interface, error))
        return false;
    if (!options->has_gateway_mac)
        return neighbour_find(sender->dst_mac, options->interface, &options->next_hop, error);
    memcpy(sender->dst_mac, options->gateway_mac, TF_MAC_LEN);
    return true;
}

struct sender *sender_open(const struct sender_options *options, GError **error)
{
    struct sender *sender = g_new0(struct sender, 1);

    sender->version = options->version;
    sender->labels = options->labels;
    const bool ok = options->labels.entries.depth > 0 ? open_link(sender, options, error)
                                                      : open_raw(sender, options, error);
    if (ok)
        return sender;
    sender_free(sender);
    return NULL;
}

void sender_free(struct sender *sender)
{
    if (sender == NULL)
        return;
    libnet_destroy(sender->libnet);
    g_free(sender);
}

/* From the bottom of the stack up: libnet puts each block before the last. */
static bool build_labels(struct sender *sender, const uint8_t *packet, size_t len)
{
    const struct label_stack *labels = &sender->labels;
    const uint8_t packet_ttl = packet[sender->version == 6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL];

    for (size_t i = tf_mpls_kept(&labels->entries); i-- > 0;) {
        const struct tf_mpls *entry = &labels->entries.entry[i];
        const uint8_t ttl = labels->ttl_given[i] ? entry->ttl : packet_ttl;
        if (libnet_build_mpls(entry->label, entry->tc, entry->bottom, ttl,
                              entry->bottom ? packet : NULL, entry->bottom ? (uint32_t)len : 0,
                              sender->libnet, 0) == -1)
            return false;
    }
    return true;
}

static int write_frame(struct sender *sender, const uint8_t *packet, size_t len)
{
    libnet_clear_packet(sender->libnet);
    if (!build_labels(sender, packet, len) ||
        libnet_build_ethernet(sender->dst_mac, sender->src_mac, TF_ETHERTYPE_MPLS, NULL, 0,
                              sender->libnet, 0) == -1) {
        errno = EINVAL;
        return -1;
    }
    return libnet_write(sender->libnet);
}

static int write_packet(struct sender *sender, const uint8_t *packet, size_t len)
{
    if (sender->labels.entries.depth > 0)
        return write_frame(sender, packet, len);
    if (sender->version == 6)
        return libnet_write_raw_ipv6(sender->libnet, packet, (uint32_t)len);
    return libnet_adv_write_raw_ipv4(sender->libnet, packet, (uint32_t)len);
}

/*
 * An ICMP error that quotes a raw socket's own protocol, 255, is reported at the next write: many
 * kernels do so, and anybody can forge one. It is reported once, and a firewall may drop now and
 * then, too; only what stands in the way of every write is an error.
 */
static bool write_again(struct sender *sender, const uint8_t *packet, size_t len)
{
    for (int i = 0; i < REPORTED_ERRORS_MAX; i++)
        if (write_packet(sender, packet, len) >= 0)
            return true;
    return false;
}

static bool is_full(int reason)
{
    return reason == ENOBUFS || reason == EAGAIN || reason == EWOULDBLOCK;
}

enum sender_result sender_send(struct sender *sender, const uint8_t *packet, size_t len,
                               GError **error)
{
    if (write_packet(sender, packet, len) >= 0 ||
        (!is_full(errno) && write_again(sender, packet, len)))
        return SENDER_SENT;
    if (is_full(errno))
        return SENDER_BUSY;

    const int reason = errno;
    struct tf_ip ip = { 0 };
    char text[TF_ADDR_TEXT_LEN] = "?";
    if (tf_ip_decode(&ip, packet, len) == TF_OK)
        tf_addr_text(&ip.dst, text);
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "cannot send to %s: %s", text, g_strerror(reason));
    return SENDER_FAILED;
}
