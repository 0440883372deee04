/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edits of what ICMP errors quote: packets cut anywhere, padded, or no packets at all. */
#include "lab_shapes.h"

#include <string.h>

#include "traceflow/wire.h"

/* IPv4's header alone is enough; IPv6's extension headers have to be whole. Half a field stays as
 * it is. */
static void check_cut(const struct packet *packet, const struct lab_shape *shape, size_t len,
                      uint32_t *seed)
{
    struct endpoint to = lab_shape_endpoint(shape->ipv6, seed);
    struct packet want = *packet;
    struct packet got = { .len = len };

    if (shape->protocol == TF_IP_PROTO_ICMP && len < lab_header_len(shape) + TF_ICMP_SEQUENCE)
        to.has_port = false; /* the checksum is there, but not the identifier */
    if (len >= lab_header_len(shape))
        want = lab_edited_by_hand(packet, shape, EDIT_SRC, &to);
    if (len % 2 == 1)
        want.bytes[len - 1] = packet->bytes[len - 1];
    uint8_t *bytes = (uint8_t *)guarded(packet->bytes, len);
    edit_endpoint(bytes, len, EDIT_SRC, &to);
    memcpy(got.bytes, bytes, len);
    lab_check_equal(&got, &want, len, shape->name);
}

/* Every truncation: what is left of a packet is as the whole packet would be. */
static void test_cut_quotes(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (size_t i = 0; i < LAB_SHAPES; i++) {
        const struct packet packet = lab_shape_packet(&lab_shapes[i], &seed);
        for (size_t len = 0; len < packet.len; len++)
            check_cut(&packet, &lab_shapes[i], len, &seed);
    }
}

/* RFC 4884 section 5: a short quote is followed by zeros up to byte 128, which are no header. */
static void test_padded_quotes(void **state)
{
    enum { PADDED_LEN = 128, QUOTED_LEN = 8 };
    uint32_t seed = 4;

    (void)state;
    for (size_t i = 0; i < LAB_SHAPES; i++) {
        const struct lab_shape *shape = &lab_shapes[i];
        const size_t len = lab_header_len(shape) + QUOTED_LEN;
        const struct endpoint to = lab_shape_endpoint(shape->ipv6, &seed);
        struct packet packet = lab_shape_packet(shape, &seed);
        struct packet want = lab_edited_by_hand(&packet, shape, EDIT_SRC, &to);

        memset(packet.bytes + len, 0, PADDED_LEN - len);
        memset(want.bytes + len, 0, PADDED_LEN - len);
        edit_endpoint(packet.bytes, PADDED_LEN, EDIT_SRC, &to);
        lab_check_equal(&packet, &want, PADDED_LEN, shape->name);
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
    lab_check_equal(&packet, &before, before.len, "an IPv4 address for an IPv6 packet");
    for (size_t i = 0; i < 20000; i++) {
        uint8_t noise[80] = { 0 };
        const size_t len = next_random(&seed) % sizeof noise;
        for (size_t j = 0; j < len; j++)
            noise[j] = (uint8_t)next_random(&seed);
        noise[0] = (uint8_t)((i % 2 == 0 ? 0x40 : 0x60) | (noise[0] & 0x0f));
        uint8_t *bytes = (uint8_t *)guarded(noise, len);
        const struct endpoint to = lab_shape_endpoint(i % 2 == 1, &seed);
        edit_endpoint(bytes, len, i % 3 == 0 ? EDIT_SRC : EDIT_DST, &to);
        edit_seal_icmp(bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_quotes),
        cmocka_unit_test(test_padded_quotes),
        cmocka_unit_test(test_not_edited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
