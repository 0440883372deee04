/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP headers: options, fragments, lying lengths and IPv6 extensions, each at every truncation. */
#include "support.h"

#include <string.h>

#include "traceflow/ip.h"

/* What a row expects; payload lengths are in bytes. */
struct ip_case {
    const char *name;
    struct bytes in;
    enum tf_status want;
    uint8_t protocol;
    uint16_t header_len;
    uint32_t total_len;
    size_t payload_len;
    uint16_t fragment_start;
    bool more_fragments;
};

#define ADDRS4 192, 0, 2, 1, 198, 51, 100, 9
#define SRC6   0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define DST6   0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9
#define FOUR   0xa, 0xb, 0xc, 0xd

static const struct ip_case cases[] = {
    /* TOS b8, total length 24, ID 0307, DF, TTL 5, UDP */
    { "IPv4", BYTES(0x45, 0xb8, 0, 24, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 24,
      4, 0, false },
    { "IPv4 with 4 bytes of options",
      BYTES(0x46, 0xb8, 0, 28, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, 1, 1, 1, 0, FOUR), TF_OK, 17, 24,
      28, 4, 0, false },
    { "IPv4 with 40 bytes of options",
      BYTES(0x4f, 0xb8, 0, 64, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0,
            FOUR),
      TF_OK, 17, 60, 64, 4, 0, false },
    { "IPv4, first fragment", BYTES(0x45, 0xb8, 0, 24, 3, 7, 0x60, 0, 5, 17, 0, 0, ADDRS4, FOUR),
      TF_OK, 17, 20, 24, 4, 0, true },
    { "IPv4, a later fragment", BYTES(0x45, 0xb8, 0, 24, 3, 7, 0x60, 3, 5, 17, 0, 0, ADDRS4, FOUR),
      TF_OK, 17, 20, 24, 4, 24, true },
    { "IPv4, the last fragment possible",
      BYTES(0x45, 0xb8, 0, 24, 3, 7, 0x5f, 0xff, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 24, 4,
      65528, false },
    { "IPv4, total length 0: a sender that offloads segmentation",
      BYTES(0x45, 0xb8, 0, 0, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 0, 4, 0,
      false },
    { "IPv4, total length 19, under the header's",
      BYTES(0x45, 0xb8, 0, 19, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 19, 4, 0,
      false },
    { "IPv4, total length beyond the buffer",
      BYTES(0x45, 0xb8, 0x18, 0, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 0x1800,
      4, 0, false },
    { "IPv4, two bytes of Ethernet padding",
      BYTES(0x45, 0xb8, 0, 22, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_OK, 17, 20, 22, 2, 0,
      false },
    { "IPv4 without payload", BYTES(0x45, 0xb8, 0, 20, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4), TF_OK,
      17, 20, 20, 0, 0, false },
    { "IPv4, header length 16", BYTES(0x44, 0, 0, 24, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR),
      TF_BAD, 0, 0, 0, 0, 0, false },
    { "IPv4, header length 0", BYTES(0x40, 0, 0, 24, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR),
      TF_BAD, 0, 0, 0, 0, 0, false },
    { "IPv4, header length 60 in 24 bytes",
      BYTES(0x4f, 0, 0, 24, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_SHORT, 0, 0, 0, 0, 0,
      false },
    { "version 5", BYTES(0x55, 0, 0, 24, 3, 7, 0x40, 0, 5, 17, 0, 0, ADDRS4, FOUR), TF_BAD, 0, 0, 0,
      0, 0, false },
    { "version 0", BYTES(0, 0), TF_BAD, 0, 0, 0, 0, 0, false },
    /* traffic class b8, flow label 00003, payload 4, UDP, hop limit 5 */
    { "IPv6", BYTES(0x6b, 0x80, 0, 3, 0, 4, 17, 5, SRC6, DST6, FOUR), TF_OK, 17, 40, 44, 4, 0,
      false },
    { "IPv6, hop-by-hop options",
      BYTES(0x6b, 0x80, 0, 3, 0, 12, 0, 5, SRC6, DST6, 17, 0, 1, 4, 0, 0, 0, 0, FOUR), TF_OK, 17,
      48, 52, 4, 0, false },
    { "IPv6, routing header of 16 bytes",
      BYTES(0x6b, 0x80, 0, 3, 0, 20, 43, 5, SRC6, DST6, 17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, FOUR),
      TF_OK, 17, 56, 60, 4, 0, false },
    /* AH counts in words of 4 bytes, less two: 4 is 24 bytes */
    { "IPv6, authentication header",
      BYTES(0x6b, 0x80, 0, 3, 0, 28, 51, 5, SRC6, DST6, 17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9,
            9, 9, 9, 9, 9, 9, 9, 9, 9, 9, FOUR),
      TF_OK, 17, 64, 68, 4, 0, false },
    { "IPv6, first fragment",
      BYTES(0x6b, 0x80, 0, 3, 0, 12, 44, 5, SRC6, DST6, 17, 0, 0, 1, 0, 0, 0, 7, FOUR), TF_OK, 17,
      48, 52, 4, 0, true },
    { "IPv6, a later fragment",
      BYTES(0x6b, 0x80, 0, 3, 0, 12, 44, 5, SRC6, DST6, 17, 0, 0, 24, 0, 0, 0, 7, FOUR), TF_OK, 17,
      48, 52, 4, 24, false },
    { "IPv6, a later fragment of something with options: its bytes are no header",
      BYTES(0x6b, 0x80, 0, 3, 0, 12, 44, 5, SRC6, DST6, 60, 0, 0, 24, 0, 0, 0, 7, FOUR), TF_OK, 60,
      48, 52, 4, 24, false },
    { "IPv6, a chain: hop-by-hop, destination options, fragment",
      BYTES(0x6b, 0x80, 0, 3, 0, 28, 0, 5, SRC6, DST6, 60, 0, 1, 4, 0, 0, 0, 0, 44, 0, 1, 4, 0, 0,
            0, 0, 17, 0, 0, 0, 0, 0, 0, 7, FOUR),
      TF_OK, 17, 64, 68, 4, 0, false },
    { "IPv6, no next header", BYTES(0x6b, 0x80, 0, 3, 0, 4, 59, 5, SRC6, DST6, FOUR), TF_OK, 59, 40,
      44, 4, 0, false },
    { "IPv6, an extension header longer than the packet",
      BYTES(0x6b, 0x80, 0, 3, 0, 12, 0, 5, SRC6, DST6, 17, 255, 1, 4, 0, 0, 0, 0, FOUR), TF_SHORT,
      0, 0, 0, 0, 0, false },
    { "IPv6, padding behind", BYTES(0x6b, 0x80, 0, 3, 0, 2, 17, 5, SRC6, DST6, FOUR), TF_OK, 17, 40,
      42, 2, 0, false },
};

static void check_addresses(const struct ip_case *c, const struct tf_ip *ip)
{
    const struct tf_addr src = addr(ip->version == 6 ? "2001:db8::1" : "192.0.2.1");
    const struct tf_addr dst = addr(ip->version == 6 ? "2001:db8::9" : "198.51.100.9");

    check(tf_addr_equal(&ip->src, &src) && tf_addr_equal(&ip->dst, &dst), "%s: addresses", c->name);
}

/* What all good rows have in common, by version. */
static void check_common(const struct ip_case *c, const struct tf_ip *ip)
{
    const bool ipv4 = c->in.at[0] >> 4 == 4;

    check(ip->version == (ipv4 ? 4 : 6), "%s: version", c->name);
    check(ip->tos == 0xb8, "%s: TOS %02x", c->name, ip->tos);
    check(ip->ttl == 5, "%s: TTL %u", c->name, ip->ttl);
    check(ip->has_ident == ipv4 && ip->ident == (ipv4 ? 0x0307 : 0), "%s: Identification", c->name);
    check(ip->df == (ipv4 && (c->in.at[6] & 0x40) != 0), "%s: DF", c->name);
    check(ip->flow_label == (ipv4 ? 0 : 3), "%s: flow label", c->name);
    check_addresses(c, ip);
}

static void test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ip_case *c = &cases[i];
        const uint8_t *in = guarded(c->in.at, c->in.len);
        struct tf_ip ip;

        check(tf_ip_decode(&ip, in, c->in.len) == c->want, "%s: status", c->name);
        if (c->want != TF_OK)
            continue;
        check_common(c, &ip);
        check(ip.protocol == c->protocol, "%s: protocol %u", c->name, ip.protocol);
        check(ip.header_len == c->header_len, "%s: header %u", c->name, ip.header_len);
        check(ip.total_len == c->total_len, "%s: total %u", c->name, ip.total_len);
        check(ip.payload == in + c->header_len, "%s: payload", c->name);
        check(ip.payload_len == c->payload_len, "%s: payload of %zu", c->name, ip.payload_len);
        check(ip.fragment_start == c->fragment_start, "%s: fragment at %u", c->name,
              ip.fragment_start);
        check(ip.more_fragments == c->more_fragments, "%s: more fragments", c->name);
    }
}

static void test_truncated_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ip_case *c = &cases[i];

        for (size_t n = 0; c->want == TF_OK && n < c->in.len; n++) {
            const enum tf_status want = n < c->header_len ? TF_SHORT : TF_OK;
            const uint8_t *in = guarded(c->in.at, n);
            struct tf_ip ip;

            check(tf_ip_decode(&ip, in, n) == want, "%s: cut to %zu bytes", c->name, n);
            check(want != TF_OK || ip.payload + ip.payload_len <= in + n, "%s: cut to %zu: payload",
                  c->name, n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_truncated_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
