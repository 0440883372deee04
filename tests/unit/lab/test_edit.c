/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of packets: each against the same change made by hand and all checksums computed anew. */
#include "lab_shapes.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { ROUNDS = 300 };

static void test_endpoints(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < LAB_SHAPES * ROUNDS; i++) {
        const struct lab_shape *shape = &lab_shapes[i % LAB_SHAPES];
        const enum edit_end end = i / LAB_SHAPES % 2 == 0 ? EDIT_SRC : EDIT_DST;
        const struct endpoint to = lab_shape_endpoint(shape->ipv6, &seed);
        struct packet packet = lab_shape_packet(shape, &seed);
        const struct packet want = lab_edited_by_hand(&packet, shape, end, &to);

        edit_endpoint(packet.bytes, packet.len, end, &to);
        lab_check_equal(&packet, &want, want.len, shape->name);
    }
}

/* An edit, and then the way back: the packet as it was. */
static void test_there_and_back(void **state)
{
    uint32_t seed = 2;

    (void)state;
    for (size_t i = 0; i < LAB_SHAPES * ROUNDS; i++) {
        const struct lab_shape *shape = &lab_shapes[i % LAB_SHAPES];
        const struct packet packet = lab_shape_packet(shape, &seed);
        const struct endpoint to = lab_shape_endpoint(shape->ipv6, &seed);
        const size_t src = shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC;
        struct endpoint from = { .addr = tf_addr_from(to.addr.version, packet.bytes + src),
                                 .has_port = to.has_port };
        struct packet edited = packet;
        size_t offset;

        if (lab_port_offset(shape, EDIT_SRC, &offset))
            from.port = tf_get_u16(packet.bytes + lab_header_len(shape) + offset);
        edit_endpoint(edited.bytes, edited.len, EDIT_SRC, &to);
        edit_endpoint(edited.bytes, edited.len, EDIT_SRC, &from);
        lab_check_equal(&edited, &packet, packet.len, shape->name);
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
    for (size_t i = 0; i < LAB_SHAPES * ROUNDS; i++) {
        const struct lab_shape *shape = &lab_shapes[i % LAB_SHAPES];
        const uint8_t ttl = (uint8_t)next_random(&seed);
        const uint8_t tos = (uint8_t)next_random(&seed);
        struct packet packet = lab_shape_packet(shape, &seed);
        struct packet want = packet;

        want.bytes[shape->ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = ttl;
        if (shape->ipv6)
            tf_put_u16(want.bytes, (uint16_t)(0x6000 | tos << 4 | (want.bytes[1] & 0x0f)));
        else
            want.bytes[TF_IPV4_TOS] = tos;
        lab_seal(&want);
        edit_ttl(packet.bytes, ttl);
        edit_tos(packet.bytes, tos);
        lab_check_equal(&packet, &want, want.len, shape->name);
    }
}

static void test_seal_icmp(void **state)
{
    uint32_t seed = 6;

    (void)state;
    for (size_t i = 0; i < LAB_SHAPES; i++) {
        if (lab_shapes[i].protocol != TF_IP_PROTO_ICMP)
            continue;
        const struct packet want = lab_shape_packet(&lab_shapes[i], &seed);
        struct packet packet = want;
        tf_put_u16(packet.bytes + lab_header_len(&lab_shapes[i]) + TF_ICMP_CHECKSUM, 0x5a5a);
        edit_seal_icmp(packet.bytes, packet.len);
        lab_check_equal(&packet, &want, want.len, lab_shapes[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_udp_zero),  cmocka_unit_test(test_ttl_and_tos),
        cmocka_unit_test(test_seal_icmp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
