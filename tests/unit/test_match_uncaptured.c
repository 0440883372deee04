/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies to probes that are not in the capture, though others of their path are. */
#include "exchange.h"

#include <glib.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { PATH = 3, SENT_TTL = 9, ATTEMPT = 1, WHOLE = 1000 };

/* The path, as the capture knows it: the same attempt's other TTLs, or only another attempt's. */
static void give_others(struct exchange *exchange, const struct shape *shape, uint8_t attempt)
{
    for (uint8_t ttl = 2; ttl <= 4; ttl++) {
        const struct packet probe = shape_probe(shape, PATH, ttl, attempt);
        give_probe(exchange, &probe);
    }
}

static void check_told(const struct tf_observation *obs, const char *name, bool has_attempt)
{
    check(obs->has_ttl && obs->ttl == SENT_TTL, "%s: TTL", name);
    check(obs->path_id == PATH && obs->has_run_id, "%s: path", name);
    check(!obs->has_probe && obs->probe_frame == 0 && !obs->duplicate, "%s: no probe", name);
    check(obs->ident_fault == TF_IDENT_INTACT && obs->changed == 0, "%s: intact", name);
    check(obs->has_attempt == has_attempt && (!has_attempt || obs->attempt == ATTEMPT),
          "%s: attempt", name);
}

/* Of echo, only the tag tells the attempt. A bare quote of an attempt of which there is no probe at
 * all has a key that the capture does not know. */
struct quote_case {
    const char *name;
    unsigned shapes;
    uint8_t captured_attempt;
    size_t len; /* of the quote */
    enum tf_evidence evidence;
    bool attempt_known;
};

static const struct quote_case quote_cases[] = {
    { "whole", ALL_SHAPES, ATTEMPT, WHOLE, TF_EVIDENCE_TAG, true },
    { "whole, an attempt that is not captured", ALL_SHAPES, 0, WHOLE, TF_EVIDENCE_TAG, true },
    { "28 bytes", IPV4_SHAPES & ~ECHO_SHAPES, ATTEMPT, 28, TF_EVIDENCE_MATCHED, true },
    { "28 bytes of an echo", IPV4_SHAPES &ECHO_SHAPES, ATTEMPT, 28, TF_EVIDENCE_MATCHED, false },
    { "48 bytes of an IPv6 SYN", IPV6_SHAPES &TCP_SHAPES, ATTEMPT, 48, TF_EVIDENCE_MATCHED, true },
    { "48 bytes of an IPv6 echo", IPV6_SHAPES &ECHO_SHAPES, ATTEMPT, 48, TF_EVIDENCE_MATCHED,
      false },
};

static void test_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES * COUNT(quote_cases); i++) {
        const struct quote_case *c = &quote_cases[i / SHAPES];
        const struct shape *shape = &shapes[i % SHAPES];
        if ((c->shapes & 1U << i % SHAPES) == 0)
            continue;

        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, PATH, SENT_TTL, ATTEMPT);
        const struct packet reply = time_exceeded(&probe, MIN(c->len, probe.len));
        char name[100];
        struct tf_observation obs;

        g_snprintf(name, sizeof name, "%s, %s", shape->name, c->name);
        give_others(&exchange, shape, c->captured_attempt);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", name);
        check(obs.evidence == c->evidence && obs.kind == TF_KIND_HOP_REPLY, "%s: evidence", name);
        check_shape_flow(shape, &obs);
        check_told(&obs, name, c->attempt_known);
        exchange_end(&exchange);
    }
}

static void test_echo_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        if (!shape_is_echo(&shapes[i]))
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], PATH, SENT_TTL, ATTEMPT);
        const struct packet whole = echo_reply(&shapes[i], &probe);
        struct packet cut = whole;
        struct tf_observation obs;

        cut.len = ip_header_len(&cut) + TF_ICMP_LEN;
        give_others(&exchange, &shapes[i], ATTEMPT);
        check(give(&exchange, &whole, &obs) == TF_OK, "%s: whole", shapes[i].name);
        check_told(&obs, shapes[i].name, true);
        check(give(&exchange, &cut, &obs) == TF_OK, "%s: cut", shapes[i].name);
        check_told(&obs, shapes[i].name, false);
        exchange_end(&exchange);
    }
}

/* A quoted Identification of path 3 and TTL 9, as it came back; the probes are of TTL 2 to 4. */
struct ident_case {
    const char *name;
    uint16_t sent;
    uint16_t quoted;
    bool checksum_follows; /* the router made the header's checksum anew */
    uint8_t quoted_ttl;
    uint8_t ttl; /* 0: not said */
    enum tf_ident_fault fault;
};

static const struct ident_case ident_cases[] = {
    { "as sent", 0x0309, 0x0309, true, 1, 9, TF_IDENT_INTACT },
    { "as sent, the checksum is another", 0x7777, 0x0309, false, 1, 9, TF_IDENT_INTACT },
    { "zeroed, the checksum tells", 0x0309, 0, false, 1, 9, TF_IDENT_ZEROED },
    { "plus one, the checksum tells", 0x0309, 0x030a, false, 1, 9, TF_IDENT_PLUS_ONE },
    { "swapped, the checksum tells", 0x0309, 0x0903, false, 1, 9, TF_IDENT_SWAPPED },
    { "plus one of a captured probe", 0x0304, 0x0305, false, 1, 4, TF_IDENT_PLUS_ONE },
    { "the next of a captured probe that is open", 0x0305, 0x0305, true, 1, 5, TF_IDENT_INTACT },
    { "that, the checksum is another", 0x7777, 0x0305, false, 1, 5, TF_IDENT_INTACT },
    { "zeroed, nothing tells", 0x0309, 0, true, 1, 0, TF_IDENT_ZEROED },
    { "another TTL than the checksum has", 0x0309, 0x0319, false, 1, 0, TF_IDENT_OTHER },
    { "another path's", 0x0409, 0x0409, true, 1, 0, TF_IDENT_OTHER },
    { "more hops to go than it set out with", 0x0309, 0x0309, true, 10, 0, TF_IDENT_OTHER },
    { "just as many", 0x0309, 0x0309, true, 9, 9, TF_IDENT_INTACT },
    { "TTL 64", 0x0340, 0x0340, true, 1, 64, TF_IDENT_INTACT },
    { "TTL 65", 0x0341, 0x0341, true, 1, 0, TF_IDENT_OTHER },
    { "TTL 0", 0x0300, 0x0300, true, 0, 0, TF_IDENT_OTHER },
};

/* The header as it arrived, its Identification spoilt as it was quoted. */
static struct packet quote_of(const struct ident_case *c)
{
    const struct packet probe = probe_of(PATH, SENT_TTL, 0);
    struct packet quoted = probe;

    quoted.bytes[TF_IPV4_TTL] = c->quoted_ttl;
    tf_put_u16(quoted.bytes + TF_IPV4_IDENT, c->checksum_follows ? c->quoted : c->sent);
    seal_ipv4(quoted.bytes);
    tf_put_u16(quoted.bytes + TF_IPV4_IDENT, c->quoted);
    return error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 28);
}

static void test_identifications(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ident_cases); i++) {
        const struct ident_case *c = &ident_cases[i];
        const struct packet reply = quote_of(c);
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;

        give_others(&exchange, &shapes[0], 0);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.has_ttl == (c->ttl != 0) && obs.ttl == c->ttl, "%s: TTL", c->name);
        check(obs.has_probe == (c->ttl == 4), "%s: probe", c->name);
        check(obs.ident_fault == c->fault, "%s: fault", c->name);
        exchange_end(&exchange);
    }
}

/* Two interfaces' clocks differ, and replies stand before their probes: none is the last probe's.
 */
static void test_replies_before_their_probes(void **state)
{
    struct exchange exchange = exchange_begin();
    struct packet probe = probe_of(PATH, 2, 0);

    (void)state;
    for (uint8_t ttl = 3; ttl <= 6; ttl++) {
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        probe = probe_of(PATH, ttl, 0);
        const struct packet reply = time_exceeded(&probe, 28);
        check(give(&exchange, &reply, &obs) == TF_OK && obs.ttl == ttl && !obs.has_probe,
              "TTL %u: %u", ttl, obs.ttl);
        check(obs.ident_fault == TF_IDENT_INTACT, "TTL %u: intact", ttl);
    }
    exchange_end(&exchange);
}

/* Of its path there is no probe at all: what was added is told by the checksum alone. */
struct alone_case {
    const char *name;
    uint16_t sent;
    uint16_t quoted;
    uint8_t quoted_ttl;
    uint8_t ttl;
    enum tf_ident_fault fault;
};

static const struct alone_case alone_cases[] = {
    { "as sent", 0x0305, 0x0305, 1, 5, TF_IDENT_INTACT },
    { "plus one", 0x0305, 0x0306, 1, 5, TF_IDENT_PLUS_ONE },
    { "another checksum", 0x0307, 0x0306, 1, 6, TF_IDENT_INTACT },
    { "plus one of TTL 0", 0x0300, 0x0301, 0, 1, TF_IDENT_INTACT },
    { "plus one of less than it has to go", 0x0303, 0x0304, 4, 4, TF_IDENT_INTACT },
};

static void test_quotes_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(alone_cases); i++) {
        const struct alone_case *c = &alone_cases[i];
        const struct ident_case quoted = { .sent = c->sent,
                                           .quoted = c->quoted,
                                           .quoted_ttl = c->quoted_ttl };
        const struct packet reply = quote_of(&quoted);
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.evidence == TF_EVIDENCE_ARITHMETIC && obs.ttl == c->ttl, "%s: TTL %u", c->name,
              obs.ttl);
        check(obs.ident_fault == c->fault, "%s: fault", c->name);
        exchange_end(&exchange);
    }
}

/* A tag with the right run, but not the key of its attempt, proves nothing. */
static void test_tag_without_key(void **state)
{
    struct exchange exchange = exchange_begin();
    struct packet probe = probe_of(PATH, SENT_TTL, 0);
    struct tf_observation obs;

    (void)state;
    give_others(&exchange, &shapes[0], 0);
    transport_of(&probe)[TF_UDP_LEN + TF_TAG_ATTEMPT] = 1;
    const struct packet reply = time_exceeded(&probe, probe.len);
    assert_int_equal(give(&exchange, &reply, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),          cmocka_unit_test(test_echo_replies),
        cmocka_unit_test(test_identifications), cmocka_unit_test(test_replies_before_their_probes),
        cmocka_unit_test(test_quotes_alone),    cmocka_unit_test(test_tag_without_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
