/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link layers: where the IP packet begins in frames of every known link type. */
#include "support.h"

#include "traceflow/link.h"

/* The IP packet stands for itself: two bytes that say where it began. */
#define IP 0x45, 0xaa

struct link_case {
    const char *name;
    int linktype;
    struct bytes frame;
    enum tf_status want;
    unsigned ip_at; /* if TF_OK */
};

#define MACS_BUT_ONE 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define MACS         2, MACS_BUT_ONE
#define ZEROS_16     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define ZEROS_40     ZEROS_16, ZEROS_16, 0, 0, 0, 0, 0, 0, 0, 0

/* IPv4 headers, one with a right checksum. */
#define SEALED   0x45, 0, 0, 20, 0, 0, 0, 0, 9, 17, 0xc5, 0x9b, 192, 0, 2, 1, 198, 51, 100, 9
#define UNSEALED 0x45, 0, 0, 20, 0, 0, 0, 0, 9, 17, 0xff, 0x18, 192, 0, 2, 1, 198, 51, 100, 9

static const struct link_case cases[] = {
    { "Ethernet, IPv4", TF_LINKTYPE_ETHERNET, BYTES(MACS, 8, 0, IP), TF_OK, 14 },
    { "Ethernet, IPv6", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x86, 0xdd, IP), TF_OK, 14 },
    { "Ethernet, ARP", TF_LINKTYPE_ETHERNET, BYTES(MACS, 8, 6, IP), TF_NOT_OURS, 0 },
    { "Ethernet, spanning tree by LLC", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0, 38, 0x42, 0x42, 3, 0, 0), TF_NOT_OURS, 0 },
    { "Ethernet, SNAP", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0, 38, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP),
      TF_OK, 22 },
    { "Ethernet, SNAP of Cisco's own protocols", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0, 38, 0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0, IP), TF_NOT_OURS, 0 },
    { "Ethernet, LLC of IP", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0, 38, 6, 6, 3, IP), TF_OK, 17 },
    { "Ethernet, 802.1Q VLAN 5", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x81, 0, 0, 5, 8, 0, IP), TF_OK,
      18 },
    { "Ethernet, 802.1ad around 802.1Q", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 5, 0x86, 0xdd, IP), TF_OK, 22 },
    { "Ethernet, the old QinQ type, three deep", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x91, 0, 0, 7, 0x91, 0, 0, 6, 0x81, 0, 0, 5, 8, 0, IP), TF_OK, 26 },
    { "Ethernet, 802.1BR, VLAN", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x89, 0x3f, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 5, 8, 0, IP), TF_OK, 26 },
    { "Ethernet, VN-Tag", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x89, 0x26, 0, 0, 0, 0, 8, 0, IP),
      TF_OK, 20 },
    { "Ethernet, a security group tag", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x89, 0x09, 1, 1, 0, 1, 0, 9, 8, 0, IP), TF_OK, 22 },
    { "Ethernet, provider backbone bridges (802.1ah)", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0xe7, 0, 0, 0, 7, MACS, 0x86, 0xdd, IP), TF_OK, 32 },
    { "Ethernet, PPPoE session", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x64, 0x11, 0, 0, 7, 0, 4, 0, 0x21, IP), TF_OK, 22 },
    { "Ethernet, PPPoE of IPv6 in a VLAN", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x81, 0, 0, 5, 0x88, 0x64, 0x11, 0, 0, 7, 0, 4, 0, 0x57, IP), TF_OK, 26 },
    { "Ethernet, PPPoE of MPLS", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x64, 0x11, 0, 0, 7, 0, 8, 2, 0x81, 0, 1, 1, 7, IP), TF_OK, 26 },
    { "Ethernet, PPPoE's link control", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x64, 0x11, 0, 0, 7, 0, 4, 0xc0, 0x21, IP), TF_NOT_OURS, 0 },
    { "Ethernet, PPPoE of another version", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x64, 0x21, 0, 0, 7, 0, 4, 0, 0x21, IP), TF_NOT_OURS, 0 },
    { "Ethernet, PPPoE discovery", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x63, 0x11, 9, 0, 0, 0, 4, 0, 0x21, IP), TF_NOT_OURS, 0 },
    { "Ethernet, VLAN of ARP", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x81, 0, 0, 5, 8, 6, IP),
      TF_NOT_OURS, 0 },
    /* label 16, traffic class 0, bottom, TTL 7 */
    { "Ethernet, one MPLS label", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, IP),
      TF_OK, 18 },
    { "Ethernet, three MPLS labels", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 0, 7, 0xff, 0xff, 0xfe, 255, 0, 1, 1, 7, IP), TF_OK, 26 },
    { "Ethernet, MPLS in a VLAN", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x81, 0, 0, 5, 0x88, 0x47, 0, 1, 1, 7, IP), TF_OK, 22 },
    { "Ethernet, an MPLS stack without bottom", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 0, 7, 0, 1, 0, 7), TF_SHORT, 0 },
    { "Ethernet, MPLS with upstream labels", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x48, 0, 1, 1, 7, IP), TF_OK, 18 },
    { "Ethernet, an MPLS pseudowire of who knows what", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0, 0, 0, 0), TF_NOT_OURS, 0 },
    { "Ethernet, a pseudowire whose IP header does not add up", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0, 0, 0, 0, MACS, 8, 0, UNSEALED), TF_NOT_OURS, 0 },
    { "Ethernet, an MPLS packet whose own header adds up and whose source looks like a type",
      TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0x45, 0, 0, 20, 0, 0, 0, 0, 9, 17, 0x64, 0xc6, 8, 0, 0x45,
            0, 0, 20, 0, 0, 0, 0, 9, 17, 0xc5, 0x9b, 192, 0, 2, 1, 198, 51, 100, 9),
      TF_OK, 18 },
    /* packet type 4 (sent by us), ARPHRD 1, address length 6, address, EtherType */
    { "Linux cooked", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, IP), TF_OK, 16 },
    { "Linux cooked, VLAN", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 5, 8, 0, IP), TF_OK, 20 },
    { "Linux cooked, SNAP (protocol 4)", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP),
      TF_OK, 24 },
    /* EtherType, reserved, interface 3, ARPHRD 1, packet type 4, address length 6, address */
    { "Linux cooked 2", TF_LINKTYPE_LINUX_SLL2,
      BYTES(8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0, IP), TF_OK, 20 },
    { "Linux cooked 2, IPv6", TF_LINKTYPE_LINUX_SLL2,
      BYTES(0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0, IP), TF_OK, 20 },
    { "Linux cooked 2, ARP", TF_LINKTYPE_LINUX_SLL2,
      BYTES(8, 6, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0, IP), TF_NOT_OURS, 0 },
    { "BSD loopback, a little-endian host's AF_INET", TF_LINKTYPE_NULL, BYTES(2, 0, 0, 0, IP),
      TF_OK, 4 },
    { "BSD loopback, a big-endian host's", TF_LINKTYPE_NULL, BYTES(0, 0, 0, 2, IP), TF_OK, 4 },
    { "BSD loopback, FreeBSD's AF_INET6", TF_LINKTYPE_NULL, BYTES(28, 0, 0, 0, IP), TF_OK, 4 },
    { "OpenBSD loopback", TF_LINKTYPE_LOOP, BYTES(0, 0, 0, 24, IP), TF_OK, 4 },
    { "PPP", TF_LINKTYPE_PPP, BYTES(0xff, 3, 0, 0x21, IP), TF_OK, 4 },
    { "PPP, IPv6", TF_LINKTYPE_PPP, BYTES(0xff, 3, 0, 0x57, IP), TF_OK, 4 },
    { "PPP, address and control left away", TF_LINKTYPE_PPP, BYTES(0, 0x21, IP), TF_OK, 2 },
    { "PPP, half of the protocol left away too", TF_LINKTYPE_PPP, BYTES(0x21, IP), TF_OK, 1 },
    { "PPP, MPLS", TF_LINKTYPE_PPP, BYTES(0xff, 3, 2, 0x81, 0, 1, 1, 7, IP), TF_OK, 8 },
    { "PPP, IPv4's control protocol", TF_LINKTYPE_PPP, BYTES(0xff, 3, 0x80, 0x21, IP), TF_NOT_OURS,
      0 },
    { "PPP by HDLC", TF_LINKTYPE_PPP_HDLC, BYTES(0xff, 3, 0, 0x21, IP), TF_OK, 4 },
    { "PPP by HDLC, Cisco's", TF_LINKTYPE_PPP_HDLC, BYTES(0x0f, 0, 8, 0, IP), TF_OK, 4 },
    { "PPPoE alone", TF_LINKTYPE_PPP_ETHER, BYTES(0x11, 0, 0, 7, 0, 4, 0, 0x21, IP), TF_OK, 8 },
    { "PPP with a direction for an address", TF_LINKTYPE_PPP_PPPD, BYTES(1, 3, 0, 0x21, IP), TF_OK,
      4 },
    { "PPP behind a direction", TF_LINKTYPE_PPP_WITH_DIR, BYTES(1, 0xff, 3, 0, 0x21, IP), TF_OK,
      5 },
    { "Cisco's HDLC", TF_LINKTYPE_C_HDLC, BYTES(0x0f, 0, 0x86, 0xdd, IP), TF_OK, 4 },
    { "Cisco's HDLC, keepalive", TF_LINKTYPE_C_HDLC, BYTES(0x8f, 0, 0x80, 0x35, IP), TF_NOT_OURS,
      0 },
    { "Cisco's HDLC behind a direction", TF_LINKTYPE_C_HDLC_WITH_DIR, BYTES(1, 0x0f, 0, 8, 0, IP),
      TF_OK, 5 },
    { "Frame Relay, IPv4", TF_LINKTYPE_FRELAY, BYTES(0x18, 0x41, 3, 0xcc, IP), TF_OK, 4 },
    { "Frame Relay, IPv6, an address of four bytes, padding", TF_LINKTYPE_FRELAY,
      BYTES(0x18, 0x40, 0x40, 0x41, 3, 0, 0x8e, IP), TF_OK, 7 },
    { "Frame Relay, SNAP", TF_LINKTYPE_FRELAY, BYTES(0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0, IP),
      TF_OK, 10 },
    { "Frame Relay, Cisco's", TF_LINKTYPE_FRELAY, BYTES(0x18, 0x41, 8, 0, IP), TF_OK, 4 },
    { "Frame Relay, an address without end", TF_LINKTYPE_FRELAY, BYTES(0x18, 0x40, 0, 0, 3, 0xcc),
      TF_NOT_OURS, 0 },
    { "ATM, SNAP", TF_LINKTYPE_ATM_RFC1483, BYTES(0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP), TF_OK, 8 },
    { "ATM, as libpcap says it", TF_LINKTYPE_DLT_ATM_RFC1483,
      BYTES(0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IP), TF_OK, 8 },
    { "MPLS alone", TF_LINKTYPE_MPLS, BYTES(0, 1, 1, 7, IP), TF_OK, 4 },
    { "IP over InfiniBand", TF_LINKTYPE_IPOIB, BYTES(ZEROS_40, 8, 0, 0, 0, IP), TF_OK, 44 },
    { "OpenBSD's IPsec interface", TF_LINKTYPE_ENC, BYTES(2, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, IP),
      TF_OK, 12 },
    { "OpenBSD's packet filter, 61 bytes, padded", TF_LINKTYPE_PFLOG,
      BYTES(61, 2, 0, 0, ZEROS_40, ZEROS_16, 0, 0, 0, 0, IP), TF_OK, 64 },
    { "OpenBSD's packet filter, too short a header", TF_LINKTYPE_PFLOG, BYTES(44, 2, 0, 0, IP),
      TF_NOT_OURS, 0 },
    /* family, version, resource; a prefix of five bytes, padded; the packet */
    { "Linux netfilter log", TF_LINKTYPE_NFLOG,
      BYTES(2, 0, 0, 1, 9, 0, 10, 0, 't', 'e', 's', 't', 0, 0, 0, 0, 6, 0, 9, 0, IP), TF_OK, 20 },
    { "Linux netfilter log, a big-endian host's", TF_LINKTYPE_NFLOG,
      BYTES(2, 0, 0, 1, 0, 9, 0, 10, 't', 'e', 's', 't', 0, 0, 0, 0, 0, 6, 0, 9, IP), TF_OK, 20 },
    { "Linux netfilter log, an attribute of no length", TF_LINKTYPE_NFLOG,
      BYTES(2, 0, 0, 1, 0, 0, 0, 0, 6, 0, 9, 0, IP), TF_BAD, 0 },
    { "Linux netfilter log, another version", TF_LINKTYPE_NFLOG, BYTES(2, 1, 0, 1, 6, 0, 9, 0, IP),
      TF_NOT_OURS, 0 },
    { "per-packet information, Ethernet", TF_LINKTYPE_PPI,
      BYTES(0, 0, 12, 0, 1, 0, 0, 0, 9, 9, 9, 9, MACS, 8, 0, IP), TF_OK, 26 },
    { "per-packet information of an unknown link type", TF_LINKTYPE_PPI,
      BYTES(0, 0, 8, 0, 105, 0, 0, 0, IP), TF_NOT_OURS, 0 },
    { "per-packet information of a link type beyond numbers", TF_LINKTYPE_PPI,
      BYTES(0, 0, 8, 0, 1, 0, 0, 0x80, IP), TF_NOT_OURS, 0 },
    { "macOS's packet tap, raw", TF_LINKTYPE_PKTAP, BYTES(12, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, IP),
      TF_OK, 12 },
    { "macOS's packet tap, no packet", TF_LINKTYPE_PKTAP,
      BYTES(12, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, IP), TF_NOT_OURS, 0 },
    { "raw", TF_LINKTYPE_RAW, BYTES(IP), TF_OK, 0 },
    { "raw, as libpcap says it", TF_LINKTYPE_DLT_RAW, BYTES(IP), TF_OK, 0 },
    { "raw, as OpenBSD says it", TF_LINKTYPE_DLT_RAW_OPENBSD, BYTES(IP), TF_OK, 0 },
    { "raw IPv4", TF_LINKTYPE_IPV4, BYTES(IP), TF_OK, 0 },
    { "raw IPv6", TF_LINKTYPE_IPV6, BYTES(IP), TF_OK, 0 },
    { "IEEE 802.11 is not known", 105, BYTES(8, 0, IP), TF_NOT_OURS, 0 },
    { "no link type", -1, BYTES(IP), TF_NOT_OURS, 0 },
};

/* What they are is told by what is in them, not by a header: cut, they cannot be told. */
static const struct link_case pseudowires[] = {
    { "a pseudowire with control word", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0, 0, 0, 0, MACS, 8, 0, SEALED), TF_OK, 36 },
    { "a pseudowire without", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, MACS, 8, 0, SEALED), TF_OK, 32 },
    { "a pseudowire of a VLAN", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, MACS, 0x81, 0, 0, 5, 8, 0, SEALED), TF_OK, 36 },
    { "a pseudowire of a MAC address that begins with 4", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0x46, MACS_BUT_ONE, 8, 0, SEALED), TF_OK, 32 },
    { "a pseudowire of a MAC address that begins with 6", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0x60, MACS_BUT_ONE, 8, 0, SEALED), TF_OK, 32 },
};

static enum tf_status decode(const struct link_case *c, size_t len, size_t *ip_at, size_t *ip_len)
{
    const uint8_t *frame = guarded(c->frame.at, len);
    const uint8_t *ip = NULL;
    const enum tf_status status = tf_link_decode(&ip, ip_len, c->linktype, frame, len);

    if (status == TF_OK)
        *ip_at = (size_t)(ip - frame);
    return status;
}

static void check_frame(const struct link_case *c)
{
    size_t ip_at = 99;
    size_t ip_len = 99;

    check(decode(c, c->frame.len, &ip_at, &ip_len) == c->want, "%s: status", c->name);
    if (c->want != TF_OK)
        return;
    check(ip_at == c->ip_at, "%s: IP at %zu", c->name, ip_at);
    check(ip_len == c->frame.len - c->ip_at, "%s: %zu bytes of IP", c->name, ip_len);
}

static void test_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_frame(&cases[i]);
}

static void test_pseudowires(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pseudowires); i++) {
        const struct link_case *c = &pseudowires[i];
        size_t ip_at = 0;
        size_t ip_len = 0;

        check_frame(c);
        for (size_t n = 0; n < c->frame.len; n++)
            check(decode(c, n, &ip_at, &ip_len) != TF_OK || ip_len <= n, "%s: cut to %zu bytes",
                  c->name, n);
    }
}

static void test_truncated_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct link_case *c = &cases[i];
        size_t ip_at = 0;
        size_t ip_len = 0;

        for (size_t n = 0; c->want == TF_OK && n < c->frame.len; n++) {
            const enum tf_status want = n < c->ip_at ? TF_SHORT : TF_OK;
            check(decode(c, n, &ip_at, &ip_len) == want, "%s: cut to %zu bytes", c->name, n);
            check(want != TF_OK || ip_len == n - c->ip_at, "%s: cut to %zu: length", c->name, n);
        }
    }
}

static void test_known_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const bool want = cases[i].linktype != 105 && cases[i].linktype != -1;
        check(tf_link_known(cases[i].linktype) == want, "%s", cases[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_pseudowires),
        cmocka_unit_test(test_truncated_frames),
        cmocka_unit_test(test_known_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
