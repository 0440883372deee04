/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What routers drop at once: no packets, cut or damaged ones, and those for no single host. */
#include "lab_scene.h"

#include "traceflow/bytes.h"
#include "traceflow/wire.h"
#include "walk.h"

/* A probe with bytes changed; header checksums are made right unless that is what is wrong. */
struct refusal {
    const char *name;
    const char *dst;
    size_t at;
    uint16_t value;
    bool is_sealed;
    uint8_t cut; /* bytes at the end */
    enum tf_status want;
};

static const struct refusal refusals[] = {
    { "as it should be", LAB_HOST4, 0, 0x4500, true, 0, TF_OK },
    { "as it should be, IPv6", LAB_HOST6, 0, 0x6000, true, 0, TF_OK },
    { "version 5", LAB_HOST4, 0, 0x5500, false, 0, TF_BAD },
    { "a header of 16 bytes", LAB_HOST4, 0, 0x4400, false, 0, TF_BAD },
    { "a header longer than the packet", LAB_HOST4, 0, 0x4f00, false, 0, TF_SHORT },
    { "wrong header checksum", LAB_HOST4, TF_IPV4_CHECKSUM, 0x1234, false, 0, TF_BAD },
    { "cut", LAB_HOST4, 0, 0x4500, true, 1, TF_SHORT },
    { "cut, IPv6", LAB_HOST6, 0, 0x6000, true, 1, TF_SHORT },
    { "cut to half a header", LAB_HOST4, 0, 0x4500, true, 34, TF_SHORT },
    { "empty", LAB_HOST4, 0, 0x4500, true, 44, TF_SHORT },
    { "total length of 19", LAB_HOST4, TF_IPV4_TOTAL_LENGTH, 19, true, 0, TF_SHORT },
    { "total length of 20: no ports", LAB_HOST4, TF_IPV4_TOTAL_LENGTH, 20, true, 0, TF_OK },
    { "total length of 30: a runt", LAB_HOST4, TF_IPV4_TOTAL_LENGTH, 30, true, 0, TF_OK },
    { "UDP length of 7", LAB_HOST4, TF_IPV4_MIN_LEN + TF_UDP_LENGTH, 7, true, 0, TF_OK },
    { "UDP length of 7, IPv6", LAB_HOST6, TF_IPV6_LEN + TF_UDP_LENGTH, 7, true, 0, TF_OK },
    { "multicast", LAB_HOST4, TF_IPV4_DST, 0xe000, true, 0, TF_NOT_OURS },
    { "broadcast", LAB_HOST4, TF_IPV4_DST, 0xffff, true, 0, TF_NOT_OURS },
    { "loopback", LAB_HOST4, TF_IPV4_DST, 0x7f00, true, 0, TF_NOT_OURS },
    { "network 0", LAB_HOST4, TF_IPV4_DST, 0, true, 0, TF_NOT_OURS },
    { "multicast, IPv6", LAB_HOST6, TF_IPV6_DST, 0xff02, true, 0, TF_NOT_OURS },
};

static void test_refusals(void **state)
{
    g_autofree char *text = lab_row("", "");
    struct topology *topology = lab_topology(text);
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
    g_autofree char *text = lab_row("", "");
    struct topology *topology = lab_topology(text);
    struct routing *routing = routing_new(topology);
    struct walk *walk = g_new0(struct walk, 1);
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = LAB_HOST4 });
    const size_t len = packet.len;

    (void)state;
    append(&packet, "padding", 7);
    check(walk_begin(walk, routing, packet.bytes, packet.len) == TF_OK, "taken");
    check(walk->len == len, "%zu bytes, not %zu", walk->len, len);
    g_free(walk);
    routing_free(routing);
    topology_free(topology);
}

/* A right IP header, and noise behind it. */
static struct packet noise(bool ipv6, uint32_t *seed)
{
    struct packet packet = lab_packet(
        &(struct lab_probe){ .dst = ipv6 ? LAB_HOST6 : LAB_HOST4, .payload = 60 });

    packet.bytes[ipv6 ? TF_IPV6_NEXT_HEADER : TF_IPV4_PROTOCOL] = (uint8_t)(next_random(seed) % 64);
    for (size_t i = ip_header_len(&packet); i < packet.len; i++)
        packet.bytes[i] = (uint8_t)next_random(seed);
    if (!ipv6)
        seal_ipv4(packet.bytes);
    packet.len -= next_random(seed) % 8 == 0;
    return packet;
}

/* Nothing but bounds is asked for. */
static void test_noise(void **state)
{
    g_autofree char *text = lab_row(
        "nat-source=203.0.113.7, 2001:db8:f::7\nnat-ports=random\ndscp=1\n", "mtu=68\n");
    struct topology *topology = lab_topology(text);
    struct routing *routing = routing_new(topology);
    struct walk *walk = g_new(struct walk, 1);
    uint32_t seed = 8;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        const struct packet packet = noise(i % 2 == 1, &seed);
        const uint8_t *bytes = guarded(packet.bytes, packet.len);
        if (walk_begin(walk, routing, bytes, packet.len) != TF_OK)
            continue;
        for (uint32_t node = 0; walk_enter(walk, routing, node) == WALK_ON; node++)
            if (walk_leave(walk, routing, node + 1) != WALK_ON)
                break;
    }
    g_free(walk);
    routing_free(routing);
    topology_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_padding_is_left),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
