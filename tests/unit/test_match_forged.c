/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers and probes that name a probed flow but do not hold its key, and what excuses them. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { WRONG = 0x0810, OTHER_RUN = 0x2bad0001, MINIMUM = 8, WHOLE = 0 };

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

    tf_put_u32(transport_of(probe) + run_id, OTHER_RUN);
}

static struct packet whole_quote(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    guess_run(shape, &probe);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet whole_quote_of_our_run(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet quote_with_padding(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    memset(transport_of(&probe) + MINIMUM, 0, probe.len - ip_header_len(&probe) - MINIMUM);
    return quote_of(&probe, WHOLE);
}

static struct packet refusal(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return port_unreachable(&probe, ip_header_len(&probe) + MINIMUM);
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

struct forgery {
    const char *name;
    struct packet (*build)(const struct shape *shape);
    unsigned shapes;
    enum tf_kind kind;
};

static const struct forgery forgeries[] = {
    { "a minimal quote, another key", minimal_quote, ALL_SHAPES, TF_KIND_HOP_REPLY },
    { "a whole quote, run ID and key guessed", whole_quote, ALL_SHAPES, TF_KIND_HOP_REPLY },
    { "a whole quote of our run, another key", whole_quote_of_our_run, ALL_SHAPES,
      TF_KIND_HOP_REPLY },
    { "a minimal quote, padded", quote_with_padding, UDP_SHAPES | ECHO_SHAPES, TF_KIND_HOP_REPLY },
    { "port unreachable, another key", refusal, UDP_SHAPES, TF_KIND_DESTINATION_REPLY },
    { "a firewall's port unreachable, another key", refusal, ECHO_SHAPES | TCP_SHAPES,
      TF_KIND_HOP_REPLY },
    { "an echo reply, run ID guessed", echo_reply_of_another_run, ECHO_SHAPES,
      TF_KIND_DESTINATION_REPLY },
    { "a probe with another key", false_probe, ALL_SHAPES, TF_KIND_PROBE },
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

/* ---- Excuses ------------------------------------------------------------------ */

static struct packet shared_udp(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    memset(transport_of(&probe) + TF_UDP_LEN, '@', TF_TAG_LEN);
    return probe;
}

static struct packet shared_syn(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(transport_of(&probe) + TF_TCP_WINDOW, 64240);
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
        const struct packet stranger = (TCP_SHAPES & 1U << i) != 0 ? shared_syn(shape)
                                                                   : shared_udp(shape);
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
    struct packet rst = probe;
    const struct packet quote = minimal_quote(shape);
    struct tf_observation obs;

    (void)state;
    add_to_key(&rst, 1);
    transport_of(&rst)[TF_TCP_FLAGS] = TF_TCP_FLAG_RST;
    give_probe(&exchange, &probe);
    assert_int_equal(give(&exchange, &rst, &obs), TF_NOT_OURS);
    assert_int_equal(give(&exchange, &quote, &obs), TF_FORGED);
    exchange_end(&exchange);
}

/* A host that clears the checksum as it checks it: the whole tag is matched. */
static void test_cleared_checksum(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        const struct shape *shape = &shapes[i];
        if (((UDP_SHAPES | ECHO_SHAPES) & 1U << i) == 0)
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        struct packet cleared = probe;
        struct tf_observation obs;

        tf_put_u16(key_field(&cleared), 0);
        const struct packet whole = quote_of(&cleared, WHOLE);
        give_probe(&exchange, &probe);
        check(give(&exchange, &whole, &obs) == TF_OK, "%s: status", shape->name);
        check(obs.evidence == TF_EVIDENCE_MATCHED && obs.probe_frame == 1, "%s: matched",
              shape->name);
        check(obs.changed == TF_CHANGED_CHECKSUM, "%s: changed", shape->name);
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
        cmocka_unit_test(test_forgeries),
        cmocka_unit_test(test_shared_flow),
        cmocka_unit_test(test_resets_share_nothing),
        cmocka_unit_test(test_cleared_checksum),
        cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_original_has_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
