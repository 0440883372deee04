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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_translations),
        cmocka_unit_test(test_unexplained_identification_is_refused),
        cmocka_unit_test(test_each_path_and_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
