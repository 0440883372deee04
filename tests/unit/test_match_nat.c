/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes behind address translators that do not repair what ICMP errors quote. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

/* What a translator makes of the probe; NULL and 0 leave the field alone. */
struct nat_case {
    const char *name;
    const char *src;
    uint16_t src_port;
    const char *dst;
    uint16_t dst_port;
    bool ident_zeroed; /* and not repaired */
    bool key_wrong;    /* another flow's, as translated */
    bool found;
    unsigned changed;
};

static const struct nat_case cases[] = {
    { "source address", "203.0.113.77", 0, NULL, 0, false, false, true,
      TF_CHANGED_SRC | TF_CHANGED_CHECKSUM },
    { "source address and port", "203.0.113.77", 61001, NULL, 0, false, false, true,
      TF_CHANGED_SRC | TF_CHANGED_SRC_PORT | TF_CHANGED_CHECKSUM },
    { "source port", NULL, 61001, NULL, 0, false, false, true,
      TF_CHANGED_SRC_PORT | TF_CHANGED_CHECKSUM },
    { "destination address", NULL, 0, "10.9.9.9", 0, false, false, true,
      TF_CHANGED_DST | TF_CHANGED_CHECKSUM },
    { "destination address and port", NULL, 0, "10.9.9.9", 7, false, false, true,
      TF_CHANGED_DST | TF_CHANGED_DST_PORT | TF_CHANGED_CHECKSUM },
    { "source, and the Identification came back zeroed", "203.0.113.77", 61001, NULL, 0, true,
      false, true, TF_CHANGED_SRC | TF_CHANGED_SRC_PORT | TF_CHANGED_CHECKSUM | TF_CHANGED_IDENT },
    { "source, but another key", "203.0.113.77", 61001, NULL, 0, false, true, false, 0 },
    { "destination, but another key", NULL, 0, "10.9.9.9", 7, false, true, false, 0 },
    { "both ends: nothing is left to know it by", "203.0.113.77", 61001, "10.9.9.9", 7, false,
      false, false, 0 },
};

/* Rewritten as RFC 3022 section 4.1 asks: both checksums are right again. */
static struct packet translate(const struct nat_case *c, const struct packet *probe)
{
    struct packet ip = expired(probe);
    uint8_t *udp = ip.bytes + 20;

    if (c->src != NULL)
        memcpy(ip.bytes + TF_IPV4_SRC, addr(c->src).bytes, 4);
    if (c->dst != NULL)
        memcpy(ip.bytes + TF_IPV4_DST, addr(c->dst).bytes, 4);
    if (c->src_port != 0)
        tf_put_u16(udp + TF_UDP_SRC_PORT, c->src_port);
    if (c->dst_port != 0)
        tf_put_u16(udp + TF_UDP_DST_PORT, c->dst_port);
    tf_put_u16(udp + TF_UDP_CHECKSUM, (uint16_t)(right_checksum(&ip) + c->key_wrong));
    seal_ipv4(ip.bytes);
    if (c->ident_zeroed)
        tf_put_u16(ip.bytes + TF_IPV4_IDENT, 0);
    return ip;
}

static void check_translated(const struct nat_case *c, const struct tf_observation *obs,
                             size_t quote_len)
{
    const struct tf_addr src = addr("192.0.2.1");
    const struct tf_addr dst = addr("198.51.100.9");

    check(obs->evidence == TF_EVIDENCE_MATCHED, "%s, %zu bytes: evidence", c->name, quote_len);
    check(obs->path_id == 3 && obs->has_ttl && obs->ttl == 5, "%s, %zu bytes: place", c->name,
          quote_len);
    check(obs->has_probe && obs->probe_frame == 2, "%s, %zu bytes: probe", c->name, quote_len);
    check(obs->changed == c->changed, "%s, %zu bytes: changed %x", c->name, quote_len,
          obs->changed);
    check(tf_addr_equal(&obs->flow.src, &src) && tf_addr_equal(&obs->flow.dst, &dst) &&
              obs->flow.src_port == 33483 && obs->flow.dst_port == 33480,
          "%s, %zu bytes: the flow as it was sent", c->name, quote_len);
}

static void test_translations(void **state)
{
    static const size_t quote_lens[] = { 28, 44 };

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * COUNT(quote_lens); i++) {
        const struct nat_case *c = &cases[i / COUNT(quote_lens)];
        const size_t quote_len = quote_lens[i % COUNT(quote_lens)];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { probe_of(3, 4, 0), probe_of(3, 5, 0), probe_of(2, 5, 0) };
        struct tf_observation obs;

        for (size_t n = 0; n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        const struct packet quoted = translate(c, &probes[1]);
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, quote_len);
        check(give(&exchange, &reply, &obs) == (c->found ? TF_OK : TF_NOT_OURS),
              "%s, %zu bytes: status", c->name, quote_len);
        if (c->found)
            check_translated(c, &obs, quote_len);
        exchange_end(&exchange);
    }
}

/* 16 bits of a translated key are a chance hit: the Identification has to be explained, too. */
static void test_unexplained_identification_is_refused(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    struct packet quoted = translate(&cases[1], &probe);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    tf_put_u16(quoted.bytes + TF_IPV4_IDENT, 0xbeef);
    seal_ipv4(quoted.bytes);
    const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 28);
    assert_int_equal(give(&exchange, &reply, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

/* Paths behind one translator are told apart, though all of their ports are mapped to one. */
static void test_each_path_and_attempt(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct nat_case *nat = &cases[1];

    (void)state;
    for (uint16_t path_id = 1; path_id <= 8; path_id++)
        for (uint8_t attempt = 0; attempt < 3; attempt++) {
            const struct packet probe = probe_of(path_id, 5, attempt);
            give_probe(&exchange, &probe);
        }
    for (uint16_t path_id = 1; path_id <= 8; path_id++)
        for (uint8_t attempt = 0; attempt < 3; attempt++) {
            const struct packet probe = probe_of(path_id, 5, attempt);
            const struct packet quoted = translate(nat, &probe);
            const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, 28);
            struct tf_observation obs;

            check(give(&exchange, &reply, &obs) == TF_OK, "path %u, attempt %u: status", path_id,
                  attempt);
            check(obs.path_id == path_id && obs.attempt == attempt,
                  "path %u, attempt %u: got %u, %u", path_id, attempt, obs.path_id, obs.attempt);
        }
    exchange_end(&exchange);
}

/* What translators make of every protocol; echo has an identifier in place of the source port. */
struct change {
    const char *name;
    bool src;
    bool src_port;
    bool dst;
    bool dst_port;
};

static const struct change changes[] = {
    { "source address", true, false, false, false },
    { "source address and port", true, true, false, false },
    { "source port", false, true, false, false },
    { "destination address", false, false, true, false },
    { "destination address and port", false, false, true, true },
    { "both ends", true, true, true, true },
};

static struct packet translate_shape(const struct shape *shape, const struct change *change,
                                     const struct packet *probe)
{
    struct packet ip = expired(probe);
    const size_t transport = ip_header_len(&ip);
    const size_t src = shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC;
    const size_t len = shape->ipv6 ? 16 : 4;
    const size_t port = transport + (shape_is_echo(shape) ? (size_t)TF_ICMP_IDENT : 0);

    if (change->src)
        memcpy(ip.bytes + src, addr(shape->ipv6 ? "2001:db8:77::7" : "203.0.113.77").bytes, len);
    if (change->dst)
        memcpy(ip.bytes + src + len, addr(shape->ipv6 ? "fd00::9" : "10.9.9.9").bytes, len);
    if (change->src_port)
        tf_put_u16(ip.bytes + port, 61001);
    if (change->dst_port && !shape_is_echo(shape))
        tf_put_u16(ip.bytes + transport + TF_UDP_DST_PORT, 7);
    tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    if (!shape->ipv6)
        seal_ipv4(ip.bytes);
    return ip;
}

static unsigned changed_bits(const struct shape *shape, const struct change *change)
{
    return (change->src ? TF_CHANGED_SRC : 0) | (change->src_port ? TF_CHANGED_SRC_PORT : 0) |
           (change->dst ? TF_CHANGED_DST : 0) |
           (change->dst_port && !shape_is_echo(shape) ? TF_CHANGED_DST_PORT : 0);
}

/* Echo's far end has no port, UDP over IPv6 no TTL in the first 8 bytes, TCP there no checksum. */
static void check_change(const struct shape *shape, const struct change *change,
                         const struct packet *quoted, struct exchange *exchange)
{
    static const size_t lens[] = { 8, 1000 };

    for (size_t i = 0; i < COUNT(lens); i++) {
        const size_t header_len = ip_header_len(quoted);
        const bool short_quote = lens[i] == 8;
        const size_t len = short_quote ? header_len + lens[i] : quoted->len;
        const struct packet reply = error_quoting(
            shape->ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0, quoted, len);
        struct tf_observation obs;

        const bool found = give(exchange, &reply, &obs) == TF_OK && obs.has_probe;
        if (change->src && change->dst) {
            check(!found, "%s, %s: nothing is left to know it by", shape->name, change->name);
            continue;
        }
        if (short_quote && shape->ipv6 && shape->protocol == TF_IP_PROTO_UDP)
            continue;
        check(found, "%s, %s, %zu bytes: found", shape->name, change->name, len);
        check(obs.path_id == 3 && obs.ttl == 5 && obs.probe_frame == 2, "%s, %s: probe",
              shape->name, change->name);
        check((obs.changed & ~(unsigned)TF_CHANGED_CHECKSUM) == changed_bits(shape, change),
              "%s, %s, %zu bytes: changed %x", shape->name, change->name, len, obs.changed);
        check(obs.flow.src_port == 33483, "%s, %s: the flow as it was sent", shape->name,
              change->name);
    }
}

static void test_every_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes) * COUNT(changes); i++) {
        const struct shape *shape = &shapes[i / COUNT(changes)];
        const struct change *change = &changes[i % COUNT(changes)];
        struct exchange exchange = exchange_begin();
        const struct packet probes[] = { shape_probe(shape, 3, 4, 0), shape_probe(shape, 3, 5, 0),
                                         shape_probe(shape, 2, 5, 0) };

        for (size_t n = 0; n < COUNT(probes); n++)
            give_probe(&exchange, &probes[n]);
        const struct packet quoted = translate_shape(shape, change, &probes[1]);
        check_change(shape, change, &quoted, &exchange);
        exchange_end(&exchange);
    }
}

/* Of TCP's 8 bytes nothing can be said about the checksum; of all of it, it moved with the port. */
static void test_checksum_of_tcp(void **state)
{
    (void)state;
    for (size_t len = 28; len <= 52; len += 24) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(&shapes[2], 3, 5, 0);
        const struct packet quoted = translate_shape(&shapes[2], &changes[2], &probe);
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, len);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
        check(obs.changed == (TF_CHANGED_SRC_PORT | (len == 52 ? TF_CHANGED_CHECKSUM : 0)),
              "%zu bytes: changed %x", len, obs.changed);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_translations),
        cmocka_unit_test(test_unexplained_identification_is_refused),
        cmocka_unit_test(test_each_path_and_attempt),
        cmocka_unit_test(test_every_protocol),
        cmocka_unit_test(test_checksum_of_tcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
