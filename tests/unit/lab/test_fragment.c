/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments: which packets are some, what is read of them, and packets divided. */
#include "pieces.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* A fragment is 16 bytes behind these headers of an IPv6 packet, or behind an IPv4 header. */
struct read_case {
    const char *name;
    struct bytes headers; /* IPv6; none: IPv4 */
    uint8_t first;        /* IPv6: Next Header; IPv4: length of the header in words */
    uint8_t next_header;
    uint16_t offset; /* IPv4: flags and offset */
    uint32_t ident;
    size_t header_len;
    size_t next_header_at;
    size_t start;
    bool is_fragment;
    bool is_last;
};

static const struct read_case read_cases[] = {
    { "IPv4, whole", .first = 5 },
    { "IPv4, don't fragment", .first = 5, .offset = 0x4000 },
    { "IPv4, the first", .first = 5, .offset = 0x2000, .is_fragment = true, .header_len = 20,
      .ident = 0x0708 },
    { "IPv4, one between", .first = 5, .offset = 0x2002, .is_fragment = true, .header_len = 20,
      .start = 16, .ident = 0x0708 },
    { "IPv4, the last", .first = 5, .offset = 0x1fff, .is_fragment = true, .header_len = 20,
      .start = 65528, .is_last = true, .ident = 0x0708 },
    { "IPv4, options", .first = 7, .offset = 0x0001, .is_fragment = true, .header_len = 28,
      .start = 8, .is_last = true, .ident = 0x0708 },
    /* Next Header 17, offset 0, more, Identification */
    { "IPv6, the first", BYTES(17, 0, 0, 1, 0xca, 0xfe, 0, 1), .first = 44, .is_fragment = true,
      .header_len = 40, .next_header_at = 6, .next_header = 17, .ident = 0xcafe0001 },
    { "IPv6, the last", BYTES(17, 0, 0x12, 0x30, 0, 0, 0, 2), .first = 44, .is_fragment = true,
      .header_len = 40, .next_header_at = 6, .next_header = 17, .start = 0x1230, .is_last = true,
      .ident = 2 },
    { "IPv6, reserved bits are no offset", BYTES(17, 0xff, 0x12, 0x37, 0, 0, 0, 2), .first = 44,
      .is_fragment = true, .header_len = 40, .next_header_at = 6, .next_header = 17,
      .start = 0x1230, .ident = 2 },
    { "IPv6, atomic", BYTES(17, 0, 0, 0, 0, 0, 0, 3), .first = 44 },
    { "IPv6, no fragment header", BYTES(17, 0, 1, 4, 0, 0, 0, 0), .first = 0 },
    { "IPv6, behind hop-by-hop options", BYTES(44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 8, 0, 0, 0, 4),
      .first = 0, .is_fragment = true, .header_len = 48, .next_header_at = 40, .next_header = 17,
      .start = 8, .is_last = true, .ident = 4 },
    { "IPv6, destination options behind it",
      BYTES(60, 0, 0, 1, 0, 0, 0, 5, 17, 0, 1, 4, 0, 0, 0, 0), .first = 44, .is_fragment = true,
      .header_len = 40, .next_header_at = 6, .next_header = 60, .ident = 5 },
    { "IPv6, behind an atomic one", BYTES(44, 0, 0, 0, 0, 0, 0, 6, 17, 0, 0, 9, 0, 0, 0, 7),
      .first = 44, .is_fragment = true, .header_len = 48, .next_header_at = 40, .next_header = 17,
      .start = 8, .ident = 7 },
    { "IPv6, another in it", BYTES(44, 0, 0, 1, 0, 0, 0, 6, 17, 0, 0, 8, 0, 0, 0, 7), .first = 44,
      .is_fragment = true, .header_len = 40, .next_header_at = 6, .next_header = 44, .ident = 6 },
};

static struct packet packet_of(const struct read_case *c)
{
    const bool ipv6 = c->headers.len > 0;
    const struct ip_fields fields = { .src = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                      .dst = addr(ipv6 ? "2001:db8::9" : "198.51.100.9"),
                                      .protocol = ipv6 ? c->first : TF_IP_PROTO_UDP,
                                      .ttl = 9,
                                      .ident = 0x0708 };
    struct packet payload = { .len = 0 };

    append(&payload, c->headers.at, c->headers.len);
    append(&payload, "0123456789abcdef01234567", ipv6 ? 16 : 16 + (c->first - 5U) * 4U);
    struct packet packet = build_ip(&fields, &payload);
    if (ipv6)
        return packet;
    packet.bytes[0] = 0x40 | c->first;
    tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, c->offset);
    return packet;
}

static void check_read(const struct read_case *c, const struct packet *packet)
{
    const uint8_t *bytes = guarded(packet->bytes, packet->len);
    struct fragment got;

    check(fragment_read(&got, bytes, packet->len) == c->is_fragment, "%s", c->name);
    if (!c->is_fragment)
        return;
    check(got.header_len == c->header_len, "%s: header of %zu bytes", c->name, got.header_len);
    check(got.next_header_at == c->next_header_at, "%s: Next Header at", c->name);
    check(got.next_header == c->next_header, "%s: Next Header", c->name);
    check(got.start == c->start && got.is_last == c->is_last, "%s: offset", c->name);
    check(got.key.ident == c->ident, "%s: Identification", c->name);
    check(got.key.protocol == (c->headers.len > 0 ? 0 : 17), "%s: protocol", c->name);
    check(got.packet == bytes && got.data + (got.end - got.start) == bytes + packet->len,
          "%s: data to its end", c->name);
}

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(read_cases); i++) {
        const struct packet packet = packet_of(&read_cases[i]);
        struct fragment fragment;

        check_read(&read_cases[i], &packet);
        for (size_t n = 0; n < packet.len; n++)
            check(!fragment_read(&fragment, guarded(packet.bytes, n), n), "%s: cut to %zu",
                  read_cases[i].name, n);
    }
}

/* What is behind the packet is none of its data. */
static void test_trailer(void **state)
{
    struct packet packet = packet_of(&read_cases[2]);
    struct fragment fragment;

    (void)state;
    append(&packet, "trailer", 7);
    assert_true(fragment_read(&fragment, packet.bytes, packet.len));
    assert_int_equal(fragment.end, 16);
}

static void test_random(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        struct packet packet = packet_of(&read_cases[next_random(&seed) % COUNT(read_cases)]);
        struct fragment fragment;

        for (uint32_t n = next_random(&seed) % 6; n > 0; n--)
            packet.bytes[next_random(&seed) % packet.len] = (uint8_t)next_random(&seed);
        const uint8_t *bytes = guarded(packet.bytes, packet.len);
        if (!fragment_read(&fragment, bytes, packet.len))
            continue;
        check(fragment.data >= bytes + fragment.header_len, "round %d: begins", round);
        check(fragment.data + (fragment.end - fragment.start) <= bytes + packet.len,
              "round %d: ends", round);
    }
}

struct division_case {
    const char *name;
    uint8_t version;
    size_t payload; /* behind the IP header */
    size_t mtu;
    size_t lens[8]; /* of the fragments */
};

static const struct division_case division_cases[] = {
    { "fits", 4, 1480, 1500, { 1500 } },
    { "a byte too much", 4, 1481, 1500, { 1500, 21 } },
    { "an echo of 4000 bytes", 4, 4008, 1500, { 1500, 1500, 1068 } },
    { "the last one fits exactly", 4, 2960, 1500, { 1500, 1500 } },
    /* 1477 are left for the data, which is no multiple of 8 */
    { "the last one is longer than those before", 4, 1472 + 1477, 1497, { 1492, 1497 } },
    { "the smallest MTU", 4, 100, 68, { 68, 68, 24 } },
    { "no payload", 4, 0, 68, { 20 } },
    { "IPv6, fits", 6, 1460, 1500, { 1500 } },
    { "IPv6, a byte too much", 6, 1461, 1500, { 1496, 61 } },
    { "IPv6, an echo of 4000 bytes", 6, 4008, 1500, { 1496, 1496, 1160 } },
    { "IPv6, the smallest MTU", 6, 2464, 1280, { 1280, 1280 } },
};

/* Pieces are in order, have the packet's own header fields, and add up to it. */
static void check_division(const struct division_case *c)
{
    const struct whole whole = whole_of(c->version, c->payload);
    const size_t header_len = c->version == 6 ? 40 : 20;
    struct fragmentation division = { whole.bytes, whole.len, c->mtu, 0xcafe0001, 0 };
    uint8_t piece[SIM_PACKET_MAX];
    size_t done = 0;

    for (size_t i = 0; c->lens[i] > 0; i++) {
        struct fragment got;
        const bool is_only = c->lens[1] == 0;
        const size_t len = fragment_next(&division, piece);

        check(len == c->lens[i], "%s: piece %zu of %zu bytes", c->name, i, len);
        check(fragment_read(&got, guarded(piece, len), len) == !is_only, "%s: fragments", c->name);
        if (is_only) {
            assert_memory_equal(piece, whole.bytes, whole.len);
            continue;
        }
        check(got.start == done && got.is_last == (c->lens[i + 1] == 0), "%s: %zu", c->name, i);
        check(got.key.ident == (c->version == 6 ? 0xcafe0001 : WHOLE_IDENT), "%s: ID", c->name);
        check(memcmp(got.data, whole.bytes + header_len + done, got.end - done) == 0, "%s: %zu",
              c->name, i);
        check(c->version == 6 || is_ipv4_header_right(piece), "%s: header checksum", c->name);
        done = got.end;
    }
    check(fragment_next(&division, piece) == 0, "%s: no more", c->name);
    check(c->lens[1] == 0 || done == c->payload, "%s: all", c->name);
}

static void test_division(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(division_cases); i++)
        check_division(&division_cases[i]);
}

/* The headers of a last fragment, byte by byte. */
static void test_bytes(void **state)
{
    /* 21 bytes, Identification 0x0708, no flags, offset 185 of 8 */
    static const uint8_t header4[] = { 0x45, 0, 0, 21, 0x07, 0x08, 0, 185, 61, 17 };
    /* 8 + 9 bytes, a fragment header; UDP, offset 1432, Identification */
    static const uint8_t header6[] = { 0x60, 0, 0, 0, 0, 17, 44, 61 };
    static const uint8_t fragment6[] = { 17, 0, 0x05, 0x98, 0xca, 0xfe, 0, 1 };
    const struct whole whole4 = whole_of(4, 1481);
    const struct whole whole6 = whole_of(6, 1441);
    struct fragmentation division4 = { whole4.bytes, whole4.len, 1500, 0, 0 };
    struct fragmentation division6 = { whole6.bytes, whole6.len, 1480, 0xcafe0001, 0 };
    uint8_t piece[SIM_PACKET_MAX];

    (void)state;
    assert_int_equal(fragment_next(&division4, piece), 1500);
    assert_int_equal(tf_get_u16(piece + TF_IPV4_FLAGS_FRAGMENT), 0x2000);
    assert_int_equal(fragment_next(&division4, piece), 21);
    assert_memory_equal(piece, header4, sizeof header4);

    assert_int_equal(fragment_next(&division6, piece), 1480);
    assert_int_equal(tf_get_u16(piece + 42), 1);
    assert_int_equal(fragment_next(&division6, piece), 40 + 8 + 9);
    assert_memory_equal(piece, header6, sizeof header6);
    assert_memory_equal(piece + 8, whole6.bytes + 8, 32);
    assert_memory_equal(piece + 40, fragment6, sizeof fragment6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),   cmocka_unit_test(test_trailer),
        cmocka_unit_test(test_random), cmocka_unit_test(test_division),
        cmocka_unit_test(test_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
