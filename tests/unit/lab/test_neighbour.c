/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway in ARP and neighbour discovery: what it claims, and what it leaves alone. */
#include "support.h"

#include <string.h>

#include "neighbour.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"

#define SOURCE_MAC  2, 0, 0, 0, 0, 1
#define GATEWAY_MAC 2, 0, 0, 0, 0, 2
#define NOBODY      0, 0, 0, 0, 0, 0
#define SOURCE      192, 0, 2, 1
#define ROUTER      10, 0, 0, 1
/* Ethernet, IPv4, address lengths 6 and 4 */
#define ARP_HEAD 0, 1, 8, 0, 6, 4

static struct topology internet(void)
{
    return (struct topology){ .source4 = addr("192.0.2.1"), .source6 = addr("2001:db8:a::1") };
}

struct arp_case {
    const char *name;
    struct bytes arp;
    bool answered;
};

static const struct arp_case arp_cases[] = {
    { "a request for a router", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER), true },
    { "a request asked again, to the address known before",
      BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, GATEWAY_MAC, ROUTER), true },
    { "a request in a padded frame",
      BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER, 0, 0, 0, 0, 0, 0), true },
    { "a request of another sender",
      BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, 192, 0, 2, 7, NOBODY, ROUTER), true },
    { "a request for the source's own address",
      BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, 192, 0, 2, 7, NOBODY, SOURCE), false },
    { "a probe", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, 0, 0, 0, 0, NOBODY, ROUTER), false },
    { "an announcement", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, 192, 0, 2, 7, NOBODY, 192, 0, 2, 7),
      false },
    { "a reply", BYTES(ARP_HEAD, 0, 2, SOURCE_MAC, SOURCE, GATEWAY_MAC, ROUTER), false },
    { "a reverse request (RFC 903)", BYTES(ARP_HEAD, 0, 3, SOURCE_MAC, SOURCE, NOBODY, ROUTER),
      false },
    { "for this network", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, 0, 0, 0, 0), false },
    { "for loopback", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, 127, 0, 0, 1), false },
    { "for a group", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, 224, 0, 0, 1), false },
    { "for all", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, SOURCE, NOBODY, 255, 255, 255, 255), false },
    { "from a group", BYTES(ARP_HEAD, 0, 1, SOURCE_MAC, 224, 0, 0, 1, NOBODY, ROUTER), false },
    { "hardware is not Ethernet", BYTES(0, 6, 8, 0, 6, 4, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER),
      false },
    { "protocol is not IPv4",
      BYTES(0, 1, 0x86, 0xdd, 6, 4, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER), false },
    { "hardware addresses of 255 bytes",
      BYTES(0, 1, 8, 0, 255, 4, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER), false },
    { "protocol addresses of 16 bytes",
      BYTES(0, 1, 8, 0, 6, 16, 0, 1, SOURCE_MAC, SOURCE, NOBODY, ROUTER), false },
};

/* RFC 826: operation 2, the gateway at the address that was asked for, the asker as target. */
static void check_arp_reply(const struct arp_case *c, const struct neighbour_reply *reply)
{
    static const uint8_t head[] = { ARP_HEAD, 0, 2, GATEWAY_MAC };
    struct packet want = { .len = 0 };

    append(&want, head, sizeof head);
    append(&want, c->arp.at + TF_ARP_TARGET, 4);
    append(&want, c->arp.at + TF_ARP_SENDER_MAC, 10);
    check(reply->ethertype == 0x0806, "%s: type %04x", c->name, reply->ethertype);
    check(reply->len == want.len && memcmp(reply->bytes, want.bytes, want.len) == 0, "%s: reply",
          c->name);
}

static void test_arp(void **state)
{
    const struct topology topology = internet();

    (void)state;
    for (size_t i = 0; i < COUNT(arp_cases); i++) {
        const struct arp_case *c = &arp_cases[i];
        const enum neighbour_result want = c->answered ? NEIGHBOUR_ANSWER : NEIGHBOUR_SILENT;
        struct neighbour_reply reply;

        check(neighbour_arp(&reply, &topology, guarded(c->arp.at, c->arp.len), c->arp.len) == want,
              "%s", c->name);
        if (c->answered)
            check_arp_reply(c, &reply);
        for (size_t n = 0; n < TF_ARP_LEN; n++)
            check(neighbour_arp(&reply, &topology, guarded(c->arp.at, n), n) == NEIGHBOUR_SILENT,
                  "%s: cut to %zu bytes", c->name, n);
    }
}

/* clang-format off */
/* 2001:db8:a::1 asks ff02::1:ff00:9 for 2001:db8:1::9; its own link-layer address as option */
static const uint8_t solicitation[] = {
    0x60, 0, 0, 0, 0, 32, 58, 255,
    0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 9,
    135, 0, 0x1c, 0x0e, 0, 0, 0, 0,
    0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    1, 1, SOURCE_MAC,
};
/* router, solicited, override; the gateway's link-layer address as option */
static const uint8_t advertisement[] = {
    0x60, 0, 0, 0, 0, 32, 58, 255,
    0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    136, 0, 0x0a, 0x57, 0xe0, 0, 0, 0,
    0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    2, 1, GATEWAY_MAC,
};
/* clang-format on */

static enum neighbour_result discover(struct neighbour_reply *reply, const uint8_t *packet,
                                      size_t len)
{
    const struct topology topology = internet();

    return neighbour_discovery(reply, &topology, guarded(packet, len), len);
}

static void test_advertisement(void **state)
{
    struct neighbour_reply reply;

    (void)state;
    check(discover(&reply, solicitation, sizeof solicitation) == NEIGHBOUR_ANSWER, "answered");
    check(reply.ethertype == 0x86dd, "type %04x", reply.ethertype);
    check(reply.len == sizeof advertisement &&
              memcmp(reply.bytes, advertisement, sizeof advertisement) == 0,
          "the advertisement");
    for (size_t n = 0; n < sizeof solicitation; n++)
        check(discover(&reply, solicitation, n) != NEIGHBOUR_ANSWER, "cut to %zu bytes", n);
}

struct nd_case {
    const char *name;
    const char *src;
    const char *dst;
    const char *target;
    uint8_t hop_limit;
    uint8_t type;
    uint8_t code;
    struct bytes options;
    enum neighbour_result want;
};

#define US    "2001:db8:a::1"
#define THEM  "2001:db8:1::9"
#define GROUP "ff02::1:ff00:9"
#define FROM  BYTES(1, 1, SOURCE_MAC)
#define NOTHING                                                                                    \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

static const struct nd_case nd_cases[] = {
    { "for a router", US, GROUP, THEM, 255, 135, 0, FROM, NEIGHBOUR_ANSWER },
    { "asked again, of the router itself", US, THEM, THEM, 255, 135, 0, NOTHING, NEIGHBOUR_ANSWER },
    { "from a link-local address, for one", "fe80::1", "ff02::1:ff00:2", "fe80::2", 255, 135, 0,
      FROM, NEIGHBOUR_ANSWER },
    { "an unknown option, two units long", US, GROUP, THEM, 255, 135, 0,
      BYTES(99, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), NEIGHBOUR_ANSWER },
    { "for the source's own address", "fe80::1", "ff02::1:ff00:1", US, 255, 135, 0, FROM,
      NEIGHBOUR_SILENT },
    { "whether an address is free", "::", GROUP, THEM, 255, 135, 0, NOTHING, NEIGHBOUR_SILENT },
    { "from a group", "ff02::1", GROUP, THEM, 255, 135, 0, FROM, NEIGHBOUR_SILENT },
    { "for a group", US, GROUP, "ff02::1", 255, 135, 0, FROM, NEIGHBOUR_SILENT },
    { "for no address", US, GROUP, "::", 255, 135, 0, FROM, NEIGHBOUR_SILENT },
    { "forwarded: hop limit 254", US, GROUP, THEM, 254, 135, 0, FROM, NEIGHBOUR_SILENT },
    { "code 1", US, GROUP, THEM, 255, 135, 1, FROM, NEIGHBOUR_SILENT },
    { "an option of length 0", US, GROUP, THEM, 255, 135, 0, BYTES(1, 0, SOURCE_MAC),
      NEIGHBOUR_SILENT },
    { "an option beyond the packet", US, GROUP, THEM, 255, 135, 0, BYTES(1, 2, SOURCE_MAC),
      NEIGHBOUR_SILENT },
    { "an option of 255 units", US, GROUP, THEM, 255, 135, 0, BYTES(1, 255, SOURCE_MAC),
      NEIGHBOUR_SILENT },
    { "half an option", US, GROUP, THEM, 255, 135, 0, BYTES(1, 1, 2, 0), NEIGHBOUR_SILENT },
    { "a byte of an option", US, GROUP, THEM, 255, 135, 0, BYTES(1), NEIGHBOUR_SILENT },
    { "a router solicitation", US, "ff02::2", THEM, 255, 133, 0, FROM, NEIGHBOUR_SILENT },
    { "a router advertisement", US, "ff02::1", THEM, 255, 134, 0, FROM, NEIGHBOUR_SILENT },
    { "an advertisement", US, "ff02::1", THEM, 255, 136, 0, FROM, NEIGHBOUR_SILENT },
    { "a redirect", US, THEM, THEM, 255, 137, 0, FROM, NEIGHBOUR_SILENT },
    { "a listener report", US, "ff02::16", THEM, 1, 143, 0, NOTHING, NEIGHBOUR_OTHER },
    { "an echo request", US, THEM, THEM, 64, 128, 0, NOTHING, NEIGHBOUR_OTHER },
};

static void seal_icmpv6(struct packet *ip)
{
    uint8_t *icmp = ip->bytes + TF_IPV6_LEN;
    const size_t len = ip->len - TF_IPV6_LEN;
    const struct tf_addr src = tf_addr_from(6, ip->bytes + TF_IPV6_SRC);
    const struct tf_addr dst = tf_addr_from(6, ip->bytes + TF_IPV6_DST);
    const uint32_t sum = tf_sum_add_pseudo(0, &src, &dst, TF_IP_PROTO_ICMPV6, (uint16_t)len);

    tf_put_u16(icmp + TF_ICMP_CHECKSUM, 0);
    tf_put_u16(icmp + TF_ICMP_CHECKSUM, (uint16_t)~tf_sum_fold(tf_sum_add(sum, icmp, len)));
}

static struct packet build_nd(const struct nd_case *c)
{
    const struct tf_addr target = addr(c->target);
    const struct ip_fields fields = { .src = addr(c->src),
                                      .dst = addr(c->dst),
                                      .protocol = TF_IP_PROTO_ICMPV6,
                                      .ttl = c->hop_limit };
    struct packet icmp = build_icmp(c->type, c->code, (struct bytes){ target.bytes, 16 });

    append(&icmp, c->options.at, c->options.len);
    struct packet ip = build_ip(&fields, &icmp);
    seal_icmpv6(&ip);
    return ip;
}

/* From the target to the asker, and about the target. */
static void check_advertised(const struct nd_case *c, const struct neighbour_reply *reply)
{
    const struct tf_addr target = addr(c->target);
    const struct tf_addr asker = addr(c->src);

    check(memcmp(reply->bytes + TF_IPV6_SRC, target.bytes, 16) == 0, "%s: from", c->name);
    check(memcmp(reply->bytes + TF_IPV6_DST, asker.bytes, 16) == 0, "%s: to", c->name);
    check(memcmp(reply->bytes + TF_IPV6_LEN + TF_ND_TARGET, target.bytes, 16) == 0, "%s: about",
          c->name);
}

static void test_discovery(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(nd_cases); i++) {
        const struct nd_case *c = &nd_cases[i];
        const struct packet packet = build_nd(c);
        struct neighbour_reply reply;

        check(discover(&reply, packet.bytes, packet.len) == c->want, "%s", c->name);
        if (c->want == NEIGHBOUR_ANSWER)
            check_advertised(c, &reply);
        for (size_t n = 0; n < packet.len; n++)
            check(discover(&reply, packet.bytes, n) != NEIGHBOUR_ANSWER, "%s: cut to %zu bytes",
                  c->name, n);
    }
}

/* Whichever byte is changed, the checksum tells; but for traffic class and flow label, which it
 * does not cover. */
static void test_damage(void **state)
{
    (void)state;
    for (size_t at = TF_IPV6_PAYLOAD_LENGTH; at < sizeof solicitation; at++) {
        uint8_t packet[sizeof solicitation];
        struct neighbour_reply reply;

        memcpy(packet, solicitation, sizeof packet);
        packet[at] ^= 0x10;
        check(discover(&reply, packet, sizeof packet) != NEIGHBOUR_ANSWER, "byte %zu damaged", at);
    }
}

/* Shorter ones, though length and checksum say that they are whole. */
static void test_short(void **state)
{
    (void)state;
    for (size_t n = 4; n < TF_ND_LEN; n++) {
        struct packet packet = { .len = 0 };
        struct neighbour_reply reply;

        append(&packet, solicitation, TF_IPV6_LEN + n);
        tf_put_u16(packet.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)n);
        seal_icmpv6(&packet);
        check(discover(&reply, packet.bytes, packet.len) == NEIGHBOUR_SILENT, "%zu bytes", n);
    }
}

/* Behind an extension header (here an empty hop-by-hop one) it is no solicitation of a kernel's. */
static void test_extension_header(void **state)
{
    static const uint8_t padding[] = { TF_IP_PROTO_ICMPV6, 0, 1, 4, 0, 0, 0, 0 };
    struct packet packet = { .len = 0 };
    struct neighbour_reply reply;

    (void)state;
    append(&packet, solicitation, TF_IPV6_LEN);
    append(&packet, padding, sizeof padding);
    append(&packet, solicitation + TF_IPV6_LEN, sizeof solicitation - TF_IPV6_LEN);
    packet.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_HOPOPTS;
    tf_put_u16(packet.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(packet.len - TF_IPV6_LEN));
    check(discover(&reply, packet.bytes, packet.len) == NEIGHBOUR_OTHER, "hop-by-hop options");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arp),       cmocka_unit_test(test_advertisement),
        cmocka_unit_test(test_discovery), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_short),     cmocka_unit_test(test_extension_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
