/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes whose flags came back with their bytes exchanged, and later fragments that look alike. */
#include "exchange.h"

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { QUOTE_28 = 28, WHOLE = 1000, SWAPPED_DF = 0x0040 };

static bool is_ipv4(size_t shape)
{
    return (IPV4_SHAPES & 1U << shape) != 0;
}

static struct packet sent_with(const struct shape *shape, uint8_t ttl, uint16_t flags)
{
    struct packet probe = shape_probe(shape, 3, ttl, 0);

    tf_put_u16(probe.bytes + TF_IPV4_FLAGS_FRAGMENT, flags);
    seal_ipv4(probe.bytes);
    return probe;
}

static void swap(uint8_t *field)
{
    tf_put_u16(field, (uint16_t)(field[1] << 8 | field[0]));
}

/* Time Exceeded of a host that wrote flags into what it quotes; no checksum follows. */
static struct packet quote_with(const struct packet *probe, uint16_t flags, size_t len)
{
    struct packet quoted = expired(probe);

    tf_put_u16(quoted.bytes + TF_IPV4_FLAGS_FRAGMENT, flags);
    return error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, len < probe->len ? len : probe->len);
}

static void test_swapped_flags(void **state)
{
    static const size_t lens[] = { QUOTE_28, WHOLE };

    (void)state;
    for (size_t i = 0; i < SHAPES * COUNT(lens); i++) {
        const struct shape *shape = &shapes[i / COUNT(lens)];
        const size_t len = lens[i % COUNT(lens)];
        if (!is_ipv4(i / COUNT(lens)))
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = sent_with(shape, 5, TF_IPV4_DF);
        const struct packet next = sent_with(shape, 6, TF_IPV4_DF);
        const struct packet reply = quote_with(&probe, SWAPPED_DF, len);
        struct tf_observation obs;

        const uint64_t frame = give_probe(&exchange, &probe);
        give_probe(&exchange, &next);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s, %zu bytes: status", shape->name, len);
        check(obs.has_ttl && obs.ttl == 5 && obs.probe_frame == frame, "%s, %zu bytes: TTL %u",
              shape->name, len, obs.ttl);
        check(obs.evidence == (len == WHOLE ? TF_EVIDENCE_TAG : TF_EVIDENCE_MATCHED),
              "%s, %zu bytes: evidence", shape->name, len);
        check(obs.changed == TF_CHANGED_DF && obs.ident_fault == TF_IDENT_INTACT,
              "%s, %zu bytes: changed %x", shape->name, len, obs.changed);
        exchange_end(&exchange);
    }
}

/* All that such a host keeps in its own byte order. */
static void test_all_that_is_swapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        if (!is_ipv4(i))
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = sent_with(&shapes[i], 5, TF_IPV4_DF);
        const struct packet next = sent_with(&shapes[i], 6, TF_IPV4_DF);
        struct packet quoted = expired(&probe);
        struct tf_observation obs;

        swap(quoted.bytes + TF_IPV4_TOTAL_LENGTH);
        swap(quoted.bytes + TF_IPV4_IDENT);
        swap(quoted.bytes + TF_IPV4_FLAGS_FRAGMENT);
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, QUOTE_28);
        const uint64_t frame = give_probe(&exchange, &probe);
        give_probe(&exchange, &next);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", shapes[i].name);
        check(obs.has_ttl && obs.ttl == 5 && obs.probe_frame == frame, "%s: TTL %u", shapes[i].name,
              obs.ttl);
        check(obs.changed == (TF_CHANGED_DF | TF_CHANGED_LENGTH | TF_CHANGED_IDENT),
              "%s: changed %x", shapes[i].name, obs.changed);
        check(obs.ident_fault == TF_IDENT_SWAPPED, "%s: fault", shapes[i].name);
        exchange_end(&exchange);
    }
}

struct fragment_case {
    const char *name;
    uint16_t sent;
    uint16_t quoted;
    uint16_t wrong_key;
};

static const struct fragment_case fragment_cases[] = {
    { "Don't Fragment was not sent", 0, SWAPPED_DF, 0 },
    { "a fragment follows", TF_IPV4_DF, 0x2040, 0 },
    { "the reserved bit", TF_IPV4_DF, 0x8040, 0 },
    { "Don't Fragment, and an offset", TF_IPV4_DF, 0x4040, 0 },
    { "another offset", TF_IPV4_DF, 0x0041, 0 },
    { "more fragments, swapped", TF_IPV4_DF, 0x0020, 0 },
    { "another key", TF_IPV4_DF, SWAPPED_DF, 0x0810 },
};

/* Fragments of others: neither claimed nor called forged. */
static void test_fragments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fragment_cases) * SHAPES; i++) {
        const struct fragment_case *c = &fragment_cases[i / SHAPES];
        const struct shape *shape = &shapes[i % SHAPES];
        if (!is_ipv4(i % SHAPES))
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = sent_with(shape, 5, c->sent);
        struct packet quoted = probe;
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        add_to_key(&quoted, c->wrong_key);
        const struct packet reply = quote_with(&quoted, c->quoted, QUOTE_28);
        check(give(&exchange, &reply, &obs) == TF_NOT_OURS, "%s, %s", c->name, shape->name);
        exchange_end(&exchange);
    }
}

/* Without probes, tag and key tell whose it is; ports and numbers do not, nor are those who have
 * them counted as strangers. */
static void test_without_probes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        if (!is_ipv4(i))
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = sent_with(&shapes[i], 5, TF_IPV4_DF);
        const struct packet bare = quote_with(&probe, SWAPPED_DF, QUOTE_28);
        const struct packet plain = quote_with(&probe, TF_IPV4_DF, QUOTE_28);
        const struct packet whole = quote_with(&probe, SWAPPED_DF, WHOLE);
        struct tf_observation obs;

        for (unsigned n = 0; n < 8; n++)
            check(give(&exchange, &bare, &obs) == TF_NOT_OURS, "%s: bare", shapes[i].name);
        check(give(&exchange, &plain, &obs) == TF_OK && obs.ttl == 5, "%s: plain", shapes[i].name);
        check(give(&exchange, &whole, &obs) == TF_OK && obs.evidence == TF_EVIDENCE_TAG &&
                  obs.ttl == 5 && !obs.has_probe,
              "%s: whole", shapes[i].name);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swapped_flags),
        cmocka_unit_test(test_all_that_is_swapped),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_without_probes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
