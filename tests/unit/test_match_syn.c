/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP probes recognised, whatever their ports, and other programs' SYNs left alone. */
#include "exchange.h"

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

/* One byte of a probe's TCP header changed: another program's SYN. Ports and checksum are free. */
struct stranger_case {
    const char *name;
    size_t offset; /* in the TCP header */
    uint8_t value;
    bool ours;
};

static const struct stranger_case stranger_cases[] = {
    { "another destination port", TF_TCP_DST_PORT + 1, 80, true },
    { "another checksum", TF_TCP_CHECKSUM, 0x77, true },
    { "another window", TF_TCP_WINDOW, 0xfa, false },
    { "an acknowledgement number", TF_TCP_ACK, 1, false },
    { "SYN/ACK", TF_TCP_FLAGS, TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK, false },
    { "SYN and ECN", TF_TCP_FLAGS, TF_TCP_FLAG_SYN | 0xc0, false },
    { "an urgent pointer", TF_TCP_URGENT, 1, false },
    { "another order of options", TF_TCP_MIN_LEN, TF_TCP_OPT_TIMESTAMP, false },
    { "a time stamp echoed", TF_TCP_MIN_LEN + 11, 1, false },
    { "another run's time stamp", TF_TCP_MIN_LEN + 7, 0, false },
    { "another path's sequence number", TF_TCP_SEQ, 4, false },
    { "TTL 0", TF_TCP_SEQ + 1, 0, false },
    { "another key", TF_TCP_SEQ + 3, 0, false },
    { "a longer header", TF_TCP_DATA_OFFSET, 0x90, false },
};

static void test_strangers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stranger_cases); i++) {
        const struct stranger_case *c = &stranger_cases[i];
        struct exchange exchange = exchange_begin();
        struct packet probe = shape_probe(&shapes[2], 3, 5, 0);
        struct tf_observation obs;

        probe.bytes[20 + c->offset] = c->value;
        check(give(&exchange, &probe, &obs) == (c->ours ? TF_OK : TF_NOT_OURS), "%s", c->name);
        exchange_end(&exchange);
    }
}

static void test_payload_is_a_strangers(void **state)
{
    struct exchange exchange = exchange_begin();
    struct packet probe = shape_probe(&shapes[2], 3, 5, 0);
    struct tf_observation obs;

    (void)state;
    append(&probe, "data", 4);
    tf_put_u16(probe.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)probe.len);
    seal_ipv4(probe.bytes);
    assert_int_equal(give(&exchange, &probe, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

/* How the path ID is known where the source port's base is not. */
struct base_case {
    const char *name;
    bool over_ipv6;
    uint16_t src_base;
    uint16_t path_id;
    uint8_t attempt;
    uint16_t mask; /* changes Identification or flow label */
    bool ours;
};

static const struct base_case base_cases[] = {
    { "the default base", false, 33480, 3, 31, 0, true },
    { "the default base, nothing else left", false, 33480, 3, 0, 0xffff, true },
    { "the default base, a high path ID", false, 33480, 700, 2, 0, true },
    { "another base, the Identification says it", false, 40000, 3, 0, 0, true },
    { "another base, the Identification is gone", false, 40000, 3, 0, 0xffff, false },
    { "another base, the Identification is one more", false, 40000, 3, 0, 1, false },
    { "another base, a high path ID", false, 40000, 700, 0, 0, false },
    { "IPv6, another base, the flow label says it", true, 40000, 700, 0, 0, true },
    { "IPv6, another base, the flow label is gone", true, 40000, 3, 0, 0xffff, false },
    { "an attempt that no prober makes", false, 33480, 3, 32, 0, false },
};

static void test_bases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(base_cases); i++) {
        const struct base_case *c = &base_cases[i];
        struct exchange exchange = exchange_begin();
        const struct probe_fields fields = {
            .protocol = TF_IP_PROTO_TCP,
            .src = addr(c->over_ipv6 ? "2001:db8::1" : "192.0.2.1"),
            .dst = addr(c->over_ipv6 ? "2001:db8::9" : "198.51.100.9"),
            .src_base = c->src_base,
            .dst_base = 8443,
            .run_id = 0x1badcafe,
            .path_id = c->path_id,
            .attempt = c->attempt,
            .ttl = 5,
        };
        struct packet probe = build_probe(&fields);
        struct tf_observation obs;

        uint8_t *field = probe.bytes + (c->over_ipv6 ? 2 : TF_IPV4_IDENT);
        tf_put_u16(field, tf_get_u16(field) ^ c->mask);
        check(give(&exchange, &probe, &obs) == (c->ours ? TF_OK : TF_NOT_OURS), "%s: status",
              c->name);
        check(!c->ours || (obs.path_id == c->path_id && obs.attempt == c->attempt), "%s: path",
              c->name);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_payload_is_a_strangers),
        cmocka_unit_test(test_bases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
