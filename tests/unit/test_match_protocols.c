/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds of every protocol over both families: probes recognised, their quotes matched. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

static const struct tf_observation *probe_seen(struct exchange *exchange, const struct packet *ip)
{
    static struct tf_observation obs;

    return give(exchange, ip, &obs) == TF_OK ? &obs : NULL;
}

static uint16_t source_port(const struct packet *ip)
{
    return (uint16_t)(tf_get_u16(ip->bytes + ip_header_len(ip)));
}

static bool is_echo(const struct shape *shape)
{
    return shape->protocol == TF_IP_PROTO_ICMP || shape->protocol == TF_IP_PROTO_ICMPV6;
}

static void check_flow(const struct shape *shape, const struct tf_observation *obs)
{
    check(obs->flow.protocol == shape->protocol, "%s: protocol", shape->name);
    check(obs->flow.src_port == 33480 + 3, "%s: source port", shape->name);
    check(obs->flow.dst_port == (is_echo(shape)                       ? 0
                                 : shape->protocol == TF_IP_PROTO_TCP ? 443
                                                                      : 33480),
          "%s: destination port", shape->name);
}

static void test_probes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct shape *shape = &shapes[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 1);
        const struct tf_observation *obs = probe_seen(&exchange, &probe);

        check(obs != NULL, "%s: recognised", shape->name);
        check(obs->kind == TF_KIND_PROBE && obs->evidence == TF_EVIDENCE_TAG, "%s: rule",
              shape->name);
        check(obs->run_id == 0x1badcafe && obs->path_id == 3 && obs->ttl == 5 && obs->attempt == 1,
              "%s: fields", shape->name);
        check(obs->has_attempt && obs->has_ident == !shape->ipv6, "%s: flags", shape->name);
        check_flow(shape, obs);
        exchange_end(&exchange);
    }
}

/* Far from its sender its TTL is lower; higher, it is not as it was sent. */
static void test_captured_ttl(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++)
        for (int ttl = 1; ttl <= 6; ttl++) {
            struct exchange exchange = exchange_begin();
            struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
            struct tf_observation obs;

            probe.bytes[shapes[i].ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = (uint8_t)ttl;
            check((give(&exchange, &probe, &obs) == TF_OK) == (ttl <= 5), "%s, TTL %d",
                  shapes[i].name, ttl);
            exchange_end(&exchange);
        }
}

static void test_wrong_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
        struct tf_observation obs;

        if (shapes[i].protocol == TF_IP_PROTO_TCP)
            probe.bytes[ip_header_len(&probe) + TF_TCP_SEQ + 3] ^= 0x10;
        else
            checksum_field(&probe)[0] ^= 0x10;
        check(give(&exchange, &probe, &obs) == TF_NOT_OURS, "%s", shapes[i].name);
        exchange_end(&exchange);
    }
}

/* A quote of so many bytes past the IP header. */
struct quote_case {
    const char *name;
    size_t len;
    bool attempt; /* it tells echo's attempt */
    bool ttl;     /* it tells UDP's TTL over IPv6 */
};

enum { EVERYTHING = 1000 };

static const struct quote_case quote_cases[] = {
    { "8 bytes", 8, false, false },
    { "12 bytes", 12, false, false },
    { "everything", EVERYTHING, true, true },
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
    check(obs->evidence == (c->attempt ? TF_EVIDENCE_TAG : TF_EVIDENCE_MATCHED), "%s, %s: evidence",
          shape->name, c->name);
    check_flow(shape, obs);
    if (udp6 && !c->ttl)
        return;
    check(obs->has_ttl && obs->ttl == 5, "%s, %s: TTL", shape->name, c->name);
    check(obs->has_attempt == (c->attempt || !is_echo(shape)), "%s, %s: has attempt", shape->name,
          c->name);
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
            check(obs.sent_tos == 0 &&
                      obs.quoted_tos == (c->changed == TF_CHANGED_TOS ? (c->ipv6 ? 2 : 0x2e) : 0),
                  "%s, %s: quoted TOS %x", shape->name, c->name, obs.quoted_tos);
        }
        exchange_end(&exchange);
    }
}

static void test_duplicates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
        const struct packet reply = quote_of(&probe, EVERYTHING);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        check(give(&exchange, &probe, &obs) == TF_OK && obs.duplicate, "%s: the probe again",
              shapes[i].name);
        check(give(&exchange, &reply, &obs) == TF_OK && !obs.duplicate, "%s: first",
              shapes[i].name);
        check(give(&exchange, &reply, &obs) == TF_OK && obs.duplicate, "%s: second",
              shapes[i].name);
        exchange_end(&exchange);
    }
}

/* The quote alone: of all protocols, the whole probe proves itself. */
static void test_orphans(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], 300, 5, 1);
        const struct packet reply = quote_of(&probe, EVERYTHING);
        const struct packet bare = quote_of(&probe, 8);
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", shapes[i].name);
        check(obs.evidence == TF_EVIDENCE_TAG && obs.path_id == 300 && obs.ttl == 5 &&
                  obs.attempt == 1 && obs.run_id == 0x1badcafe && !obs.has_probe,
              "%s: claim", shapes[i].name);
        check(source_port(&probe) == 33780 || is_echo(&shapes[i]), "%s: port", shapes[i].name);
        check(give(&exchange, &bare, &obs) == (shapes[i].ipv6 ? TF_NOT_OURS : TF_OK), "%s: 8 bytes",
              shapes[i].name);
        check(shapes[i].ipv6 || (obs.evidence == TF_EVIDENCE_ARITHMETIC && obs.path_id == 300 &&
                                 obs.ttl == 5 && !obs.has_run_id && !obs.has_attempt),
              "%s: arithmetic", shapes[i].name);
        exchange_end(&exchange);
    }
}

/* Who knows addresses, ports and TTL has still to guess the key. */
static void test_forger(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[i], 3, 5, 0);
        struct packet forged = quote_of(&probe, 8);
        uint8_t *key = forged.bytes + 2 * ip_header_len(&probe) + 8 +
                       (shapes[i].protocol == TF_IP_PROTO_TCP ? TF_TCP_SEQ + 2
                        : is_echo(&shapes[i])                 ? TF_ICMP_CHECKSUM
                                                              : TF_UDP_CHECKSUM);
        unsigned accepted = 0;

        give_probe(&exchange, &probe);
        for (unsigned n = 0; n <= UINT16_MAX; n++) {
            struct tf_observation obs;

            tf_put_u16(key, (uint16_t)n);
            accepted += give(&exchange, &forged, &obs) == TF_OK;
        }
        check(accepted == 1, "%s: %u keys", shapes[i].name, accepted);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probes),         cmocka_unit_test(test_captured_ttl),
        cmocka_unit_test(test_wrong_key),      cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_padded_quote),   cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_changed_fields), cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_orphans),        cmocka_unit_test(test_forger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
