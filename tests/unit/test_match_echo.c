/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo: replies with and without the tag, and which attempt a quote without it answers. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"

static const struct shape *const both[] = { &shapes[1], &shapes[4] };

enum damage {
    WHOLE,
    CUT,
    ANOTHER_PAYLOAD,
    ANOTHER_PAYLOAD_SAME_SUM,
    EMPTY_SAME_SUM,
    CUT_AND_ANOTHER_CHECKSUM,
    ANOTHER_SEQUENCE,
    ANOTHER_RUN
};

struct reply_case {
    const char *name;
    enum damage damage;
    enum tf_status status;
    bool attempt_known;
};

static const struct reply_case reply_cases[] = {
    { "whole", WHOLE, TF_OK, true },
    { "captured without its payload", CUT, TF_OK, false },
    { "another payload, checksum as it should be", ANOTHER_PAYLOAD, TF_NOT_OURS, false },
    { "another payload, by chance of the same checksum", ANOTHER_PAYLOAD_SAME_SUM, TF_NOT_OURS,
      false },
    { "sent without payload, by chance of the same checksum", EMPTY_SAME_SUM, TF_NOT_OURS, false },
    { "captured without its payload, another checksum", CUT_AND_ANOTHER_CHECKSUM, TF_NOT_OURS,
      false },
    { "another sequence number", ANOTHER_SEQUENCE, TF_NOT_OURS, false },
    { "another run's tag", ANOTHER_RUN, TF_FORGED, false },
};

/* So that nothing seems to be cut off. */
static void claim_length(struct packet *ip)
{
    const size_t header_len = ip_header_len(ip);
    const bool v6 = header_len == TF_IPV6_LEN;

    tf_put_u16(ip->bytes + (v6 ? TF_IPV6_PAYLOAD_LENGTH : TF_IPV4_TOTAL_LENGTH),
               (uint16_t)(v6 ? ip->len - header_len : ip->len));
}

static struct packet reply_of(const struct shape *shape, const struct packet *probe,
                              enum damage damage)
{
    struct packet ip = echo_reply(shape, probe);
    uint8_t *icmp = ip.bytes + ip_header_len(&ip);

    switch (damage) {
    case WHOLE: return ip;
    case CUT_AND_ANOTHER_CHECKSUM: icmp[TF_ICMP_CHECKSUM] ^= 1; /* fall through */
    case CUT: ip.len = ip_header_len(&ip) + TF_ICMP_LEN; return ip;
    case EMPTY_SAME_SUM:
        ip.len = ip_header_len(&ip) + TF_ICMP_LEN;
        claim_length(&ip);
        return ip;
    case ANOTHER_PAYLOAD_SAME_SUM: memset(icmp + TF_ICMP_LEN, 'a', TF_TAG_LEN); return ip;
    case ANOTHER_PAYLOAD: memset(icmp + TF_ICMP_LEN, 'a', TF_TAG_LEN); break;
    case ANOTHER_SEQUENCE: icmp[TF_ICMP_SEQUENCE + 1]++; break;
    case ANOTHER_RUN: icmp[TF_ICMP_LEN + TF_TAG_RUN_ID] ^= 1; break;
    }
    tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    return ip;
}

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both) * COUNT(reply_cases); i++) {
        const struct reply_case *c = &reply_cases[i / COUNT(both)];
        const struct shape *shape = both[i % COUNT(both)];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { shape_probe(shape, 3, 5, 0), shape_probe(shape, 3, 5, 1),
                                         shape_probe(shape, 3, 4, 0) };
        const struct packet reply = reply_of(shape, &probes[0], c->damage);
        struct tf_observation obs;

        for (size_t n = 0; n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        check(give(&exchange, &reply, &obs) == c->status, "%s, %s: status", shape->name, c->name);
        if (c->status == TF_OK) {
            check(obs.kind == TF_KIND_DESTINATION_REPLY && obs.has_ttl && obs.ttl == 5,
                  "%s, %s: TTL", shape->name, c->name);
            check(obs.has_icmp && obs.icmp_type == (shape->ipv6 ? 129 : 0) && !obs.has_quote,
                  "%s, %s: type", shape->name, c->name);
            check(obs.has_attempt == c->attempt_known, "%s, %s: attempt", shape->name, c->name);
            check(!c->attempt_known || obs.probe_frame == 1, "%s, %s: probe", shape->name, c->name);
            check(obs.flow.src_port == 33483 && obs.flow.dst_port == 0, "%s, %s: flow", shape->name,
                  c->name);
            check(obs.captured_ttl == 60 && obs.ident_fault == TF_IDENT_INTACT, "%s, %s: header",
                  shape->name, c->name);
        }
        exchange_end(&exchange);
    }
}

/* A capture that begins in the middle: the tag and the key prove it even so. */
static void test_reply_without_its_probe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(both[i], 3, 5, 1);
        const struct packet reply = echo_reply(both[i], &probe);
        const struct packet cut = reply_of(both[i], &probe, CUT);
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", both[i]->name);
        check(obs.evidence == TF_EVIDENCE_TAG && obs.kind == TF_KIND_DESTINATION_REPLY &&
                  obs.path_id == 3 && obs.ttl == 5 && obs.attempt == 1 && !obs.has_probe,
              "%s: claim", both[i]->name);
        check(give(&exchange, &cut, &obs) == TF_NOT_OURS, "%s: without tag", both[i]->name);
        exchange_end(&exchange);
    }
}

/* Two probers at once, of which the capture admits one's probes: the other's reply is its own. */
static void test_reply_of_another_run(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet mine = shape_probe(both[0], 3, 5, 0);
    const struct probe_fields fields = { .protocol = TF_IP_PROTO_ICMP,
                                         .src = addr("192.0.2.1"),
                                         .dst = addr("198.51.100.9"),
                                         .src_base = TF_BASE_PORT,
                                         .run_id = 0xfeedbeef,
                                         .path_id = 3,
                                         .ttl = 5 };
    const struct packet theirs = build_probe(&fields);
    const struct packet reply = echo_reply(both[0], &theirs);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &mine);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.run_id == 0xfeedbeef && !obs.has_probe, "by its tag");
    exchange_end(&exchange);
}

/* A host answers from another of its addresses: the tag knows. ICMPv6's checksum covers it. */
static void test_reply_of_another_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(both[i], 3, 5, 0);
        struct packet reply = echo_reply(both[i], &probe);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        reply.bytes[(both[i]->ipv6 ? TF_IPV6_SRC + 15 : TF_IPV4_SRC + 3)]++;
        tf_put_u16(checksum_field(&reply), right_checksum(&reply));
        check(give(&exchange, &reply, &obs) == (both[i]->ipv6 ? TF_NOT_OURS : TF_OK), "%s: status",
              both[i]->name);
        check(both[i]->ipv6 || obs.probe_frame == 1, "%s: probe", both[i]->name);
        exchange_end(&exchange);
    }
}

/* All attempts of a TTL share what 8 bytes hold: the newest that is open is the likeliest. */
static void test_attempts_of_a_short_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(both[i], 3, 5, 0);
        const struct packet again = shape_probe(both[i], 3, 5, 1);
        const struct packet quote = time_exceeded(&probe, ip_header_len(&probe) + 8);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        give_probe(&exchange, &again);
        assert_int_equal(give(&exchange, &quote, &obs), TF_OK);
        check(obs.has_ttl && obs.attempt == 1 && !obs.has_attempt && !obs.duplicate,
              "%s: either, the newest likelier", both[i]->name);
        assert_int_equal(give(&exchange, &quote, &obs), TF_OK);
        check(obs.has_attempt && obs.attempt == 0 && !obs.duplicate, "%s: the other",
              both[i]->name);
        assert_int_equal(give(&exchange, &quote, &obs), TF_OK);
        check(obs.attempt == 1 && !obs.has_attempt && obs.duplicate, "%s: one of both again",
              both[i]->name);
        exchange_end(&exchange);
    }
}

static struct packet ping(const struct shape *shape)
{
    struct packet ip = shape_probe(shape, 3, 5, 0);

    memset(ip.bytes + ip_header_len(&ip) + TF_ICMP_LEN, 'x', TF_TAG_LEN);
    tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    return ip;
}

/* The sequence number says another TTL than the tag; the balance makes up for it. */
static void test_incoherent_probe(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct exchange exchange = exchange_begin();
        struct packet probe = shape_probe(both[i], 3, 5, 0);
        uint8_t *icmp = probe.bytes + ip_header_len(&probe);
        struct tf_observation obs;

        icmp[TF_ICMP_SEQUENCE + 1] -= 1;
        icmp[TF_ICMP_LEN + TF_TAG_PROBE_ID + 1] += 1;
        check(right_checksum(&probe) == tf_get_u16(checksum_field(&probe)), "%s: key",
              both[i]->name);
        check(give(&exchange, &probe, &obs) == TF_NOT_OURS, "%s", both[i]->name);
        icmp[TF_ICMP_SEQUENCE + 1] += 2; /* now as the tag says */
        icmp[TF_ICMP_LEN + TF_TAG_BALANCE + 1] -= 2;
        check(give(&exchange, &probe, &obs) == TF_OK && obs.ttl == 6, "%s: coherent",
              both[i]->name);
        exchange_end(&exchange);
    }
}

/* Another program's echo with our identifier, its reply, and errors about it and about a reply. */
static void test_strangers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(both[i], 3, 5, 0);
        const struct packet request = ping(both[i]);
        const struct packet answer = echo_reply(both[i], &probe);
        const struct packet strange[] = { request, echo_reply(both[i], &request),
                                          time_exceeded(&request, request.len),
                                          time_exceeded(&answer, answer.len) };
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        for (size_t n = 0; n < COUNT(strange); n++)
            check(give(&exchange, &strange[n], &obs) == TF_NOT_OURS, "%s: %zu", both[i]->name, n);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_reply_without_its_probe),
        cmocka_unit_test(test_reply_of_another_address),
        cmocka_unit_test(test_attempts_of_a_short_quote),
        cmocka_unit_test(test_reply_of_another_run),
        cmocka_unit_test(test_incoherent_probe),
        cmocka_unit_test(test_strangers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
