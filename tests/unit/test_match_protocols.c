/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds of every protocol over both families: probes recognised, keys guarded. */
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
        check_shape_flow(shape, obs);
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

enum { EVERYTHING = 1000 };

static struct packet quote_of(const struct packet *probe, size_t len)
{
    const size_t header_len = ip_header_len(probe);

    return time_exceeded(probe, len < probe->len - header_len ? header_len + len : probe->len);
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
        check(source_port(&probe) == 33780 || shape_is_echo(&shapes[i]), "%s: port",
              shapes[i].name);
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
                        : shape_is_echo(&shapes[i])           ? TF_ICMP_CHECKSUM
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
        cmocka_unit_test(test_probes),    cmocka_unit_test(test_captured_ttl),
        cmocka_unit_test(test_wrong_key), cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_orphans),   cmocka_unit_test(test_forger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
