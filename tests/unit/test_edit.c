/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of packets: each against the same change made by hand and all checksums computed anew; and
 * of packets cut anywhere, as quotes are. */
#include "lab_packets.h"

#include <string.h>

#include "edit.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { ROUNDS = 300 };

/* What a random packet is like. */
struct shape {
    const char *name;
    bool ipv6;
    uint8_t protocol; /* as of lab_packet */
    size_t options;   /* IPv4: bytes of options; IPv6: of extension headers; of 8 */
    bool no_checksum; /* UDP */
    bool is_error;    /* ICMP, but no echo */
    bool is_fragment; /* IPv4, a later one: no transport header */
};

static const struct shape shapes[] = {
    { "UDP", .protocol = TF_IP_PROTO_UDP },
    { "UDP, no checksum", .protocol = TF_IP_PROTO_UDP, .no_checksum = true },
    { "UDP, options", .protocol = TF_IP_PROTO_UDP, .options = 8 },
    { "UDP, all options", .protocol = TF_IP_PROTO_UDP, .options = 40 },
    { "TCP", .protocol = TF_IP_PROTO_TCP },
    { "TCP, options", .protocol = TF_IP_PROTO_TCP, .options = 16 },
    { "echo", .protocol = TF_IP_PROTO_ICMP },
    { "ICMP error", .protocol = TF_IP_PROTO_ICMP, .is_error = true },
    { "another protocol", .protocol = 47 },
    { "a later fragment", .protocol = TF_IP_PROTO_UDP, .is_fragment = true },
    { "UDP, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_UDP },
    { "UDP, extension headers", .ipv6 = true, .protocol = TF_IP_PROTO_UDP, .options = 24 },
    { "TCP, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_TCP },
    { "TCP, an extension header", .ipv6 = true, .protocol = TF_IP_PROTO_TCP, .options = 8 },
    { "echo, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP },
    { "echo, extension header", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP, .options = 8 },
    { "ICMPv6 error", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP, .is_error = true },
    { "another protocol, IPv6", .ipv6 = true, .protocol = 47 },
};

static void make_room(struct packet *packet, size_t at, size_t len)
{
    memmove(packet->bytes + at + len, packet->bytes + at, packet->len - at);
    memset(packet->bytes + at, 0, len);
    packet->len += len;
}

static void add_options(struct packet *packet, size_t len)
{
    make_room(packet, TF_IPV4_MIN_LEN, len);
    memset(packet->bytes + TF_IPV4_MIN_LEN, 1, len); /* no operation */
    packet->bytes[0] = (uint8_t)(packet->bytes[0] + len / 4);
    tf_put_u16(packet->bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)packet->len);
}

/* Destination options of 8 bytes each. */
static void add_extensions(struct packet *packet, size_t len)
{
    uint8_t *next = packet->bytes + TF_IPV6_NEXT_HEADER;
    const uint8_t protocol = *next;

    make_room(packet, TF_IPV6_LEN, len);
    for (size_t at = TF_IPV6_LEN; at < TF_IPV6_LEN + len; at += 8) {
        *next = TF_IP_PROTO_DSTOPTS;
        next = packet->bytes + at;
        packet->bytes[at + 2] = 1; /* PadN of 4 */
        packet->bytes[at + 3] = 4;
    }
    *next = protocol;
    tf_put_u16(packet->bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(packet->len - TF_IPV6_LEN));
}

static size_t header_len(const struct shape *shape)
{
    return (shape->ipv6 ? TF_IPV6_LEN : TF_IPV4_MIN_LEN) + shape->options;
}

static struct packet random_packet(const struct shape *shape, uint32_t *seed)
{
    const struct lab_probe probe = { .dst = shape->ipv6 ? "2001:db8:d::1" : "198.51.100.1",
                                     .protocol = shape->protocol,
                                     .ttl = (uint8_t)(1 + next_random(seed) % 255),
                                     .tos = (uint8_t)next_random(seed),
                                     .ident = (uint16_t)next_random(seed),
                                     .src_port = (uint16_t)next_random(seed),
                                     .dst_port = (uint16_t)next_random(seed),
                                     .payload = 2 + next_random(seed) % 60 };
    struct packet packet = lab_packet(&probe);

    if (shape->options > 0)
        (shape->ipv6 ? add_extensions : add_options)(&packet, shape->options);
    uint8_t *transport = packet.bytes + header_len(shape);
    for (size_t i = 0; i + 1 < probe.payload; i++)
        packet.bytes[packet.len - 1 - i] = (uint8_t)next_random(seed);
    if (shape->is_error)
        transport[TF_ICMP_TYPE] = shape->ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED;
    if (shape->no_checksum)
        tf_put_u16(transport + TF_UDP_CHECKSUM, 0);
    if (shape->is_fragment)
        tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, 1);
    lab_seal(&packet);
    return packet;
}

static struct endpoint random_endpoint(bool ipv6, uint32_t *seed)
{
    struct endpoint to = { .addr = addr(ipv6 ? "2001:db8::" : "10.0.0.0"),
                           .has_port = next_random(seed) % 4 != 0,
                           .port = (uint16_t)next_random(seed) };

    for (size_t i = 1; i < tf_addr_len(&to.addr); i++)
        to.addr.bytes[i] = (uint8_t)next_random(seed);
    return to;
}

/* Where a port is in a transport header; false if there is none. */
static bool port_offset(const struct shape *shape, enum edit_end end, size_t *offset)
{
    *offset = end == EDIT_SRC ? 0 : 2;
    if (shape->protocol == TF_IP_PROTO_ICMP)
        *offset = TF_ICMP_IDENT;
    return shape->protocol != 47 && !shape->is_error && !shape->is_fragment;
}

/* The same by hand. */
static struct packet edited_by_hand(const struct packet *packet, const struct shape *shape,
                                    enum edit_end end, const struct endpoint *to)
{
    struct packet edited = *packet;
    const size_t src = shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC;
    const size_t len = tf_addr_len(&to->addr);
    size_t offset;

    memcpy(edited.bytes + src + (end == EDIT_DST ? len : 0), to->addr.bytes, len);
    if (to->has_port && port_offset(shape, end, &offset))
        tf_put_u16(edited.bytes + header_len(shape) + offset, to->port);
    lab_seal(&edited);
    return edited;
}

static void check_equal(const struct packet *got, const struct packet *want, size_t len,
                        const char *name)
{
    for (size_t i = 0; i < len; i++)
        check(got->bytes[i] == want->bytes[i], "%s: byte %zu of %zu is %02x, not %02x", name, i,
              len, got->bytes[i], want->bytes[i]);
}

static void test_endpoints(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * ROUNDS; i++) {
        const struct shape *shape = &shapes[i % COUNT(shapes)];
        const enum edit_end end = i / COUNT(shapes) % 2 == 0 ? EDIT_SRC : EDIT_DST;
        const struct endpoint to = random_endpoint(shape->ipv6, &seed);
        struct packet packet = random_packet(shape, &seed);
        const struct packet want = edited_by_hand(&packet, shape, end, &to);

        edit_endpoint(packet.bytes, packet.len, end, &to);
        check_equal(&packet, &want, want.len, shape->name);
    }
}

/* An edit, and then the way back: the packet as it was. */
static void test_there_and_back(void **state)
{
    uint32_t seed = 2;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * ROUNDS; i++) {
        const struct shape *shape = &shapes[i % COUNT(shapes)];
        const struct packet packet = random_packet(shape, &seed);
        const struct endpoint to = random_endpoint(shape->ipv6, &seed);
        const size_t src = shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC;
        struct endpoint from = { .addr = tf_addr_from(to.addr.version, packet.bytes + src),
                                 .has_port = to.has_port };
        struct packet edited = packet;
        size_t offset;

        if (port_offset(shape, EDIT_SRC, &offset))
            from.port = tf_get_u16(packet.bytes + header_len(shape) + offset);
        edit_endpoint(edited.bytes, edited.len, EDIT_SRC, &to);
        edit_endpoint(edited.bytes, edited.len, EDIT_SRC, &from);
        check_equal(&edited, &packet, packet.len, shape->name);
    }
}

/* IPv4's header alone is enough; IPv6's extension headers have to be whole. Half a field stays as
 * it is. */
static void check_cut(const struct packet *packet, const struct shape *shape, size_t len,
                      uint32_t *seed)
{
    struct endpoint to = random_endpoint(shape->ipv6, seed);
    struct packet want = *packet;
    struct packet got = { .len = len };

    if (shape->protocol == TF_IP_PROTO_ICMP && len < header_len(shape) + TF_ICMP_SEQUENCE)
        to.has_port = false; /* the checksum is there, but not the identifier */
    if (len >= header_len(shape))
        want = edited_by_hand(packet, shape, EDIT_SRC, &to);
    if (len % 2 == 1)
        want.bytes[len - 1] = packet->bytes[len - 1];
    uint8_t *bytes = (uint8_t *)(uintptr_t)guarded(packet->bytes, len);
    edit_endpoint(bytes, len, EDIT_SRC, &to);
    memcpy(got.bytes, bytes, len);
    check_equal(&got, &want, len, shape->name);
}

/* Every truncation: what is left of a packet is as the whole packet would be. */
static void test_cut_quotes(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct packet packet = random_packet(&shapes[i], &seed);
        for (size_t len = 0; len < packet.len; len++)
            check_cut(&packet, &shapes[i], len, &seed);
    }
}

/* RFC 4884 section 5: a short quote is followed by zeros up to byte 128, which are no header. */
static void test_padded_quotes(void **state)
{
    enum { PADDED_LEN = 128, QUOTED_LEN = 8 };
    uint32_t seed = 4;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct shape *shape = &shapes[i];
        const size_t len = header_len(shape) + QUOTED_LEN;
        const struct endpoint to = random_endpoint(shape->ipv6, &seed);
        struct packet packet = random_packet(shape, &seed);
        struct packet want = edited_by_hand(&packet, shape, EDIT_SRC, &to);

        memset(packet.bytes + len, 0, PADDED_LEN - len);
        memset(want.bytes + len, 0, PADDED_LEN - len);
        edit_endpoint(packet.bytes, PADDED_LEN, EDIT_SRC, &to);
        check_equal(&packet, &want, PADDED_LEN, shape->name);
    }
}

/* RFC 768: a sum that comes out as zero is sent as ones, for zero says that there is none. */
static void test_udp_zero(void **state)
{
    static const char *const destinations[] = { "198.51.100.1", "2001:db8:d::1" };

    (void)state;
    for (size_t i = 0; i < COUNT(destinations); i++) {
        struct packet packet = lab_packet(&(struct lab_probe){ .dst = destinations[i] });
        const size_t at = ip_header_len(&packet);
        const bool ipv6 = i == 1;
        const uint16_t checksum = tf_get_u16(packet.bytes + at + TF_UDP_CHECKSUM);
        const struct endpoint to = {
            .addr = addr(ipv6 ? "2001:db8:a::1" : "192.0.2.1"), /* as it is */
            .has_port = true,
            .port = (uint16_t)((33481 + checksum) % 0xffff), /* takes the rest up */
        };

        edit_endpoint(packet.bytes, packet.len, EDIT_SRC, &to);
        check(tf_get_u16(packet.bytes + at + TF_UDP_CHECKSUM) == 0xffff, "%s: checksum %04x",
              destinations[i], tf_get_u16(packet.bytes + at + TF_UDP_CHECKSUM));
        check(lab_wrong_checksum(packet.bytes, packet.len) == NULL, "%s", destinations[i]);
    }
}

static void test_ttl_and_tos(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * ROUNDS; i++) {
        const struct shape *shape = &shapes[i % COUNT(shapes)];
        const uint8_t ttl = (uint8_t)next_random(&seed);
        const uint8_t tos = (uint8_t)next_random(&seed);
        struct packet packet = random_packet(shape, &seed);
        struct packet want = packet;

        want.bytes[shape->ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = ttl;
        if (shape->ipv6)
            tf_put_u16(want.bytes, (uint16_t)(0x6000 | tos << 4 | (want.bytes[1] & 0x0f)));
        else
            want.bytes[TF_IPV4_TOS] = tos;
        lab_seal(&want);
        edit_ttl(packet.bytes, ttl);
        edit_tos(packet.bytes, tos);
        check_equal(&packet, &want, want.len, shape->name);
    }
}

static void test_seal_icmp(void **state)
{
    uint32_t seed = 6;

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        if (shapes[i].protocol != TF_IP_PROTO_ICMP)
            continue;
        const struct packet want = random_packet(&shapes[i], &seed);
        struct packet packet = want;
        tf_put_u16(packet.bytes + header_len(&shapes[i]) + TF_ICMP_CHECKSUM, 0x5a5a);
        edit_seal_icmp(packet.bytes, packet.len);
        check_equal(&packet, &want, want.len, shapes[i].name);
    }
}

/* Another family, another version, noise: left alone, or at least within bounds. */
static void test_not_edited(void **state)
{
    const struct endpoint to4 = { .addr = addr("10.0.0.1"), .has_port = true, .port = 1 };
    const struct packet before = lab_packet(&(struct lab_probe){ .dst = "2001:db8:d::1" });
    struct packet packet = before;
    uint32_t seed = 7;

    (void)state;
    edit_endpoint(packet.bytes, packet.len, EDIT_SRC, &to4);
    check_equal(&packet, &before, before.len, "an IPv4 address for an IPv6 packet");
    for (size_t i = 0; i < 20000; i++) {
        uint8_t noise[80];
        const size_t len = next_random(&seed) % sizeof noise;
        for (size_t j = 0; j < len; j++)
            noise[j] = (uint8_t)next_random(&seed);
        noise[0] = (uint8_t)((i % 2 == 0 ? 0x40 : 0x60) | (noise[0] & 0x0f));
        uint8_t *bytes = (uint8_t *)(uintptr_t)guarded(noise, len);
        const struct endpoint to = random_endpoint(i % 2 == 1, &seed);
        edit_endpoint(bytes, len, i % 3 == 0 ? EDIT_SRC : EDIT_DST, &to);
        edit_seal_icmp(bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),  cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_cut_quotes), cmocka_unit_test(test_padded_quotes),
        cmocka_unit_test(test_udp_zero),   cmocka_unit_test(test_ttl_and_tos),
        cmocka_unit_test(test_seal_icmp),  cmocka_unit_test(test_not_edited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
