/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes of every protocol over both families: long, short and padded, and what changed in them. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

/* A quote of so many bytes past the IP header. */
struct quote_case {
    const char *name;
    size_t len;
    bool whole; /* only then it tells echo's attempt, and UDP's TTL over IPv6 */
};

enum { EVERYTHING = 1000 };

static const struct quote_case quote_cases[] = {
    { "8 bytes", 8, false },
    { "12 bytes", 12, false },
    { "everything", EVERYTHING, true },
};

static struct packet quote_of(const struct packet *probe, size_t len)
{
    const size_t header_len = ip_header_len(probe);

    return time_exceeded(probe, len < probe->len - header_len ? header_len + len : probe->len);
}

static void check_quote(const struct shape *shape, const struct quote_case *c, uint64_t frame,
                        const struct tf_observation *obs)
{
    const bool udp6 = shape->ipv6 && shape->protocol == TF_IP_PROTO_UDP;

    check(obs->kind == TF_KIND_HOP_REPLY && obs->path_id == 3 && obs->run_id == 0x1badcafe,
          "%s, %s: path", shape->name, c->name);
    check(obs->has_icmp && obs->has_quote && obs->quoted_ttl == 1 && obs->changed == 0,
          "%s, %s: quote, changed %x", shape->name, c->name, obs->changed);
    check(obs->evidence == (c->whole ? TF_EVIDENCE_TAG : TF_EVIDENCE_MATCHED), "%s, %s: evidence",
          shape->name, c->name);
    check_shape_flow(shape, obs);
    if (udp6 && !c->whole)
        return;
    check(obs->has_ttl && obs->ttl == 5, "%s, %s: TTL", shape->name, c->name);
    check(obs->has_attempt == (c->whole || !shape_is_echo(shape)), "%s, %s: has attempt",
          shape->name, c->name);
    if (obs->has_attempt)
        check(obs->attempt == 1 && obs->probe_frame == frame, "%s, %s: attempt %u", shape->name,
              c->name, obs->attempt);
}

static void test_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * COUNT(quote_cases); i++) {
        const struct shape *shape = &shapes[i / COUNT(quote_cases)];
        const struct quote_case *c = &quote_cases[i % COUNT(quote_cases)];
        struct exchange exchange = exchange_begin();
        uint64_t frame = 0;
        struct packet probe;
        struct tf_observation obs;

        for (uint16_t path_id = 2; path_id <= 3; path_id++)
            for (uint8_t ttl = 4; ttl <= 6; ttl++)
                for (uint8_t attempt = 0; attempt <= 2; attempt++) {
                    probe = shape_probe(shape, path_id, ttl, attempt);
                    const uint64_t given = give_probe(&exchange, &probe);
                    frame = path_id == 3 && ttl == 5 && attempt == 1 ? given : frame;
                }
        probe = shape_probe(shape, 3, 5, 1);
        const struct packet reply = quote_of(&probe, c->len);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s, %s: status", shape->name, c->name);
        check_quote(shape, c, frame, &obs);
        exchange_end(&exchange);
    }
}

/* RFC 4884 section 5.1: 8 bytes, padded with zeros to the 128 before the extensions. */
static void test_padded_quote(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
        struct packet quoted = expired(&probe);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        memset(quoted.bytes + ip_header_len(&probe) + 8, 0, 128);
        const struct packet reply = error_quoting(
            shapes[i].ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0, &quoted, 128);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", shapes[i].name);
        check(obs.has_probe && obs.ttl == 5 && obs.evidence == TF_EVIDENCE_MATCHED, "%s: probe",
              shapes[i].name);
        exchange_end(&exchange);
    }
}

/* An IPv6 destination options header of 8 bytes, put on the way, stands before what is quoted. */
static struct packet with_extension(const struct packet *probe)
{
    struct packet ip = { .len = 0 };
    const uint8_t extension[8] = { probe->bytes[TF_IPV6_NEXT_HEADER], 0, 1, 4 };

    append(&ip, probe->bytes, TF_IPV6_LEN);
    append(&ip, extension, sizeof extension);
    append(&ip, probe->bytes + TF_IPV6_LEN, probe->len - TF_IPV6_LEN);
    ip.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_DSTOPTS;
    tf_put_u16(ip.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(ip.len - TF_IPV6_LEN));
    return ip;
}

static void test_extension_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
        struct tf_observation obs;

        if (shapes[i].ipv6) {
            const struct packet quoted = with_extension(&probe);
            const struct packet reply = time_exceeded(&quoted, quoted.len);
            const uint64_t frame = give_probe(&exchange, &probe);
            check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", shapes[i].name);
            check(obs.has_probe && obs.probe_frame == frame, "%s: probe", shapes[i].name);
            check(obs.changed == TF_CHANGED_LENGTH, "%s: changed %x", shapes[i].name, obs.changed);
        }
        exchange_end(&exchange);
    }
}

struct change_case {
    const char *name;
    bool ipv6;
    size_t offset;
    uint8_t mask;
    unsigned changed;
};

static const struct change_case change_cases[] = {
    { "TOS", false, TF_IPV4_TOS, 0x2e, TF_CHANGED_TOS },
    { "DF", false, TF_IPV4_FLAGS_FRAGMENT, 0x40, TF_CHANGED_DF },
    { "length", false, TF_IPV4_TOTAL_LENGTH + 1, 0x04, TF_CHANGED_LENGTH },
    { "traffic class", true, TF_IPV6_VERSION_CLASS_LABEL + 1, 0x20, TF_CHANGED_TOS },
    { "flow label", true, TF_IPV6_VERSION_CLASS_LABEL + 3, 0x40, TF_CHANGED_FLOW_LABEL },
};

static void test_changed_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * COUNT(change_cases); i++) {
        const struct shape *shape = &shapes[i / COUNT(change_cases)];
        const struct change_case *c = &change_cases[i % COUNT(change_cases)];
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        struct packet quoted = expired(&probe);
        struct tf_observation obs;

        if (c->ipv6 == shape->ipv6) {
            give_probe(&exchange, &probe);
            quoted.bytes[c->offset] ^= c->mask;
            if (!shape->ipv6)
                seal_ipv4(quoted.bytes);
            const struct packet reply = quote_of(&quoted, 8);
            check(give(&exchange, &reply, &obs) == TF_OK, "%s, %s: status", shape->name, c->name);
            check(obs.has_probe && obs.changed == c->changed, "%s, %s: changed %x", shape->name,
                  c->name, obs.changed);
            check(obs.sent.tos == 0 &&
                      obs.quoted_tos == (c->changed == TF_CHANGED_TOS ? (c->ipv6 ? 2 : 0x2e) : 0),
                  "%s, %s: quoted TOS %x", shape->name, c->name, obs.quoted_tos);
        }
        exchange_end(&exchange);
    }
}

/* IPv4's length counts the header, IPv6's does not: so many bytes are left behind it. */
static void claim_payload(struct packet *ip, uint16_t len)
{
    const size_t header_len = ip_header_len(ip);

    if (header_len == TF_IPV6_LEN) {
        tf_put_u16(ip->bytes + TF_IPV6_PAYLOAD_LENGTH, len);
        return;
    }
    tf_put_u16(ip->bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)(header_len + len));
    seal_ipv4(ip->bytes);
}

/* A host that keeps the length less that of the header quotes 44 bytes as 24. */
static void test_lengths_that_leave_too_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++)
        for (uint16_t left = 0; left < 8; left++) {
            struct exchange exchange = exchange_begin();
            const struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
            struct packet quoted = expired(&probe);
            struct tf_observation obs;

            const uint64_t frame = give_probe(&exchange, &probe);
            claim_payload(&quoted, left);
            const struct packet reply = quote_of(&quoted, EVERYTHING);
            check(give(&exchange, &reply, &obs) == TF_OK, "%s, %u left: status", shapes[i].name,
                  left);
            check(obs.probe_frame == frame && obs.evidence == TF_EVIDENCE_TAG &&
                      obs.changed == TF_CHANGED_LENGTH && obs.quoted_len == probe.len,
                  "%s, %u left: changed %x, %u bytes", shapes[i].name, left, obs.changed,
                  obs.quoted_len);
            exchange_end(&exchange);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_padded_quote),
        cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_changed_fields),
        cmocka_unit_test(test_lengths_that_leave_too_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
