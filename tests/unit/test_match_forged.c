/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers and probes that name a probed flow but do not hold its key; and all those who have
 * another reason. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { WRONG = 0x0810, OTHER_RUN = 0x2bad0001, MINIMUM = 8, WHOLE = 0 };

static uint8_t *transport(struct packet *ip)
{
    return ip->bytes + ip_header_len(ip);
}

/* The 16 bits that hold the key: the checksum, or the lower half of TCP's sequence number. */
static uint8_t *key_field(struct packet *probe)
{
    const bool tcp = probe->len - ip_header_len(probe) == TF_SYN_LEN;

    return tcp ? transport(probe) + TF_TCP_SEQ + 2 : checksum_field(probe);
}

static void add_to_key(struct packet *probe, uint16_t difference)
{
    uint8_t *key = key_field(probe);

    tf_put_u16(key, (uint16_t)(tf_get_u16(key) + difference));
}

static struct packet quote_of(const struct packet *probe, size_t transport_len)
{
    return time_exceeded(probe, transport_len == WHOLE ? probe->len
                                                       : ip_header_len(probe) + transport_len);
}

/* ---- Forgers' packets ---------------------------------------------------------------------- */

static struct packet minimal_quote(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static void guess_run(const struct shape *shape, struct packet *probe)
{
    const size_t run_id = shape->protocol == TF_IP_PROTO_TCP ? TF_SYN_TIMESTAMP + 2
                                                             : TF_UDP_LEN + TF_TAG_RUN_ID;

    tf_put_u32(transport(probe) + run_id, OTHER_RUN);
}

static struct packet whole_quote(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    guess_run(shape, &probe);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet quote_with_padding(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    memset(transport(&probe) + MINIMUM, 0, probe.len - ip_header_len(&probe) - MINIMUM);
    return quote_of(&probe, WHOLE);
}

static struct packet refusal(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return shape->ipv6 ? error_quoting(TF_ICMPV6_DEST_UNREACH, TF_ICMPV6_CODE_PORT_UNREACH, &probe,
                                       TF_IPV6_LEN + MINIMUM)
                       : error_quoting(TF_ICMP_DEST_UNREACH, TF_ICMP_CODE_PORT_UNREACH, &probe,
                                       TF_IPV4_MIN_LEN + MINIMUM);
}

static struct packet echo_reply_of_another_run(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    guess_run(shape, &probe);
    return echo_reply(shape, &probe);
}

static struct packet false_probe(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 6, 0);

    add_to_key(&probe, WRONG);
    return probe;
}

enum { ALL = 0x3f, UDP = 0x09, ECHO = 0x12, TCP = 0x24, IPV4 = 0x07 }; /* bits by shape */

struct forgery {
    const char *name;
    struct packet (*build)(const struct shape *shape);
    unsigned shapes;
    enum tf_kind kind;
};

static const struct forgery forgeries[] = {
    { "a minimal quote, another key", minimal_quote, ALL, TF_KIND_HOP_REPLY },
    { "a whole quote, run ID and key guessed", whole_quote, ALL, TF_KIND_HOP_REPLY },
    { "a minimal quote, padded", quote_with_padding, UDP | ECHO, TF_KIND_HOP_REPLY },
    { "port unreachable, another key", refusal, ALL, TF_KIND_DESTINATION_REPLY },
    { "an echo reply, run ID guessed", echo_reply_of_another_run, ECHO, TF_KIND_DESTINATION_REPLY },
    { "a probe with another key", false_probe, ALL, TF_KIND_PROBE },
};

static void check_forgery(const struct forgery *c, const struct shape *shape,
                          const struct packet *forged, const struct tf_observation *obs)
{
    const bool probe = c->kind == TF_KIND_PROBE;
    const struct tf_addr from = tf_addr_from(
        shape->ipv6 ? 6 : 4, forged->bytes + (shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC));

    check(obs->kind == c->kind && obs->path_id == 3, "%s, %s: kind", c->name, shape->name);
    check_shape_flow(shape, obs);
    check(!obs->has_ttl && !obs->has_probe && !obs->has_run_id && obs->evidence == 0,
          "%s, %s: nothing is believed", c->name, shape->name);
    check(probe ? obs->responder.version == 0 : tf_addr_equal(&obs->responder, &from),
          "%s, %s: responder", c->name, shape->name);
    check(obs->has_icmp == !probe, "%s, %s: ICMP", c->name, shape->name);
    check(obs->captured_ttl == forged->bytes[shape->ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL],
          "%s, %s: captured TTL", c->name, shape->name);
}

static void test_forgeries(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forgeries) * SHAPES; i++) {
        const struct forgery *c = &forgeries[i / SHAPES];
        const struct shape *shape = &shapes[i % SHAPES];
        if ((c->shapes & 1U << i % SHAPES) == 0)
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        const struct packet forged = c->build(shape);
        struct tf_observation obs;

        check(give(&exchange, &forged, &obs) != TF_FORGED, "%s, %s: of a flow never probed",
              c->name, shape->name);
        give_probe(&exchange, &probe);
        check(give(&exchange, &forged, &obs) == TF_FORGED, "%s, %s: status", c->name, shape->name);
        check_forgery(c, shape, &forged, &obs);
        exchange_end(&exchange);
    }
}

/* ---- Innocents: keyless, too, but there may be another reason ------------------------------ */

static struct packet no_checksum(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(checksum_field(&probe), 0);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_identification(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(probe.bytes + TF_IPV4_IDENT, 0x1234);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_flow_label(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[TF_IPV6_VERSION_CLASS_LABEL + 3] ^= 1;
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet a_ttl_never_probed(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 9, 0);

    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_length(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);
    uint8_t *length = probe.bytes + (shape->ipv6 ? TF_IPV6_PAYLOAD_LENGTH : TF_IPV4_TOTAL_LENGTH);

    tf_put_u16(length, (uint16_t)(tf_get_u16(length) + 16));
    if (shape->protocol == TF_IP_PROTO_UDP)
        tf_put_u16(transport(&probe) + TF_UDP_LENGTH, 40);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_payload(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    memcpy(transport(&probe) + TF_UDP_LEN, "@ABCDEFGHIJKLMNO", TF_TAG_LEN);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet another_syn(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(transport(&probe) + TF_TCP_WINDOW, 64240);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet another_host(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[shape->ipv6 ? TF_IPV6_SRC + 15 : TF_IPV4_SRC + 3] ^= 0x40;
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet attempt_not_captured(const struct shape *shape)
{
    const struct packet probe = shape_probe(shape, 3, 5, 7);

    return quote_of(&probe, MINIMUM);
}

/* What the kernel answers a SYN/ACK with: the sequence number behind the probe's. */
static struct packet quoted_reset(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, 1);
    return quote_of(&probe, MINIMUM);
}

static struct packet reset(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, 1);
    transport(&probe)[TF_TCP_FLAGS] = TF_TCP_FLAG_RST;
    return probe;
}

static struct packet wrong_acknowledgement(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return tcp_answer(shape, &probe, TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK, NO_TIMESTAMP);
}

static struct packet probe_without_checksum(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 6, 0);

    tf_put_u16(checksum_field(&probe), 0);
    return probe;
}

/* A destination, or a loop behind it, that sends the probe once more: the key holds. */
static struct packet probe_with_more_ttl(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[shape->ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = 200;
    if (!shape->ipv6)
        seal_ipv4(probe.bytes);
    return probe;
}

static struct packet another_run_with_more_ttl(const struct shape *shape)
{
    struct packet probe = probe_with_more_ttl(shape);

    guess_run(shape, &probe);
    tf_put_u16(key_field(&probe), tf_key(OTHER_RUN, 3, 0));
    return probe;
}

static struct packet echoed_with_wrong_key(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);
    struct packet datagram = { .len = 0 };

    append(&datagram, transport(&probe), probe.len - ip_header_len(&probe));
    tf_put_u16(datagram.bytes + TF_UDP_SRC_PORT, 33480);
    tf_put_u16(datagram.bytes + TF_UDP_DST_PORT, 33483);
    tf_put_u32(datagram.bytes + TF_UDP_LEN + TF_TAG_RUN_ID, OTHER_RUN);
    return from_destination(shape, &datagram);
}

struct innocent {
    const char *name;
    struct packet (*build)(const struct shape *shape);
    unsigned shapes;
};

static const struct innocent innocents[] = {
    { "a checksum of 0", no_checksum, UDP | ECHO },
    { "another Identification", another_identification, IPV4 },
    { "another flow label", another_flow_label, ALL & ~IPV4 },
    { "a TTL that was never probed", a_ttl_never_probed, IPV4 | TCP | ECHO },
    { "another length", another_length, ALL },
    { "another payload", another_payload, UDP | ECHO },
    { "another program's SYN", another_syn, TCP },
    { "another host's flow", another_host, ALL & ~IPV4 },
    { "an attempt that was not captured", attempt_not_captured, ALL & ~ECHO },
    { "the kernel's reset, quoted", quoted_reset, TCP },
    { "the kernel's reset", reset, TCP },
    { "a SYN/ACK of something else", wrong_acknowledgement, TCP },
    { "a probe without checksum", probe_without_checksum, UDP },
    { "a probe with a TTL above its own", probe_with_more_ttl, UDP | TCP },
    { "another run's, too", another_run_with_more_ttl, UDP | TCP },
    { "an echo of another run's tag", echoed_with_wrong_key, UDP },
};

static void test_innocents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(innocents) * SHAPES; i++) {
        const struct innocent *c = &innocents[i / SHAPES];
        const struct shape *shape = &shapes[i % SHAPES];
        if ((c->shapes & 1U << i % SHAPES) == 0)
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        const struct packet innocent = c->build(shape);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        check(give(&exchange, &innocent, &obs) == TF_NOT_OURS, "%s, %s", c->name, shape->name);
        check(obs.kind == 0, "%s, %s: nothing is written", c->name, shape->name);
        exchange_end(&exchange);
    }
}

/* ---- Whose flow it is, too ------------------------------------------------------------------ */

static struct packet shared_udp(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    memset(transport(&probe) + TF_UDP_LEN, '@', TF_TAG_LEN);
    return probe;
}

static struct packet shared_syn(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(transport(&probe) + TF_TCP_WINDOW, 64240);
    return probe;
}

/* Somebody else's packet on the same flow: from then on quotes without the key may be his. */
static void test_shared_flow(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        const struct packet stranger = (TCP & 1U << i) != 0 ? shared_syn(shape) : shared_udp(shape);
        const struct packet quote = minimal_quote(shape);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        check(give(&exchange, &quote, &obs) == TF_FORGED, "%s: before", shape->name);
        check(give(&exchange, &stranger, &obs) == TF_NOT_OURS, "%s: the stranger", shape->name);
        check(give(&exchange, &quote, &obs) == TF_NOT_OURS, "%s: after", shape->name);
        exchange_end(&exchange);
    }
}

/* The kernel's resets share every TCP flow, and excuse nothing. */
static void test_resets_share_nothing(void **state)
{
    const struct shape *shape = &shapes[2];
    struct exchange exchange = exchange_begin();
    const struct packet probe = shape_probe(shape, 3, 5, 0);
    const struct packet rst = reset(shape);
    const struct packet quote = minimal_quote(shape);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    assert_int_equal(give(&exchange, &rst, &obs), TF_NOT_OURS);
    assert_int_equal(give(&exchange, &quote, &obs), TF_FORGED);
    exchange_end(&exchange);
}

/* A NAT puts addresses right in quotes, but not the checksum: the whole tag is matched, and tells
 * of shorter quotes that they are not forged. */
static void test_translated_checksum(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        if (((UDP | ECHO) & 1U << i) == 0)
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        struct packet translated = probe;
        struct tf_observation obs;

        add_to_key(&translated, WRONG);
        const struct packet whole = quote_of(&translated, WHOLE);
        const struct packet minimal = quote_of(&translated, MINIMUM);
        give_probe(&exchange, &probe);
        check(give(&exchange, &whole, &obs) == TF_OK, "%s: status", shape->name);
        check(obs.evidence == TF_EVIDENCE_MATCHED && obs.probe_frame == 1, "%s: matched",
              shape->name);
        check((obs.changed & ~(unsigned)TF_CHANGED_TOS) == TF_CHANGED_CHECKSUM, "%s: changed",
              shape->name);
        check(give(&exchange, &minimal, &obs) == TF_NOT_OURS, "%s: shorter", shape->name);
        exchange_end(&exchange);
    }
}

/* Late answers to runs that used the flow before: of one that is known, and of one forgotten. */
static void test_late_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        struct exchange exchange = exchange_begin();
        const struct packet later = shape_probe(shape, 3, 5, 0);
        const struct probe_fields fields = {
            .protocol = shape->protocol,
            .src = addr(shape->ipv6 ? "2001:db8::1" : "192.0.2.1"),
            .dst = addr(shape->ipv6 ? "2001:db8::9" : "198.51.100.9"),
            .src_base = TF_BASE_PORT,
            .dst_base = shape->protocol == TF_IP_PROTO_TCP ? TF_BASE_PORT_TCP : TF_BASE_PORT,
            .run_id = OTHER_RUN,
            .path_id = 3,
            .ttl = 5,
        };
        const struct packet earlier = build_probe(&fields);
        const struct packet late = quote_of(&earlier, MINIMUM);
        struct tf_observation obs;

        give_probe(&exchange, &earlier);
        give_probe(&exchange, &later);
        check(give(&exchange, &late, &obs) == TF_OK && obs.probe_frame == 1, "%s: of a known run",
              shape->name);
        tf_match_forget_run(exchange.match, OTHER_RUN);
        check(give(&exchange, &late, &obs) == TF_NOT_OURS, "%s: of a forgotten run", shape->name);
        exchange_end(&exchange);
    }
}

/* The Python tool's checksums are no keys: they follow the time. */
static void test_original_has_no_key(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet udp = build_udp(33455, 33452, 0x4242,
                                        (struct bytes){ (const uint8_t *)"1604000000", 10 });
    const struct ip_fields fields = { .src = addr("192.0.2.1"),
                                      .dst = addr("198.51.100.9"),
                                      .protocol = TF_IP_PROTO_UDP,
                                      .ttl = 5,
                                      .ident = 0x0305 };
    struct packet probe = build_ip(&fields, &udp);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    add_to_key(&probe, WRONG);
    const struct packet quote = quote_of(&probe, MINIMUM);
    assert_int_equal(give(&exchange, &quote, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forgeries),           cmocka_unit_test(test_innocents),
        cmocka_unit_test(test_shared_flow),         cmocka_unit_test(test_resets_share_nothing),
        cmocka_unit_test(test_translated_checksum), cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_original_has_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
