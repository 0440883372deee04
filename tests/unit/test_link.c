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
    size_t ip_at; /* if TF_OK */
};

#define MACS 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1

static const struct link_case cases[] = {
    { "Ethernet, IPv4", TF_LINKTYPE_ETHERNET, BYTES(MACS, 8, 0, IP), TF_OK, 14 },
    { "Ethernet, IPv6", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x86, 0xdd, IP), TF_OK, 14 },
    { "Ethernet, ARP", TF_LINKTYPE_ETHERNET, BYTES(MACS, 8, 6, IP), TF_NOT_OURS, 0 },
    { "Ethernet, 802.3 length instead of a type", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0, 38, IP),
      TF_NOT_OURS, 0 },
    { "Ethernet, 802.1Q VLAN 5", TF_LINKTYPE_ETHERNET, BYTES(MACS, 0x81, 0, 0, 5, 8, 0, IP), TF_OK,
      18 },
    { "Ethernet, 802.1ad around 802.1Q", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 5, 0x86, 0xdd, IP), TF_OK, 22 },
    { "Ethernet, the old QinQ type, three deep", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x91, 0, 0, 7, 0x91, 0, 0, 6, 0x81, 0, 0, 5, 8, 0, IP), TF_OK, 26 },
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
    { "Ethernet, an MPLS pseudowire", TF_LINKTYPE_ETHERNET,
      BYTES(MACS, 0x88, 0x47, 0, 1, 1, 7, 0, 0, 0, 0), TF_NOT_OURS, 0 },
    /* packet type 4 (sent by us), ARPHRD 1, address length 6, address, EtherType */
    { "Linux cooked", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, IP), TF_OK, 16 },
    { "Linux cooked, VLAN", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 5, 8, 0, IP), TF_OK, 20 },
    { "Linux cooked, LLC (protocol 4)", TF_LINKTYPE_LINUX_SLL,
      BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0, 4, IP), TF_NOT_OURS, 0 },
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
    { "raw", TF_LINKTYPE_RAW, BYTES(IP), TF_OK, 0 },
    { "raw, as libpcap says it", TF_LINKTYPE_DLT_RAW, BYTES(IP), TF_OK, 0 },
    { "raw, as OpenBSD says it", TF_LINKTYPE_DLT_RAW_OPENBSD, BYTES(IP), TF_OK, 0 },
    { "raw IPv4", TF_LINKTYPE_IPV4, BYTES(IP), TF_OK, 0 },
    { "raw IPv6", TF_LINKTYPE_IPV6, BYTES(IP), TF_OK, 0 },
    { "IEEE 802.11 is not known", 105, BYTES(8, 0, IP), TF_NOT_OURS, 0 },
    { "no link type", -1, BYTES(IP), TF_NOT_OURS, 0 },
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

static void test_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct link_case *c = &cases[i];
        size_t ip_at = 99;
        size_t ip_len = 99;

        check(decode(c, c->frame.len, &ip_at, &ip_len) == c->want, "%s: status", c->name);
        if (c->want != TF_OK)
            continue;
        check(ip_at == c->ip_at, "%s: IP at %zu", c->name, ip_at);
        check(ip_len == c->frame.len - c->ip_at, "%s: %zu bytes of IP", c->name, ip_len);
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
        cmocka_unit_test(test_truncated_frames),
        cmocka_unit_test(test_known_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
