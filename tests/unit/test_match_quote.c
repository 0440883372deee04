/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes of probes: which TTL and attempt they answer, however the Identification came back. */
#include "exchange.h"

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { QUOTE_28 = 28, QUOTE_ALL = 44, IPV6_QUOTE_48 = 48, IPV6_QUOTE_ALL = 64 };

/* What every reply to path 3, TTL 5, attempt 0 of the usual run says. */
static void check_reply(const char *name, const struct tf_observation *obs, uint64_t probe_frame)
{
    check(obs->kind == TF_KIND_HOP_REPLY, "%s: kind", name);
    check(obs->has_run_id && obs->run_id == 0x1badcafe, "%s: run", name);
    check(obs->path_id == 3, "%s: path %u", name, obs->path_id);
    check(obs->has_attempt && obs->attempt == 0, "%s: attempt", name);
    check(obs->has_ttl && obs->ttl == 5, "%s: TTL %u", name, obs->ttl);
    check(obs->has_probe && obs->probe_frame == probe_frame, "%s: probe", name);
    check(obs->flow.src_port == 33483 && obs->flow.dst_port == 33480, "%s: flow", name);
    check(obs->has_icmp && obs->has_quote && obs->quoted_ttl == 1, "%s: quote", name);
    check(obs->captured_ttl == 250, "%s: the reply's TTL", name);
}

static void test_probe_and_its_fields(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 1);
    struct tf_observation obs;

    (void)state;
    assert_int_equal(give(&exchange, &probe, &obs), TF_OK);
    assert_int_equal(obs.kind, TF_KIND_PROBE);
    assert_int_equal(obs.evidence, TF_EVIDENCE_TAG);
    assert_true(obs.has_run_id && obs.has_ttl && obs.has_attempt && obs.has_ident);
    assert_int_equal(obs.run_id, 0x1badcafe);
    assert_int_equal(obs.path_id, 3);
    assert_int_equal(obs.ttl, 5);
    assert_int_equal(obs.attempt, 1);
    assert_int_equal(obs.ident, 0x0305);
    assert_int_equal(obs.ident_fault, TF_IDENT_INTACT);
    assert_false(obs.duplicate || obs.has_probe || obs.has_quote || obs.has_icmp);
    exchange_end(&exchange);
}

enum ident_change { INTACT, ZEROED, PLUS_ONE, SWAPPED, OTHER, HEADER_CHECKSUM_ZEROED };
enum repair { AS_RECEIVED, REPAIRED }; /* the quoted header's own checksum */

struct ident_case {
    const char *name;
    enum ident_change change;
    enum repair repair;
    size_t quote_len;
    bool more_open; /* TTL 4 and 6 are open, too: the reply cannot be placed by elimination */
    enum tf_ident_fault want;
    bool placed;
};

static const struct ident_case ident_cases[] = {
    { "intact", INTACT, AS_RECEIVED, QUOTE_28, true, TF_IDENT_INTACT, true },
    { "intact, whole quote", INTACT, AS_RECEIVED, QUOTE_ALL, true, TF_IDENT_INTACT, true },
    { "intact, header checksum 0", HEADER_CHECKSUM_ZEROED, AS_RECEIVED, QUOTE_28, true,
      TF_IDENT_INTACT, true },
    { "zeroed", ZEROED, AS_RECEIVED, QUOTE_28, true, TF_IDENT_ZEROED, true },
    { "plus one", PLUS_ONE, AS_RECEIVED, QUOTE_28, true, TF_IDENT_PLUS_ONE, true },
    { "swapped", SWAPPED, AS_RECEIVED, QUOTE_28, true, TF_IDENT_SWAPPED, true },
    { "zeroed and repaired, one probe open", ZEROED, REPAIRED, QUOTE_28, false, TF_IDENT_ZEROED,
      true },
    { "zeroed and repaired, three open", ZEROED, REPAIRED, QUOTE_28, true, TF_IDENT_ZEROED, false },
    { "zeroed and repaired, the tag knows", ZEROED, REPAIRED, QUOTE_ALL, true, TF_IDENT_ZEROED,
      true },
    { "plus one and repaired, the tag knows", PLUS_ONE, REPAIRED, QUOTE_ALL, true,
      TF_IDENT_PLUS_ONE, true },
    { "swapped and repaired", SWAPPED, REPAIRED, QUOTE_28, true, TF_IDENT_SWAPPED, true },
    { "another number, one probe open", OTHER, REPAIRED, QUOTE_28, false, TF_IDENT_OTHER, true },
    { "another number, three open", OTHER, REPAIRED, QUOTE_28, true, TF_IDENT_OTHER, false },
    { "another number, the tag knows", OTHER, REPAIRED, QUOTE_ALL, true, TF_IDENT_OTHER, true },
};

static void spoil(struct packet *quoted, enum ident_change change, enum repair repair)
{
    uint8_t *ident = quoted->bytes + TF_IPV4_IDENT;
    const uint16_t sent = tf_get_u16(ident);

    switch (change) {
    case INTACT: break;
    case ZEROED: tf_put_u16(ident, 0); break;
    case PLUS_ONE: tf_put_u16(ident, (uint16_t)(sent + 1)); break;
    case SWAPPED: tf_put_u16(ident, (uint16_t)(sent << 8 | sent >> 8)); break;
    case OTHER: tf_put_u16(ident, 0xbeef); break;
    case HEADER_CHECKSUM_ZEROED: tf_put_u16(quoted->bytes + TF_IPV4_CHECKSUM, 0); break;
    }
    if (repair == REPAIRED)
        seal_ipv4(quoted->bytes);
}

static void test_identification(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ident_cases); i++) {
        const struct ident_case *c = &ident_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { probe_of(3, 5, 0), probe_of(3, 4, 0), probe_of(3, 6, 0) };
        const uint64_t frame = give_probe(&exchange, &probes[0]);
        struct packet quoted = expired(&probes[0]);
        struct tf_observation obs;

        for (size_t n = 1; c->more_open && n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        spoil(&quoted, c->change, c->repair);
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, c->quote_len);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.ident_fault == c->want, "%s: fault %d", c->name, obs.ident_fault);
        check(obs.ident == tf_get_u16(quoted.bytes + TF_IPV4_IDENT), "%s: as quoted", c->name);
        check(obs.evidence == (c->quote_len == QUOTE_ALL ? TF_EVIDENCE_TAG : TF_EVIDENCE_MATCHED),
              "%s: evidence", c->name);
        check(obs.quoted_len == c->quote_len, "%s: quoted length", c->name);
        check(obs.has_ttl == c->placed, "%s: TTL known", c->name);
        const unsigned changed = c->placed && c->want != TF_IDENT_INTACT ? TF_CHANGED_IDENT : 0;
        check(obs.changed == changed, "%s: changed %x", c->name, obs.changed);
        if (c->placed)
            check_reply(c->name, &obs, frame);
        else
            check(obs.path_id == 3 && !obs.has_probe, "%s: path alone", c->name);
        exchange_end(&exchange);
    }
}

static void test_attempts_by_key(void **state)
{
    struct exchange exchange = exchange_begin();
    uint64_t frames[3];

    (void)state;
    for (uint8_t attempt = 0; attempt < COUNT(frames); attempt++) {
        const struct packet probe = probe_of(3, 5, attempt);
        frames[attempt] = give_probe(&exchange, &probe);
    }
    for (uint8_t attempt = 0; attempt < COUNT(frames); attempt++) {
        const struct packet probe = probe_of(3, 5, attempt);
        const struct packet reply = time_exceeded(&probe, QUOTE_28);
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == TF_OK, "attempt %u: status", attempt);
        check(obs.has_attempt && obs.attempt == attempt, "attempt %u: %u", attempt, obs.attempt);
        check(obs.probe_frame == frames[attempt], "attempt %u: probe", attempt);
        check(!obs.duplicate, "attempt %u: first answer", attempt);
    }
    exchange_end(&exchange);
}

static void test_changed_fields(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    struct packet quoted = expired(&probe);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    quoted.bytes[TF_IPV4_TOS] = 0x20;
    quoted.bytes[TF_IPV4_FLAGS_FRAGMENT] = 0x40;
    tf_put_u16(quoted.bytes + TF_IPV4_TOTAL_LENGTH, 0x2c00); /* 44, byte-swapped */
    seal_ipv4(quoted.bytes);
    const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, QUOTE_28);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    assert_int_equal(obs.changed, TF_CHANGED_TOS | TF_CHANGED_DF | TF_CHANGED_LENGTH);
    exchange_end(&exchange);
}

struct garbled_case {
    const char *name;
    size_t offset; /* of the 16 bits that a router garbles as it quotes; no checksum follows */
    unsigned changed;
};

static const struct garbled_case garbled_cases[] = {
    { "source address", TF_IPV4_SRC + 2, TF_CHANGED_SRC },
    { "destination address", TF_IPV4_DST + 2, TF_CHANGED_DST },
    { "source port", TF_IPV4_MIN_LEN + TF_UDP_SRC_PORT, TF_CHANGED_SRC_PORT },
    { "destination port", TF_IPV4_MIN_LEN + TF_UDP_DST_PORT, TF_CHANGED_DST_PORT },
};

/* Tag and key name the probe even so; of 28 bytes nothing is left that could. */
static void test_garbled_flow(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(garbled_cases); i++) {
        const struct garbled_case *c = &garbled_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { probe_of(3, 5, 0), probe_of(3, 4, 0), probe_of(2, 5, 0) };
        const uint64_t frame = give_probe(&exchange, &probes[0]);
        struct packet quoted = expired(&probes[0]);
        struct tf_observation obs;

        for (size_t n = 1; n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        quoted.bytes[c->offset] ^= 0x55;
        const struct packet whole = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, QUOTE_ALL);
        check(give(&exchange, &whole, &obs) == TF_OK, "%s: status", c->name);
        check_reply(c->name, &obs, frame);
        check(obs.evidence == TF_EVIDENCE_TAG, "%s: evidence", c->name);
        check(obs.changed == c->changed, "%s: changed %x", c->name, obs.changed);
        const struct packet bare = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, QUOTE_28);
        check(give(&exchange, &bare, &obs) != TF_OK || !obs.has_probe, "%s: 28 bytes", c->name);
        exchange_end(&exchange);
    }
}

static void test_duplicates(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    const struct packet reply = time_exceeded(&probe, QUOTE_28);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    assert_int_equal(give(&exchange, &probe, &obs), TF_OK);
    check(obs.kind == TF_KIND_PROBE && obs.duplicate, "the same probe, captured again");
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(!obs.duplicate && obs.probe_frame == 2,
          "first answer, to the newer capture of the probe");
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.duplicate && obs.has_probe && obs.probe_frame == 2, "second answer");
    exchange_end(&exchange);
}

struct ipv6_case {
    const char *name;
    size_t quote_len;
    bool more_open;
    enum tf_evidence evidence;
    bool placed;
};

static const struct ipv6_case ipv6_cases[] = {
    { "IPv6, the tag came back", IPV6_QUOTE_ALL, true, TF_EVIDENCE_TAG, true },
    { "IPv6, no tag, three probes open", IPV6_QUOTE_48, true, TF_EVIDENCE_MATCHED, false },
    /* match.h: "a reply that does not say which TTL it answers is given to the one open probe" */
    { "IPv6, no tag, one probe open", IPV6_QUOTE_48, false, TF_EVIDENCE_MATCHED, true },
};

static void test_ipv6(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ipv6_cases); i++) {
        const struct ipv6_case *c = &ipv6_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { ipv6_probe_of(3, 5, 0), ipv6_probe_of(3, 4, 0),
                                         ipv6_probe_of(3, 6, 0) };
        const uint64_t frame = give_probe(&exchange, &probes[0]);
        const struct packet reply = time_exceeded(&probes[0], c->quote_len);
        struct tf_observation obs;

        for (size_t n = 1; c->more_open && n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.evidence == c->evidence, "%s: evidence", c->name);
        check(!obs.has_ident && obs.ident_fault == TF_IDENT_INTACT, "%s: no Identification",
              c->name);
        check(obs.changed == 0, "%s: nothing changed", c->name);
        check(obs.has_ttl == c->placed, "%s: TTL known", c->name);
        if (c->placed)
            check_reply(c->name, &obs, frame);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_and_its_fields),
        cmocka_unit_test(test_identification),
        cmocka_unit_test(test_attempts_by_key),
        cmocka_unit_test(test_changed_fields),
        cmocka_unit_test(test_garbled_flow),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_ipv6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
