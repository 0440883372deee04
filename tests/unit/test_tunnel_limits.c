/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels in tunnels, lengths that lie, and what only looks like a tunnel. */
#include "tunnelled.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/link.h"
#include "traceflow/wire.h"

/* Headers within headers: IP in IP of all four combinations, seven deep. */
static void test_nested(void **state)
{
    struct packet ip = tunnel_probe(IPV6);
    struct tf_packet packet;

    (void)state;
    for (int depth = 0; depth < 7; depth++)
        ip = tunnel_around(&ip, depth & 2 ? IPV6 : IPV4, ip.bytes[0] >> 4 == 6 ? 41 : 4);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_OK,
          "status");
    check_tunnelled("nested", IPV6, false, &packet);
}

/* There is an end to it, and it does not matter what is behind. */
static void test_bombs(void **state)
{
    struct packet ip = tunnel_probe(IPV4);
    struct packet tags = { .len = 0 };
    struct packet labels = { .len = 0 };
    struct tf_packet packet;

    (void)state;
    for (int depth = 0; depth < 40; depth++) {
        ip = tunnel_around(&ip, IPV4, 4);
        append(&tags, (const uint8_t[]){ 0x81, 0, 0, 5 }, 4);
        append(&labels, (const uint8_t[]){ 0, 1, 0, 7 }, 4);
    }
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) ==
              TF_NOT_OURS,
          "IP in IP");
    check(tf_packet_decode(&packet, TF_LINKTYPE_MPLS, guarded(labels.bytes, labels.len),
                           labels.len) == TF_NOT_OURS,
          "labels");
    tags = (struct packet){ .len = 0 };
    append(&tags, (const uint8_t[]){ 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 }, 12);
    for (int depth = 0; depth < 40; depth++)
        append(&tags, (const uint8_t[]){ 0x81, 0, 0, 5 }, 4);
    check(tf_packet_decode(&packet, TF_LINKTYPE_ETHERNET, guarded(tags.bytes, tags.len),
                           tags.len) == TF_NOT_OURS,
          "tags");
}

/* A tunnel's header cannot reach past what IP or UDP say is its own. */
static void test_lengths_that_lie(void **state)
{
    const struct packet inner = tunnel_probe(IPV4);
    struct packet ip = tunnel_around(&inner, IPV4, 4);
    struct tf_packet packet;

    (void)state;
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, 20 + 27);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_SHORT,
          "the outer length ends in the inner UDP header");
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, 20 + 28);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_OK &&
              packet.datagram.udp.payload_len == 0,
          "the outer length ends behind it");
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, 0xffff);
    tf_put_u16(ip.bytes + 20 + TF_IPV4_TOTAL_LENGTH, 0xffff);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_OK &&
              packet.datagram.udp.payload_len == 16,
          "both lengths beyond the frame");
    tf_put_u16(ip.bytes + 20 + TF_IPV4_TOTAL_LENGTH, 19);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_BAD,
          "an inner length within the header");
}

/* Fragments: the first is a tunnel's start; of the others nothing can be told. */
static void test_fragments(void **state)
{
    const struct packet inner = tunnel_probe(IPV4);
    struct packet ip = tunnel_around(&inner, IPV4, 4);
    struct tf_packet packet;

    (void)state;
    tf_put_u16(ip.bytes + TF_IPV4_FLAGS_FRAGMENT, TF_IPV4_MF);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) == TF_OK,
          "the first");
    check_tunnelled("the first", IPV4, false, &packet);
    tf_put_u16(ip.bytes + TF_IPV4_FLAGS_FRAGMENT, 1);
    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) ==
              TF_NOT_OURS,
          "the second");
}

/* A probe to a tunnel's port, of either tool, is a probe. */
static void test_probes_to_tunnel_ports(void **state)
{
    static const uint16_t ports[] = { 1701, 2152, 4789, 4790, 6081, 6635, 8472 };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(ports); i++) {
        struct packet ip = tunnel_probe(IPV4);
        struct tf_packet packet;

        tf_put_u16(ip.bytes + 20 + TF_UDP_DST_PORT, ports[i / 2]);
        if (i % 2 == 1)
            memcpy(ip.bytes + 28, "1700000000", 10);
        check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip.bytes, ip.len), ip.len) ==
                      TF_OK &&
                  packet.datagram.udp.dst_port == ports[i / 2],
              "port %u", ports[i / 2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_probes_to_tunnel_ports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
