/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole frames: probes, ICMP errors with quotes of every length, and what is not for us. */
#include "support.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/packet.h"

static struct packet probe(bool ipv6)
{
    const struct probe_fields fields = { .src = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                         .dst = addr(ipv6 ? "2001:db8::9" : "198.51.100.9"),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = TF_BASE_PORT,
                                         .run_id = 0x1badcafe,
                                         .path_id = 3,
                                         .ttl = 7 };

    return build_probe(&fields);
}

/* An ICMP error of the version of what it quotes. */
static struct packet error_with(uint8_t type, uint8_t code, const uint8_t *body, size_t len)
{
    const bool ipv6 = body[0] >> 4 == 6;
    const struct packet icmp = build_icmp(type, code, (struct bytes){ body, len });
    const struct ip_fields fields = { .src = addr(ipv6 ? "2001:db8::5" : "203.0.113.5"),
                                      .dst = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                      .protocol = ipv6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP,
                                      .ttl = 250 };

    return build_ip(&fields, &icmp);
}

static struct packet probe_v4(void)
{
    return probe(false);
}

static struct packet probe_v6(void)
{
    return probe(true);
}

static struct packet time_exceeded_28(void)
{
    const struct packet quoted = probe(false);

    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, 28);
}

static struct packet time_exceeded_full(void)
{
    const struct packet quoted = probe(false);

    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, quoted.len);
}

static struct packet port_unreachable(void)
{
    const struct packet quoted = probe(false);

    return error_with(TF_ICMP_DEST_UNREACH, 3, quoted.bytes, quoted.len);
}

static struct packet time_exceeded_v6(void)
{
    const struct packet quoted = probe(true);

    return error_with(TF_ICMPV6_TIME_EXCEEDED, 0, quoted.bytes, quoted.len);
}

/*
 * The quoted header has four bytes of options: the UDP header is found by its length, not at
 * byte 20.
 */
static struct packet inner_options(void)
{
    const struct packet plain = probe(false);
    struct packet quoted = { .len = 0 };

    append(&quoted, plain.bytes, 20);
    append(&quoted, (const uint8_t[]){ 1, 1, 1, 0 }, 4);
    append(&quoted, plain.bytes + 20, 8);
    quoted.bytes[TF_IPV4_VERSION_IHL] = 0x46;
    tf_put_u16(quoted.bytes + TF_IPV4_TOTAL_LENGTH, 48);
    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, quoted.len);
}

/*
 * RFC 4884: the quote is padded to 128 bytes, the length field says 32 words, an MPLS label
 * follows.
 */
static struct packet with_label(void)
{
    static const uint8_t ext[] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1 };
    const struct packet quoted = probe(false);
    struct packet body = { .len = 0 };

    append(&body, quoted.bytes, quoted.len);
    body.len = 128;
    append(&body, ext, sizeof ext);
    tf_put_u16(body.bytes + 128 + 2, tf_checksum(ext, sizeof ext));
    struct packet ip = error_with(TF_ICMP_TIME_EXCEEDED, 0, body.bytes, body.len);
    ip.bytes[20 + TF_ICMP_EXT_LENGTH] = 32;
    return ip;
}

/* The same in ICMPv6: its length field counts 64-bit units, and stands in another place. */
static struct packet with_label_v6(void)
{
    static const uint8_t ext[] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1 };
    const struct packet quoted = probe(true);
    struct packet body = { .len = 0 };

    append(&body, quoted.bytes, quoted.len);
    body.len = 136;
    append(&body, ext, sizeof ext);
    struct packet ip = error_with(TF_ICMPV6_TIME_EXCEEDED, 0, body.bytes, body.len);
    ip.bytes[40 + TF_ICMPV6_EXT_LENGTH] = 17;
    return ip;
}

static struct packet quote_of_gre(void)
{
    struct packet quoted = probe(false);

    quoted.bytes[TF_IPV4_PROTOCOL] = 47;
    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, quoted.len);
}

static struct packet quote_of_later_fragment(void)
{
    struct packet quoted = probe(false);

    quoted.bytes[TF_IPV4_FLAGS_FRAGMENT + 1] = 1;
    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, quoted.len);
}

/* ICMP carries a quote of IPv6: a translator's mistake, or an attack. */
static struct packet quote_of_other_version(void)
{
    const struct packet quoted = probe(true);
    struct packet ip = time_exceeded_full();

    ip.len = 28;
    append(&ip, quoted.bytes, quoted.len);
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)ip.len);
    return ip;
}

static struct packet echo_reply(void)
{
    struct packet ip = time_exceeded_full();

    ip.bytes[20 + TF_ICMP_TYPE] = TF_ICMP_ECHO_REPLY;
    return ip;
}

static struct packet quote_of_27_bytes(void)
{
    const struct packet quoted = probe(false);

    return error_with(TF_ICMP_TIME_EXCEEDED, 0, quoted.bytes, 27);
}

static struct packet total_length_0(void)
{
    struct packet ip = probe(false);

    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, 0);
    return ip;
}

static struct packet gre(void)
{
    struct packet ip = probe(false);

    ip.bytes[TF_IPV4_PROTOCOL] = 47;
    return ip;
}

struct packet_case {
    const char *name;
    struct packet (*build)(void);
    enum tf_status want;
    uint16_t quoted_len; /* 0: no quote */
    enum tf_ext_found ext;
    uint16_t labels;
    size_t needs; /* bytes of the IP packet under which a truncation is TF_SHORT */
};

static const struct packet_case cases[] = {
    { "a probe", probe_v4, TF_OK, 0, TF_EXT_NONE, 0, 28 },
    { "an IPv6 probe", probe_v6, TF_OK, 0, TF_EXT_NONE, 0, 48 },
    { "Time Exceeded, 28 bytes", time_exceeded_28, TF_OK, 28, TF_EXT_NONE, 0, 56 },
    { "Time Exceeded, all of the probe", time_exceeded_full, TF_OK, 44, TF_EXT_NONE, 0, 56 },
    { "Port Unreachable", port_unreachable, TF_OK, 44, TF_EXT_NONE, 0, 56 },
    { "ICMPv6 Time Exceeded", time_exceeded_v6, TF_OK, 64, TF_EXT_NONE, 0, 96 },
    { "a quoted header with options", inner_options, TF_OK, 32, TF_EXT_NONE, 0, 60 },
    { "a label", with_label, TF_OK, 44, TF_EXT_BY_LENGTH, 1, 56 },
    { "a label, ICMPv6", with_label_v6, TF_OK, 64, TF_EXT_BY_LENGTH, 1, 96 },
    { "an echo reply is no error", echo_reply, TF_OK, 0, TF_EXT_NONE, 0, 28 },
    { "a quote of GRE", quote_of_gre, TF_NOT_OURS, 0, TF_EXT_NONE, 0, 0 },
    { "a quote of a later fragment", quote_of_later_fragment, TF_NOT_OURS, 0, TF_EXT_NONE, 0, 0 },
    { "a quote of the other IP version", quote_of_other_version, TF_NOT_OURS, 0, TF_EXT_NONE, 0,
      0 },
    { "a quote of 27 bytes", quote_of_27_bytes, TF_SHORT, 0, TF_EXT_NONE, 0, 0 },
    { "total length 0", total_length_0, TF_BAD, 0, TF_EXT_NONE, 0, 0 },
    { "GRE", gre, TF_NOT_OURS, 0, TF_EXT_NONE, 0, 0 },
};

static void check_quote(const struct packet_case *c, const struct tf_packet *packet)
{
    const struct tf_udp *udp = &packet->quote.udp;

    check(packet->quoted_len == c->quoted_len, "%s: %u bytes quoted", c->name, packet->quoted_len);
    check(packet->ext == c->ext, "%s: extension", c->name);
    check(packet->mpls.depth == c->labels, "%s: labels", c->name);
    check(c->labels == 0 || packet->mpls.entry[0].label == 16012, "%s: label", c->name);
    check(packet->quote.transport == TF_TRANSPORT_UDP, "%s: quoted transport", c->name);
    check(udp->src_port == 33483 && udp->dst_port == 33480, "%s: quoted ports", c->name);
    check(udp->length == 24 && udp->checksum == tf_key(0x1badcafe, 3, 0), "%s: key", c->name);
}

static void test_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct packet_case *c = &cases[i];
        const struct packet ip = c->build();
        const struct packet frame = build_ethernet(&ip);
        struct tf_packet packet;

        check(tf_packet_decode(&packet, TF_LINKTYPE_ETHERNET, guarded(frame.bytes, frame.len),
                               frame.len) == c->want,
              "%s: status", c->name);
        if (c->want != TF_OK)
            continue;
        check(packet.has_quote == (c->quoted_len > 0), "%s: has a quote", c->name);
        if (packet.has_quote)
            check_quote(c, &packet);
    }
}

static void test_truncated_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct packet_case *c = &cases[i];
        const struct packet ip = c->build();
        const struct packet frame = build_ethernet(&ip);

        for (size_t n = 0; c->want == TF_OK && n < frame.len; n++) {
            const enum tf_status want = n < 14 + c->needs ? TF_SHORT : TF_OK;
            struct tf_packet packet;

            check(tf_packet_decode(&packet, TF_LINKTYPE_ETHERNET, guarded(frame.bytes, n), n) ==
                      want,
                  "%s: cut to %zu bytes", c->name, n);
            if (want == TF_OK && packet.has_quote)
                check(packet.quoted_len <= n - c->needs + 56, "%s: cut to %zu: quote", c->name, n);
        }
    }
}

/* Whatever the bytes are: no crash, no read past the end, and a payload that lies in the frame. */
static void test_damaged_frames(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct packet ip = cases[i].build();
        for (int round = 0; round < 4000; round++) {
            struct packet frame = build_ethernet(&ip);
            for (uint32_t n = 1 + next_random(&seed) % 3; n > 0; n--)
                frame.bytes[next_random(&seed) % frame.len] = (uint8_t)next_random(&seed);
            const size_t len = round % 2 == 0 ? frame.len : next_random(&seed) % frame.len;
            const uint8_t *at = guarded(frame.bytes, len);
            struct tf_packet packet;

            if (tf_packet_decode(&packet, TF_LINKTYPE_ETHERNET, at, len) != TF_OK)
                continue;
            const struct tf_ip *outer = &packet.datagram.ip;
            check(outer->payload >= at && outer->payload + outer->payload_len <= at + len,
                  "%s: payload", cases[i].name);
            const struct tf_ip *inner = &packet.quote.ip;
            check(!packet.has_quote || inner->payload + inner->payload_len <= at + len, "%s: quote",
                  cases[i].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_truncated_frames),
        cmocka_unit_test(test_damaged_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
