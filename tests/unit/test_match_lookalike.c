/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other tools' packets near the rules that ask no key: none is claimed, and where many come close,
 * nothing is. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { BASE = TF_BASE_PORT, ORIGINAL = TF_BASE_PORT_ORIGINAL };

/* A UDP packet over IPv4; what is not named is as probes have it. */
struct udp_like {
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t length;
    uint16_t ident;
    uint8_t ttl;      /* as captured or quoted */
    uint16_t flags;   /* of the IPv4 header */
    int16_t trailing; /* bytes that the IP length has more than the UDP length */
    const char *payload;
};

static struct packet packet_of(const struct udp_like *like)
{
    const size_t payload_len = (size_t)(like->length - TF_UDP_LEN);
    const size_t text_len = strlen(like->payload);
    uint8_t payload[UINT8_MAX] = { 0 };
    struct ip_fields fields = { .src = addr("192.0.2.1"),
                                .dst = addr("198.51.100.9"),
                                .protocol = TF_IP_PROTO_UDP,
                                .ttl = like->ttl,
                                .ident = like->ident };

    for (size_t i = 0; text_len > 0 && i < payload_len; i++)
        payload[i] = (uint8_t)like->payload[i % text_len];
    const struct packet udp = build_udp(like->src_port, like->dst_port, 0x1234,
                                        (struct bytes){ payload, payload_len });
    struct packet ip = build_ip(&fields, &udp);
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)(ip.len + (size_t)like->trailing));
    tf_put_u16(ip.bytes + TF_IPV4_FLAGS_FRAGMENT, like->flags);
    seal_ipv4(ip.bytes);
    return ip;
}

struct tool {
    const char *name;
    struct udp_like packet;
};

/* Each as near as the tool comes by its own rules, or as options of it allow. */
static const struct tool tools[] = {
    { "classic traceroute at its 18th probe", { 41717, ORIGINAL, 40, 0x8a12, 6, 0, 0, "@AB" } },
    { "classic traceroute at its 46th probe", { 41717, BASE, 40, 0x8a2e, 16, 0, 0, "@AB" } },
    { "the same, from a port of ours, 44 bytes", { 33481, BASE, 24, 0x8a2e, 16, 0, 0, "@AB" } },
    { "the same, the path agrees by chance", { 33481, BASE, 40, 0x012e, 16, 0, 0, "@AB" } },
    { "Paris traceroute", { 33456, ORIGINAL, 36, 0x0105, 5, 0, 0, "\x7f" } },
    { "Dublin traceroute to 33452, TTL 1",
      { 12345, ORIGINAL, 27, 0x2041, 1, TF_IPV4_DF, 0, "NSMNC" } },
    { "Dublin traceroute to 33480, from 33481",
      { 33481, BASE, 55, 0x0101, 1, TF_IPV4_DF, 0, "NSMNC" } },
    { "yarrp, instance 1, to our port", { 46545, BASE, 24, 0x0102, 2, 0, 0, "" } },
    { "yarrp, the source port is one of ours", { 33482, BASE, 24, 0x0102, 2, 0, 0, "yrp6" } },
    { "nexttrace, TTL 3, attempt 1", { 33481, BASE, 24, 0x0301, 3, 0, 0, "" } },
    { "trippy, Dublin strategy", { 33480, ORIGINAL, 64, 33434, 5, 0, 0, "\1" } },
    { "scamper", { 41668, ORIGINAL, 18, 0x0003, 3, 0, 0, "\1" } },
    { "mtr, ports fixed", { 33481, BASE, 44, 0x0103, 3, TF_IPV4_DF, 0, "\1" } },
    { "datadog", { 33643, BASE, 18, 41825, 4, 0, 0, "NSMNC" } },
    { "ten digits in a longer packet", { 33455, ORIGINAL, 18, 0x0305, 5, 0, 2, "1735761600" } },
    { "ten digits that must not be fragmented",
      { 33455, ORIGINAL, 18, 0x0305, 5, TF_IPV4_DF, 0, "1735761600" } },
    { "ten digits, the first of fragments",
      { 33455, ORIGINAL, 18, 0x0305, 5, TF_IPV4_MF, 0, "1735761600" } },
    { "ten digits, path 256", { 33708, ORIGINAL, 18, 0x0005, 5, 0, 0, "1735761600" } },
};

/* The packet, a quote of all of it with the packet in the capture, and a whole quote alone. */
static void test_tools(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tools); i++) {
        const struct packet packet = packet_of(&tools[i].packet);
        const struct packet minimal = time_exceeded(&packet, 28);
        const struct packet whole = time_exceeded(&packet, packet.len);
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;

        check(packet.bytes[TF_IPV4_FLAGS_FRAGMENT] != 0x20 ||
                  give(&exchange, &whole, &obs) == TF_NOT_OURS,
              "%s: its first fragment, quoted alone", tools[i].name);
        check(give(&exchange, &packet, &obs) == TF_NOT_OURS, "%s", tools[i].name);
        check(give(&exchange, &minimal, &obs) == TF_NOT_OURS, "%s: a quote", tools[i].name);
        check(give(&exchange, &whole, &obs) == TF_NOT_OURS, "%s: a whole quote", tools[i].name);
        exchange_end(&exchange);
    }
}

/* Quotes of 28 bytes of which the packet is not in the capture. */
static const struct tool bare[] = {
    { "the IP length is longer", { 33483, BASE, 24, 0x0305, 1, 0, 4, "" } },
    { "the IP length is shorter", { 33483, BASE, 24, 0x0305, 1, 0, -4, "" } },
    { "the first of fragments", { 33483, BASE, 24, 0x0305, 1, TF_IPV4_MF, 0, "" } },
    { "original, DF", { 33455, ORIGINAL, 18, 0x0305, 1, TF_IPV4_DF, 0, "" } },
    { "original, path 259", { 33711, ORIGINAL, 18, 0x0305, 1, 0, 0, "" } },
    { "path 259, nothing surer was seen", { 33739, BASE, 24, 0x0305, 1, 0, 0, "" } },
    { "any high source port, nothing surer was seen", { 60107, BASE, 24, 0x0305, 1, 0, 0, "" } },
};

static void test_bare(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bare); i++) {
        const struct packet packet = packet_of(&bare[i].packet);
        const struct packet quote = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &packet, 28);
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;

        check(give(&exchange, &quote, &obs) == TF_NOT_OURS, "%s", bare[i].name);
        exchange_end(&exchange);
    }
}

static enum tf_status give_bare(struct exchange *exchange, uint16_t path_id, uint16_t ident)
{
    const struct udp_like like = { (uint16_t)(BASE + path_id), BASE, 24, ident, 1, 0, 0, "" };
    const struct packet packet = packet_of(&like);
    const struct packet quote = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &packet, 28);
    struct tf_observation obs;

    return give(exchange, &quote, &obs);
}

static void test_high_path_after_low(void **state)
{
    struct exchange exchange = exchange_begin();

    (void)state;
    assert_int_equal(give_bare(&exchange, 259, 0x0305), TF_NOT_OURS);
    assert_int_equal(give_bare(&exchange, 255, 0xff05), TF_OK);
    assert_int_equal(give_bare(&exchange, 259, 0x0305), TF_OK);
    exchange_end(&exchange);
}

/* A capture of replies, some routers of which zero the Identification: theirs are lost, the others
 * are not, whoever comes first. */
static void test_some_are_spoilt(void **state)
{
    struct exchange exchange = exchange_begin();

    (void)state;
    assert_int_equal(give_bare(&exchange, 1, 0), TF_NOT_OURS);
    assert_int_equal(give_bare(&exchange, 2, 0), TF_NOT_OURS);
    for (uint16_t path_id = 1; path_id <= 40; path_id++) {
        check(give_bare(&exchange, path_id, tf_ident(path_id, 7)) == TF_OK, "path %u", path_id);
        check(give_bare(&exchange, path_id, 0) == TF_NOT_OURS, "path %u, spoilt", path_id);
    }
    exchange_end(&exchange);
}

/* Where most are strangers', the one that agrees is by chance. */
static void test_most_are_strangers(void **state)
{
    struct exchange exchange = exchange_begin();

    (void)state;
    for (uint16_t path_id = 1; path_id <= 4; path_id++)
        assert_int_equal(give_bare(&exchange, path_id, 0x7777), TF_NOT_OURS);
    assert_int_equal(give_bare(&exchange, 3, 0x0305), TF_NOT_OURS);
    exchange_end(&exchange);
}

/* ---- A million of random packets around the bases -------------------------------------------- */

enum { PACKETS = 1000000, AROUND = 300 };

static uint16_t around(uint16_t port, uint32_t *random)
{
    return (uint16_t)(port - AROUND + next_random(random) % (2 * AROUND + 1));
}

/* Ports around a base, lengths and all else at random. */
static struct udp_like random_like(uint32_t *random)
{
    const uint16_t base = next_random(random) % 2 == 0 ? BASE : ORIGINAL;

    return (struct udp_like){ .src_port = around(base, random),
                              .dst_port = around(base, random),
                              .length = (uint16_t)(TF_UDP_LEN + next_random(random) % 64),
                              .ident = (uint16_t)next_random(random),
                              .ttl = (uint8_t)next_random(random),
                              .payload = "" };
}

/* As near as can be: base port, a source port over it, a probe's length, a quoted TTL of 1. */
static struct udp_like nearest_like(uint32_t *random)
{
    const uint16_t base = next_random(random) % 2 == 0 ? BASE : ORIGINAL;
    const bool tag = next_random(random) % 2 == 0;

    return (struct udp_like){ .src_port = (uint16_t)(base + 1 + next_random(random) % 255),
                              .dst_port = base,
                              .length = tag ? TF_PROBE_UDP_LENGTH : TF_ORIGINAL_UDP_LENGTH,
                              .ident = (uint16_t)next_random(random),
                              .ttl = 1,
                              .payload = "" };
}

static void write_like(struct packet *ip, size_t at, const struct udp_like *like)
{
    uint8_t *header = ip->bytes + at;
    uint8_t *udp = header + TF_IPV4_MIN_LEN;

    tf_put_u16(header + TF_IPV4_TOTAL_LENGTH, (uint16_t)(TF_IPV4_MIN_LEN + like->length));
    tf_put_u16(header + TF_IPV4_IDENT, like->ident);
    header[TF_IPV4_TTL] = like->ttl;
    tf_put_u16(udp + TF_UDP_SRC_PORT, like->src_port);
    tf_put_u16(udp + TF_UDP_DST_PORT, like->dst_port);
    tf_put_u16(udp + TF_UDP_LENGTH, like->length);
}

static void give_million(struct udp_like (*draw)(uint32_t *random), const char *name)
{
    const struct udp_like some = { BASE, BASE, 24, 0, 1, 0, 0, "" };
    const struct packet probe = packet_of(&some);
    struct packet alone = probe;
    struct packet quote = time_exceeded(&probe, 28);
    struct exchange exchange = exchange_begin();
    uint32_t random = 1;
    struct tf_observation obs;

    for (unsigned i = 0; i < PACKETS; i++) {
        const struct udp_like like = draw(&random);
        struct packet *ip = i % 2 == 0 ? &quote : &alone;
        write_like(ip, i % 2 == 0 ? 28 : 0, &like);
        check(give(&exchange, ip, &obs) == TF_NOT_OURS, "%s: packet %u", name, i);
    }
    exchange_end(&exchange);
}

static void test_million(void **state)
{
    (void)state;
    give_million(random_like, "around the bases");
    give_million(nearest_like, "as near as can be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tools),
        cmocka_unit_test(test_bare),
        cmocka_unit_test(test_high_path_after_low),
        cmocka_unit_test(test_some_are_spoilt),
        cmocka_unit_test(test_most_are_strangers),
        cmocka_unit_test(test_million),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
