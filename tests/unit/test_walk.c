/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet's way: what routers refuse, where it ends and as what, how its header has changed by
 * then; checksums stay right at every node. */
#include "lab_scene.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"
#include "walk.h"

static const char *const outcomes[] = {
    [WALK_ON] = "on",           [WALK_ARRIVED] = "arrived",   [WALK_EXPIRED] = "expired",
    [WALK_DENIED] = "denied",   [WALK_NO_ROUTE] = "no route", [WALK_NO_HOST] = "no host",
    [WALK_TOO_BIG] = "too big", [WALK_LOST] = "lost",
};

static enum walk_outcome step(struct walk *walk, struct routing *routing, uint32_t *node)
{
    const enum walk_outcome outcome = walk_enter(walk, routing, *node);
    const char *wrong = lab_wrong_checksum(walk->packet, walk->len);

    check(wrong == NULL, "%s checksum at %s", wrong, routing->topology->nodes[*node].id);
    if (outcome != WALK_ON)
        return outcome;
    const struct hops hops = routing_hops(routing, *node, &walk->flow, walk->target);
    if (hops.count == 0)
        return walk_no_way(&hops);
    *node = routing_choose(routing, *node, &walk->flow, &hops, 0);
    return walk_leave(walk, routing, *node);
}

/* All the way; the last node and what became of it, TTL and TOS. */
static char *go(const struct topology *topology, const struct packet *packet)
{
    struct routing *routing = routing_new(topology);
    struct walk *walk = g_new0(struct walk, 1);
    uint32_t node = topology->first;
    enum walk_outcome outcome = WALK_ON;

    check(walk_begin(walk, routing, packet->bytes, packet->len) == TF_OK, "a packet");
    while (outcome == WALK_ON)
        outcome = step(walk, routing, &node);
    const bool ipv6 = walk->packet[0] >> 4 == 6;
    char *text = g_strdup_printf(
        "%s %s ttl %u tos %u", topology->nodes[walk_at(walk)].id, outcomes[outcome],
        walk->packet[ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL],
        ipv6 ? tf_get_u16(walk->packet) >> 4 & 0xff : walk->packet[TF_IPV4_TOS]);
    if (outcome == WALK_TOO_BIG)
        check(walk->link_mtu == 1000, "the link's MTU %u", walk->link_mtu);
    g_free(walk);
    routing_free(routing);
    return text;
}

/* Three routers in a row, and a host; with further keys of the second and the third router. */
static struct topology *row(const char *keys, const char *keys3)
{
    const char *const next3 = strstr(keys3, "next=") == NULL ? "next=h\n" : "";
    g_autofree char *text = g_strconcat("[router r1]\naddress=10.0.0.1, 2001:db8::1\nnext=r2\n"
                                        "[router r2]\naddress=10.0.0.2, 2001:db8::2\nnext=r3\n",
                                        keys, "[router r3]\naddress=10.0.0.3, 2001:db8::3\n", next3,
                                        keys3, "[host h]\naddress=198.51.100.1, 2001:db8:d::1\n",
                                        NULL);

    return lab_topology(text);
}

#define V4 "198.51.100.1"
#define V6 "2001:db8:d::1"

struct way_case {
    const char *name;
    const char *keys;
    const char *keys3;
    struct lab_probe probe;
    const char *want;
};

static const struct way_case way_cases[] = {
    { "a router each TTL", "", "", { .dst = V4, .ttl = 1 }, "r1 expired ttl 1 tos 0" },
    { "… the second", "", "", { .dst = V4, .ttl = 2 }, "r2 expired ttl 1 tos 0" },
    { "… the third, IPv6", "", "", { .dst = V6, .ttl = 3 }, "r3 expired ttl 1 tos 0" },
    { "the host", "", "", { .dst = V4, .ttl = 4 }, "h arrived ttl 1 tos 0" },
    { "the host, IPv6", "", "", { .dst = V6, .ttl = 64 }, "h arrived ttl 61 tos 0" },
    { "a router's own address", "", "", { .dst = "10.0.0.2", .ttl = 2 }, "r2 arrived ttl 1 tos 0" },
    { "beyond the host's router", "", "", { .dst = "203.0.113.1" }, "r3 no host ttl 62 tos 0" },
    { "no way on", "", "next=none\n", { .dst = V4 }, "r3 no route ttl 62 tos 0" },

    { "hidden router", "ttl=keep\n", "", { .dst = V4, .ttl = 2 }, "r3 expired ttl 1 tos 0" },
    { "behind it", "ttl=keep\n", "", { .dst = V4, .ttl = 3 }, "h arrived ttl 1 tos 0" },
    { "in the tunnel", "ttl=label\n", "", { .dst = V4, .ttl = 2 }, "r2 expired ttl 1 tos 0" },
    { "its end, TTL copied", "ttl=label\n", "", { .dst = V4, .ttl = 3 }, "r3 expired ttl 1 tos 0" },
    { "behind it", "ttl=label\n", "", { .dst = V4, .ttl = 4 }, "h arrived ttl 1 tos 0" },
    { "… IPv6", "ttl=label\n", "", { .dst = V6, .ttl = 5 }, "h arrived ttl 2 tos 0" },
    { "its end, not copied",
      "ttl=label\n",
      "ttl-copy=no\n",
      { .dst = V4, .ttl = 3 },
      "h arrived ttl 1 tos 0" },
    { "in the tunnel, not copied",
      "ttl=label\n",
      "ttl-copy=no\n",
      { .dst = V4, .ttl = 2 },
      "r2 expired ttl 1 tos 0" },
    { "a tunnel of two: quoted TTLs rise",
      "ttl=label\n",
      "ttl=label\n",
      { .dst = V4, .ttl = 3 },
      "r3 expired ttl 2 tos 0" },

    { "denied UDP", "deny=udp\n", "", { .dst = V4 }, "r2 denied ttl 63 tos 0" },
    { "… not TCP", "deny=udp\n", "", { .dst = V4, .protocol = 6 }, "h arrived ttl 61 tos 0" },
    { "denied ICMP, IPv6",
      "deny=icmp\n",
      "",
      { .dst = V6, .protocol = 1 },
      "r2 denied ttl 63 tos 0" },
    { "a denied port", "deny=udp:33480\n", "", { .dst = V4 }, "r2 denied ttl 63 tos 0" },
    { "the port before",
      "deny=udp:33480\n",
      "",
      { .dst = V4, .dst_port = 33479 },
      "h arrived ttl 61 tos 0" },
    { "the firewall itself", "deny=udp\n", "", { .dst = "10.0.0.2" }, "r2 arrived ttl 63 tos 0" },

    { "fits",
      "",
      "mtu=1000\n",
      { .dst = V4, .df = true, .payload = 972 },
      "h arrived ttl 61 tos 0" },
    { "does not: quoted as it came in",
      "dscp=46\n",
      "mtu=1000\n",
      { .dst = V4, .df = true, .payload = 973 },
      "r2 too big ttl 63 tos 0" },
    { "may be fragmented",
      "",
      "mtu=1000\n",
      { .dst = V4, .payload = 973 },
      "h arrived ttl 61 tos 0" },
    { "does not fit, IPv6",
      "",
      "mtu=1000\n",
      { .dst = V6, .payload = 953 },
      "r2 too big ttl 63 tos 0" },
    { "fits, IPv6", "", "mtu=1000\n", { .dst = V6, .payload = 952 }, "h arrived ttl 61 tos 0" },

    { "DSCP set, ECN kept",
      "dscp=46\n",
      "",
      { .dst = V4, .tos = 0x29 },
      "h arrived ttl 61 tos 185" },
    { "… IPv6", "dscp=46\n", "", { .dst = V6, .tos = 0x29 }, "h arrived ttl 61 tos 185" },
    { "DSCP cleared", "dscp=0\n", "", { .dst = V4, .tos = 0x2a }, "h arrived ttl 61 tos 2" },
    { "ECN cleared", "ecn=clear\n", "", { .dst = V4, .tos = 0x2b }, "h arrived ttl 61 tos 40" },
    { "expired where it would be marked",
      "dscp=46\n",
      "",
      { .dst = V4, .ttl = 2 },
      "r2 expired ttl 1 tos 0" },
    { "expired behind", "dscp=46\n", "", { .dst = V4, .ttl = 3 }, "r3 expired ttl 1 tos 184" },

    { "a router that is down", "down=yes\n", "", { .dst = V4 }, "r2 lost ttl 63 tos 0" },
};

static void test_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(way_cases); i++) {
        const struct way_case *c = &way_cases[i];
        struct topology *topology = row(c->keys, c->keys3);
        const struct packet packet = lab_packet(&c->probe);
        g_autofree char *got = go(topology, &packet);
        check(strcmp(got, c->want) == 0, "%s: %s, not %s", c->name, got, c->want);
        topology_free(topology);
    }
}

/* A TTL of 0 is no more than one of 1. */
static void test_ttl_zero(void **state)
{
    struct topology *topology = row("", "");
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4 });

    (void)state;
    packet.bytes[TF_IPV4_TTL] = 0;
    lab_seal(&packet);
    g_autofree char *got = go(topology, &packet);
    check(strcmp(got, "r1 expired ttl 0 tos 0") == 0, "%s", got);
    topology_free(topology);
}

/* Routers that forward without decrementing, in a circle: the way ends all the same. */
static void test_circle(void **state)
{
    struct topology *topology = row("", "");
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4 });

    (void)state;
    topology->nodes[1].traits.next.at[0].node = 0; /* files with such circles are refused */
    topology->nodes[0].traits.ttl = topology->nodes[1].traits.ttl = TTL_KEEP;
    g_autofree char *got = go(topology, &packet);
    check(strcmp(got, "r2 lost ttl 64 tos 0") == 0, "%s", got);
    topology_free(topology);
}

/* A probe with bytes changed; header checksums are made right unless that is what is wrong. */
struct refusal {
    const char *name;
    const char *dst;
    size_t at;
    uint16_t value;
    bool is_sealed;
    size_t cut; /* bytes at the end */
    enum tf_status want;
};

static const struct refusal refusals[] = {
    { "as it should be", V4, 0, 0x4500, true, 0, TF_OK },
    { "as it should be, IPv6", V6, 0, 0x6000, true, 0, TF_OK },
    { "version 5", V4, 0, 0x5500, false, 0, TF_BAD },
    { "a header of 16 bytes", V4, 0, 0x4400, false, 0, TF_BAD },
    { "a header longer than the packet", V4, 0, 0x4f00, false, 0, TF_SHORT },
    { "wrong header checksum", V4, TF_IPV4_CHECKSUM, 0x1234, false, 0, TF_BAD },
    { "cut", V4, 0, 0x4500, true, 1, TF_SHORT },
    { "cut, IPv6", V6, 0, 0x6000, true, 1, TF_SHORT },
    { "cut to half a header", V4, 0, 0x4500, true, 34, TF_SHORT },
    { "empty", V4, 0, 0x4500, true, 44, TF_SHORT },
    { "total length of 19", V4, TF_IPV4_TOTAL_LENGTH, 19, true, 0, TF_SHORT },
    { "total length of 20: no ports", V4, TF_IPV4_TOTAL_LENGTH, 20, true, 0, TF_OK },
    { "total length of 30: a runt", V4, TF_IPV4_TOTAL_LENGTH, 30, true, 0, TF_OK },
    { "UDP length of 7", V4, TF_IPV4_MIN_LEN + TF_UDP_LENGTH, 7, true, 0, TF_OK },
    { "UDP length of 7, IPv6", V6, TF_IPV6_LEN + TF_UDP_LENGTH, 7, true, 0, TF_OK },
    { "multicast", V4, TF_IPV4_DST, 0xe000, true, 0, TF_NOT_OURS },
    { "broadcast", V4, TF_IPV4_DST, 0xffff, true, 0, TF_NOT_OURS },
    { "loopback", V4, TF_IPV4_DST, 0x7f00, true, 0, TF_NOT_OURS },
    { "network 0", V4, TF_IPV4_DST, 0, true, 0, TF_NOT_OURS },
    { "multicast, IPv6", V6, TF_IPV6_DST, 0xff02, true, 0, TF_NOT_OURS },
};

static void test_refusals(void **state)
{
    struct topology *topology = row("", "");
    struct routing *routing = routing_new(topology);
    struct walk *walk = g_new0(struct walk, 1);

    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const struct refusal *c = &refusals[i];
        struct packet packet = lab_packet(&(struct lab_probe){ .dst = c->dst, .payload = 16 });

        tf_put_u16(packet.bytes + c->at, c->value);
        if (c->is_sealed && packet.bytes[0] >> 4 == 4)
            seal_ipv4(packet.bytes);
        packet.len -= c->cut;
        const enum tf_status got = walk_begin(walk, routing, guarded(packet.bytes, packet.len),
                                              packet.len);
        check(got == c->want, "%s: %d, not %d", c->name, (int)got, (int)c->want);
    }
    static const uint8_t huge[SIM_PACKET_MAX + 1] = { 0x45 };
    check(walk_begin(walk, routing, huge, sizeof huge) == TF_NOT_OURS, "longer than any");
    g_free(walk);
    routing_free(routing);
    topology_free(topology);
}

/* What follows the IP packet in its frame does not go on. */
static void test_padding_is_left(void **state)
{
    struct topology *topology = row("", "");
    struct routing *routing = routing_new(topology);
    struct walk *walk = g_new0(struct walk, 1);
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4 });
    const size_t len = packet.len;

    (void)state;
    append(&packet, "padding", 7);
    check(walk_begin(walk, routing, packet.bytes, packet.len) == TF_OK, "taken");
    check(walk->len == len, "%zu bytes, not %zu", walk->len, len);
    g_free(walk);
    routing_free(routing);
    topology_free(topology);
}

/* Noise behind a right IP header: nothing but bounds is asked for. */
static void test_noise(void **state)
{
    static const char *const keys = "nat-source=203.0.113.7, 2001:db8:f::7\nnat-ports=random\n";
    struct topology *topology = row(keys, "dscp=1\nmtu=68\n");
    uint32_t seed = 8;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        struct packet packet = lab_packet(
            &(struct lab_probe){ .dst = i % 2 == 0 ? V4 : V6, .payload = 60 });
        struct routing *routing = routing_new(topology);
        struct walk *walk = g_new(struct walk, 1);
        uint32_t node = 0;
        const size_t header = ip_header_len(&packet);

        packet.bytes[i % 2 == 0 ? TF_IPV4_PROTOCOL : TF_IPV6_NEXT_HEADER] =
            (uint8_t)(next_random(&seed) % 64);
        for (size_t j = header; j < packet.len; j++)
            packet.bytes[j] = (uint8_t)next_random(&seed);
        if (i % 2 == 0)
            seal_ipv4(packet.bytes);
        const size_t len = i % 2 == 0 ? packet.len : packet.len - next_random(&seed) % 8;
        if (walk_begin(walk, routing, guarded(packet.bytes, len), len) == TF_OK)
            while (walk_enter(walk, routing, node) == WALK_ON && node < 3 &&
                   walk_leave(walk, routing, node + 1) == WALK_ON)
                node++;
        g_free(walk);
        routing_free(routing);
    }
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),
        cmocka_unit_test(test_ttl_zero),
        cmocka_unit_test(test_circle),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_padding_is_left),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
