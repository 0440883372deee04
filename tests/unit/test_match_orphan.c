/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes without their probes, and the Python tool's packets: tag, original and arithmetic. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

static void test_orphan_tag(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(300, 70, 2);
    struct packet quoted = expired(&probe);
    struct tf_observation obs;

    (void)state;
    const struct packet reply = time_exceeded(&probe, 44);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.evidence == TF_EVIDENCE_TAG && obs.kind == TF_KIND_HOP_REPLY, "evidence");
    check(obs.path_id == 300 && obs.ttl == 70 && obs.attempt == 2 && obs.run_id == 0x1badcafe,
          "fields");
    check(!obs.has_probe && obs.ident_fault == TF_IDENT_INTACT && obs.changed == 0, "no probe");

    tf_put_u16(quoted.bytes + TF_IPV4_IDENT, 0);
    const struct packet zeroed = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 44);
    assert_int_equal(give(&exchange, &zeroed, &obs), TF_OK);
    check(obs.ttl == 70 && obs.ident_fault == TF_IDENT_ZEROED,
          "an Identification is flagged, not believed");

    quoted.bytes[20 + TF_UDP_CHECKSUM] ^= 1;
    const struct packet forged = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 44);
    check(give(&exchange, &forged, &obs) == TF_NOT_OURS, "the key is not the tag's");
    exchange_end(&exchange);
}

/* The capture missed one probe of a path. The only open one is not it: the tag says which it was.
 */
static void test_orphan_tag_of_a_probed_path(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet open = probe_of(3, 4, 0);
    const struct packet missed = probe_of(3, 5, 0);
    const struct packet reply = time_exceeded(&missed, 44);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &open);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.evidence == TF_EVIDENCE_TAG && obs.path_id == 3, "evidence");
    check(obs.has_ttl && obs.ttl == 5 && !obs.has_probe, "TTL %u", obs.ttl);
    check(obs.ident_fault == TF_IDENT_INTACT && !obs.duplicate, "as it was sent");

    const struct packet answer = time_exceeded(&open, 44);
    assert_int_equal(give(&exchange, &answer, &obs), TF_OK);
    check(obs.has_probe && obs.ttl == 4 && !obs.duplicate, "the open one is still to be answered");
    exchange_end(&exchange);
}

static void test_orphan_tag_ipv6(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = ipv6_probe_of(3, 5, 1);
    const struct packet reply = time_exceeded(&probe, 64);
    struct tf_observation obs;

    (void)state;
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.evidence == TF_EVIDENCE_TAG && obs.path_id == 3 && obs.ttl == 5 && obs.attempt == 1,
          "fields");
    const struct packet bare = time_exceeded(&probe, 48);
    check(give(&exchange, &bare, &obs) == TF_NOT_OURS, "IPv6 has no Identification to reckon with");
    exchange_end(&exchange);
}

/* A UDP datagram over IPv4 as the tests of ports and Identification need it. */
struct bare {
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t length;
    uint16_t ident;
    uint8_t ttl; /* as captured or quoted */
    const char *payload;
};

static struct packet bare_packet(const struct bare *bare)
{
    const struct packet udp = build_udp(
        bare->src_port, bare->dst_port, 0x1234,
        (struct bytes){ (const uint8_t *)bare->payload, strlen(bare->payload) });
    const struct ip_fields fields = { .src = addr("192.0.2.1"),
                                      .dst = addr("198.51.100.9"),
                                      .protocol = TF_IP_PROTO_UDP,
                                      .ttl = bare->ttl,
                                      .ident = bare->ident };
    struct packet ip = build_ip(&fields, &udp);

    tf_put_u16(ip.bytes + 20 + TF_UDP_LENGTH, bare->length);
    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)(20 + bare->length));
    return ip;
}

struct quote_case {
    const char *name;
    struct bare bare;
    bool claimed;
    enum tf_evidence evidence;
    uint16_t path_id;
    uint8_t ttl;
};

enum { O = 33452 }; /* the original's base */

static const struct quote_case quote_cases[] = {
    { "arithmetic", { 33483, 33480, 24, 0x0305, 1, "" }, true, TF_EVIDENCE_ARITHMETIC, 3, 5 },
    { "arithmetic, the original's ports",
      { O + 3, O, 24, 0x0305, 1, "" },
      true,
      TF_EVIDENCE_ARITHMETIC,
      3,
      5 },
    { "a path ID above 255, and nothing surer",
      { 33480 + 259, 33480, 24, 0x0305, 1, "" },
      false,
      0,
      0,
      0 },
    { "TTL 64", { 33483, 33480, 24, 0x0340, 1, "" }, true, TF_EVIDENCE_ARITHMETIC, 3, 64 },
    { "TTL 65", { 33483, 33480, 24, 0x0341, 1, "" }, false, 0, 0, 0 },
    { "TTL 0", { 33483, 33480, 24, 0x0300, 0, "" }, false, 0, 0, 0 },
    { "quoted TTL equal", { 33483, 33480, 24, 0x0305, 5, "" }, true, TF_EVIDENCE_ARITHMETIC, 3, 5 },
    { "quoted TTL above the Identification's",
      { 33483, 33480, 24, 0x0305, 6, "" },
      false,
      0,
      0,
      0 },
    { "UDP length 23", { 33483, 33480, 23, 0x0305, 1, "" }, false, 0, 0, 0 },
    { "UDP length 25", { 33483, 33480, 25, 0x0305, 1, "" }, false, 0, 0, 0 },
    { "the ports name another path", { 33484, 33480, 24, 0x0305, 1, "" }, false, 0, 0, 0 },
    { "another destination port", { 33483, 33481, 24, 0x0305, 1, "" }, false, 0, 0, 0 },
    { "path ID 0", { 33480, 33480, 24, 0x0005, 1, "" }, false, 0, 0, 0 },
    { "source port below the base", { 33479, 33480, 24, 0xff05, 1, "" }, false, 0, 0, 0 },
    { "the start of a tag",
      { 33483, 33480, 24, 0x0305, 1, "TFLW\1" },
      true,
      TF_EVIDENCE_ARITHMETIC,
      3,
      5 },
    { "16 bytes that are no tag",
      { 33483, 33480, 24, 0x0305, 1, "0123456789abcdef" },
      false,
      0,
      0,
      0 },
    { "original", { O + 3, O, 18, 0x0305, 1, "" }, true, TF_EVIDENCE_ORIGINAL, 3, 5 },
    { "original with its digits",
      { O + 3, O, 18, 0x0305, 1, "0123456789" },
      true,
      TF_EVIDENCE_ORIGINAL,
      3,
      5 },
    { "original with some of them",
      { O + 3, O, 18, 0x0305, 1, "0123" },
      true,
      TF_EVIDENCE_ORIGINAL,
      3,
      5 },
    { "original, but letters", { O + 3, O, 18, 0x0305, 1, "01234567ab" }, false, 0, 0, 0 },
    /* recognise.c: "What came back of the payload must not disprove the claim" */
    { "8 bytes that are no tag's start",
      { 33483, 33480, 24, 0x0305, 1, "yrp6abcd" },
      false,
      0,
      0,
      0 },
};

static void test_bare_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quote_cases); i++) {
        const struct quote_case *c = &quote_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet quoted = bare_packet(&c->bare);
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, quoted.len);
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == (c->claimed ? TF_OK : TF_NOT_OURS), "%s: status",
              c->name);
        check(obs.evidence == c->evidence, "%s: evidence", c->name);
        check(obs.path_id == c->path_id && obs.ttl == c->ttl, "%s: place", c->name);
        check(obs.has_ttl == c->claimed && !obs.has_run_id && !obs.has_attempt && !obs.has_probe,
              "%s: what it cannot know", c->name);
        exchange_end(&exchange);
    }
}

/* A packet of the flow that is no probe: its quote is not a bare one, and disproved. */
static void test_quote_of_a_stranger_seen(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct bare bare = { 33483, 33480, 24, 0x0305, 1, "0123456789abcdef" };
    const struct packet stranger = bare_packet(&bare);
    const struct packet reply = time_exceeded(&stranger, 28);
    struct tf_observation obs;

    (void)state;
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    assert_int_equal(give(&exchange, &stranger, &obs), TF_NOT_OURS);
    assert_int_equal(give(&exchange, &reply, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

struct original_case {
    const char *name;
    struct bare bare;
    bool claimed;
};

static const struct original_case original_cases[] = {
    { "a probe of the original", { O + 3, O, 18, 0x0305, 5, "0123456789" }, true },
    { "captured on its way", { O + 3, O, 18, 0x0305, 2, "0123456789" }, true },
    { "path 255, TTL 64", { O + 255, O, 18, 0xff40, 64, "0123456789" }, true },
    { "TTL 65", { O + 3, O, 18, 0x0341, 65, "0123456789" }, false },
    { "with the other base", { 33483, 33480, 18, 0x0305, 5, "0123456789" }, true },
    { "TTL above the Identification's", { O + 3, O, 18, 0x0305, 6, "0123456789" }, false },
    { "TTL 0", { O + 3, O, 18, 0x0300, 0, "0123456789" }, false },
    { "path 256", { O + 256, O, 18, 0x0005, 5, "0123456789" }, false },
    { "nine digits", { O + 3, O, 17, 0x0305, 5, "012345678" }, false },
    { "eleven digits", { O + 3, O, 19, 0x0305, 5, "01234567890" }, false },
    { "a letter", { O + 3, O, 18, 0x0305, 5, "012345678x" }, false },
    { "no payload captured", { O + 3, O, 18, 0x0305, 5, "" }, false },
    { "another path's Identification", { O + 3, O, 18, 0x0405, 5, "0123456789" }, false },
    { "another destination port", { O + 3, 53, 18, 0x0305, 5, "0123456789" }, false },
};

static void test_original_probes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(original_cases); i++) {
        const struct original_case *c = &original_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = bare_packet(&c->bare);
        struct tf_observation obs;

        check(give(&exchange, &probe, &obs) == (c->claimed ? TF_OK : TF_NOT_OURS), "%s: status",
              c->name);
        if (c->claimed) {
            check(obs.kind == TF_KIND_PROBE && obs.evidence == TF_EVIDENCE_ORIGINAL, "%s: rule",
                  c->name);
            check(obs.ttl == (c->bare.ident & 0xff) && obs.path_id == c->bare.ident >> 8,
                  "%s: place", c->name);
            const struct packet reply = time_exceeded(&probe, 28);
            check(give(&exchange, &reply, &obs) == TF_OK, "%s: its quote", c->name);
            check(obs.evidence == TF_EVIDENCE_MATCHED && obs.has_probe && obs.probe_frame == 1,
                  "%s: its quote's probe", c->name);
            check(!obs.has_run_id && !obs.has_attempt, "%s: no tag", c->name);
        }
        exchange_end(&exchange);
    }
}

/* Of one second, all paths of the original differ as if by a NAT; and 2, 1 is 1, 2 exchanged. */
static void test_paths_of_the_original_are_no_translations(void **state)
{
    const struct bare bares[] = { { O + 1, O, 18, 0x0102, 2, "1604000000" },
                                  { O + 2, O, 18, 0x0201, 1, "1604000000" } };
    struct packet probes[COUNT(bares)];
    struct exchange exchange = exchange_begin();
    struct tf_observation obs;

    (void)state;
    for (size_t i = 0; i < COUNT(bares); i++) {
        probes[i] = bare_packet(&bares[i]);
        tf_put_u16(transport_of(&probes[i]) + TF_UDP_CHECKSUM, right_checksum(&probes[i]));
    }
    give_probe(&exchange, &probes[0]);
    const struct packet reply = time_exceeded(&probes[1], 28);
    assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
    check(obs.path_id == 2 && obs.ttl == 1 && !obs.has_probe, "path %u, TTL %u", obs.path_id,
          obs.ttl);
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orphan_tag),
        cmocka_unit_test(test_orphan_tag_of_a_probed_path),
        cmocka_unit_test(test_orphan_tag_ipv6),
        cmocka_unit_test(test_bare_quotes),
        cmocka_unit_test(test_quote_of_a_stranger_seen),
        cmocka_unit_test(test_original_probes),
        cmocka_unit_test(test_paths_of_the_original_are_no_translations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
