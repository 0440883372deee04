/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet's way: where it ends and as what, how its header has changed by
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
        check(walk->link_mtu == (ipv6 ? 1300 : 1000), "the link's MTU %u", walk->link_mtu);
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

struct way_case {
    const char *name;
    const char *keys;
    const char *keys3;
    struct lab_probe probe;
    const char *want;
};

static const struct way_case way_cases[] = {
    { "a router each TTL", "", "", { .dst = LAB_HOST4, .ttl = 1 }, "r1 expired ttl 1 tos 0" },
    { "… the second", "", "", { .dst = LAB_HOST4, .ttl = 2 }, "r2 expired ttl 1 tos 0" },
    { "… the third, IPv6", "", "", { .dst = LAB_HOST6, .ttl = 3 }, "r3 expired ttl 1 tos 0" },
    { "the host", "", "", { .dst = LAB_HOST4, .ttl = 4 }, "h arrived ttl 1 tos 0" },
    { "the host, IPv6", "", "", { .dst = LAB_HOST6, .ttl = 64 }, "h arrived ttl 61 tos 0" },
    { "a router's own address", "", "", { .dst = "10.0.0.2", .ttl = 2 }, "r2 arrived ttl 1 tos 0" },
    { "beyond the host's router", "", "", { .dst = "203.0.113.1" }, "r3 no host ttl 62 tos 0" },
    { "no way on", "", "next=none\n", { .dst = LAB_HOST4 }, "r3 no route ttl 62 tos 0" },

    { "hidden router", "ttl=keep\n", "", { .dst = LAB_HOST4, .ttl = 2 }, "r3 expired ttl 1 tos 0" },
    { "behind it", "ttl=keep\n", "", { .dst = LAB_HOST4, .ttl = 3 }, "h arrived ttl 1 tos 0" },
    { "in the tunnel",
      "ttl=label\n",
      "",
      { .dst = LAB_HOST4, .ttl = 2 },
      "r2 expired ttl 1 tos 0" },
    { "its end, TTL copied",
      "ttl=label\n",
      "",
      { .dst = LAB_HOST4, .ttl = 3 },
      "r3 expired ttl 1 tos 0" },
    { "behind it", "ttl=label\n", "", { .dst = LAB_HOST4, .ttl = 4 }, "h arrived ttl 1 tos 0" },
    { "… IPv6", "ttl=label\n", "", { .dst = LAB_HOST6, .ttl = 5 }, "h arrived ttl 2 tos 0" },
    { "its end, not copied",
      "ttl=label\n",
      "ttl-copy=no\n",
      { .dst = LAB_HOST4, .ttl = 3 },
      "h arrived ttl 1 tos 0" },
    { "in the tunnel, not copied",
      "ttl=label\n",
      "ttl-copy=no\n",
      { .dst = LAB_HOST4, .ttl = 2 },
      "r2 expired ttl 1 tos 0" },
    { "a tunnel of two: quoted TTLs rise",
      "ttl=label\n",
      "ttl=label\n",
      { .dst = LAB_HOST4, .ttl = 3 },
      "r3 expired ttl 2 tos 0" },

    { "denied UDP", "deny=udp\n", "", { .dst = LAB_HOST4 }, "r2 denied ttl 63 tos 0" },
    { "… not TCP",
      "deny=udp\n",
      "",
      { .dst = LAB_HOST4, .protocol = 6 },
      "h arrived ttl 61 tos 0" },
    { "denied ICMP, IPv6",
      "deny=icmp\n",
      "",
      { .dst = LAB_HOST6, .protocol = 1 },
      "r2 denied ttl 63 tos 0" },
    { "a denied port", "deny=udp:33480\n", "", { .dst = LAB_HOST4 }, "r2 denied ttl 63 tos 0" },
    { "the port before",
      "deny=udp:33480\n",
      "",
      { .dst = LAB_HOST4, .dst_port = 33479 },
      "h arrived ttl 61 tos 0" },
    { "the firewall itself", "deny=udp\n", "", { .dst = "10.0.0.2" }, "r2 arrived ttl 63 tos 0" },

    { "fits",
      "",
      "mtu=1000\n",
      { .dst = LAB_HOST4, .df = true, .payload = 972 },
      "h arrived ttl 61 tos 0" },
    { "does not: quoted as it came in",
      "dscp=46\n",
      "mtu=1000\n",
      { .dst = LAB_HOST4, .df = true, .payload = 973 },
      "r2 too big ttl 63 tos 0" },
    { "may be fragmented",
      "",
      "mtu=1000\n",
      { .dst = LAB_HOST4, .payload = 973 },
      "h arrived ttl 61 tos 0" },
    { "does not fit, IPv6",
      "",
      "mtu=1300\n",
      { .dst = LAB_HOST6, .payload = 1253 },
      "r2 too big ttl 63 tos 0" },
    { "fits, IPv6",
      "",
      "mtu=1300\n",
      { .dst = LAB_HOST6, .payload = 1252 },
      "h arrived ttl 61 tos 0" },
    { "every link carries 1280 bytes of IPv6",
      "",
      "mtu=1000\n",
      { .dst = LAB_HOST6, .payload = 1232 },
      "h arrived ttl 61 tos 0" },

    { "DSCP set, ECN kept",
      "dscp=46\n",
      "",
      { .dst = LAB_HOST4, .tos = 0x29 },
      "h arrived ttl 61 tos 185" },
    { "… IPv6", "dscp=46\n", "", { .dst = LAB_HOST6, .tos = 0x29 }, "h arrived ttl 61 tos 185" },
    { "DSCP cleared", "dscp=0\n", "", { .dst = LAB_HOST4, .tos = 0x2a }, "h arrived ttl 61 tos 2" },
    { "ECN cleared",
      "ecn=clear\n",
      "",
      { .dst = LAB_HOST4, .tos = 0x2b },
      "h arrived ttl 61 tos 40" },
    { "expired where it would be marked",
      "dscp=46\n",
      "",
      { .dst = LAB_HOST4, .ttl = 2 },
      "r2 expired ttl 1 tos 0" },
    { "expired behind",
      "dscp=46\n",
      "",
      { .dst = LAB_HOST4, .ttl = 3 },
      "r3 expired ttl 1 tos 184" },

    { "a router that is down", "down=yes\n", "", { .dst = LAB_HOST4 }, "r2 lost ttl 63 tos 0" },
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
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = LAB_HOST4 });

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
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = LAB_HOST4 });

    (void)state;
    topology->nodes[1].traits.next.at[0].node = 0; /* files with such circles are refused */
    topology->nodes[0].traits.ttl = topology->nodes[1].traits.ttl = TTL_KEEP;
    g_autofree char *got = go(topology, &packet);
    check(strcmp(got, "r2 lost ttl 64 tos 0") == 0, "%s", got);
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),
        cmocka_unit_test(test_ttl_zero),
        cmocka_unit_test(test_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
