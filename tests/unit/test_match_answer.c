/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The destination's answers: Port Unreachable, and UDP with and without our tag. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"

/* A datagram back along the flow of a probe, with a checksum that is right, or none (0). */
enum checksum { CHECKSUM_RIGHT, CHECKSUM_NONE };

static struct packet answer(const struct packet *probe, uint8_t ttl, struct bytes payload,
                            enum checksum checksum)
{
    const uint8_t *udp = probe->bytes + ip_header_len(probe);
    const bool ipv6 = probe->bytes[0] >> 4 == 6;
    const struct packet back = build_udp(tf_get_u16(udp + TF_UDP_DST_PORT),
                                         tf_get_u16(udp + TF_UDP_SRC_PORT), 0, payload);
    const struct ip_fields fields = { .src = addr(ipv6 ? "2001:db8::9" : "198.51.100.9"),
                                      .dst = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                      .protocol = TF_IP_PROTO_UDP,
                                      .ttl = ttl,
                                      .ident = 0x7777 };
    struct packet ip = build_ip(&fields, &back);

    if (checksum == CHECKSUM_RIGHT)
        tf_put_u16(ip.bytes + ip_header_len(&ip) + TF_UDP_CHECKSUM, right_checksum(&ip));
    return ip;
}

static struct bytes payload_of(const struct packet *probe)
{
    const size_t at = ip_header_len(probe) + TF_UDP_LEN;

    return (struct bytes){ probe->bytes + at, probe->len - at };
}

struct unreachable_case {
    const char *name;
    bool ipv6;
    uint8_t type;
    uint8_t code;
    enum tf_kind want;
};

static const struct unreachable_case unreachable_cases[] = {
    { "Time Exceeded", false, 11, 0, TF_KIND_HOP_REPLY },
    { "reassembly time exceeded", false, 11, 1, TF_KIND_HOP_REPLY },
    { "Port Unreachable", false, 3, 3, TF_KIND_DESTINATION_REPLY },
    { "Host Unreachable", false, 3, 1, TF_KIND_HOP_REPLY },
    { "administratively prohibited", false, 3, 13, TF_KIND_HOP_REPLY },
    { "Source Quench", false, 4, 0, TF_KIND_HOP_REPLY },
    { "Parameter Problem", false, 12, 0, TF_KIND_HOP_REPLY },
    { "ICMPv6 Time Exceeded", true, 3, 0, TF_KIND_HOP_REPLY },
    { "ICMPv6 Port Unreachable", true, 1, 4, TF_KIND_DESTINATION_REPLY },
    { "ICMPv6 address unreachable", true, 1, 3, TF_KIND_HOP_REPLY },
    { "ICMPv6 Packet Too Big", true, 2, 0, TF_KIND_HOP_REPLY },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(unreachable_cases); i++) {
        const struct unreachable_case *c = &unreachable_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = c->ipv6 ? ipv6_probe_of(3, 5, 0) : probe_of(3, 5, 0);
        const struct packet reply = error_quoting(c->type, c->code, &probe, probe.len);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.kind == c->want, "%s: kind %d", c->name, obs.kind);
        check(obs.icmp_type == c->type && obs.icmp_code == c->code, "%s: type and code", c->name);
        exchange_end(&exchange);
    }
}

/* A host of any address may be UDP's destination; of echo and TCP, only the one that was asked. */
static void test_port_unreachable(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES * 2; i++) {
        const struct shape *shape = &shapes[i / 2];
        const bool by_destination = i % 2 != 0;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        struct packet reply = port_unreachable(&probe, probe.len);
        struct tf_observation obs;

        if (by_destination && shape->ipv6)
            memcpy(reply.bytes + TF_IPV6_SRC, probe.bytes + TF_IPV6_DST, 16);
        else if (by_destination)
            memcpy(reply.bytes + TF_IPV4_SRC, probe.bytes + TF_IPV4_DST, 4);
        give_probe(&exchange, &probe);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", shape->name);
        check((obs.kind == TF_KIND_DESTINATION_REPLY) ==
                  (by_destination || shape->protocol == TF_IP_PROTO_UDP),
              "%s, %s: kind %d", shape->name, by_destination ? "destination" : "another", obs.kind);
        check(tf_observation_ends_path(&obs), "%s: the path's end", shape->name);
        exchange_end(&exchange);
    }
}

struct echo_case {
    const char *name;
    bool ipv6;
    enum checksum checksum;
    uint8_t ttl; /* as captured: that of a probe of TTL 5 can be no more than that */
};

/*
 * A sum does not change when source and destination change places: an echo's right checksum is the
 * key.
 */
static const struct echo_case echo_cases[] = {
    { "an echo without checksum", false, CHECKSUM_NONE, 60 },
    { "an echo", false, CHECKSUM_RIGHT, 60 },
    { "an echo from far away", false, CHECKSUM_RIGHT, 3 },
    { "an echo, IPv6", true, CHECKSUM_RIGHT, 60 },
    { "an echo from far away, IPv6", true, CHECKSUM_RIGHT, 3 },
};

static void test_echo_of_the_tag(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(echo_cases); i++) {
        const struct echo_case *c = &echo_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = c->ipv6 ? ipv6_probe_of(3, 5, 0) : probe_of(3, 5, 0);
        const struct packet other = c->ipv6 ? ipv6_probe_of(3, 6, 0) : probe_of(3, 6, 0);
        const struct packet reply = answer(&probe, c->ttl, payload_of(&probe), c->checksum);
        struct tf_observation obs;

        const uint64_t frame = give_probe(&exchange, &probe);
        give_probe(&exchange, &other);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.kind == TF_KIND_DESTINATION_REPLY, "%s: kind %d", c->name, obs.kind);
        check(obs.path_id == 3 && obs.has_ttl && obs.ttl == 5, "%s: place", c->name);
        check(obs.has_probe && obs.probe_frame == frame, "%s: probe", c->name);
        check(obs.flow.src_port == 33483, "%s: the probe's flow", c->name);
        check(!obs.has_icmp && !obs.has_quote && obs.changed == 0, "%s: no quote", c->name);
        check(obs.ident_fault == TF_IDENT_INTACT && obs.captured_ttl == c->ttl,
              "%s: its own header", c->name);
        exchange_end(&exchange);
    }
}

/* A capture that begins in the middle: the echo alone is not a probe either. */
static void test_echo_without_its_probe(void **state)
{
    (void)state;
    for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
        struct exchange exchange = exchange_begin();
        const struct packet probe = ipv6 ? ipv6_probe_of(3, 5, 0) : probe_of(3, 5, 0);
        const struct packet reply = answer(&probe, 60, payload_of(&probe), CHECKSUM_RIGHT);
        struct tf_observation obs;

        check(give(&exchange, &reply, &obs) == TF_NOT_OURS, "IPv%d", ipv6 ? 6 : 4);
        exchange_end(&exchange);
    }
}

/* The prober's own host refuses what it did not expect: that quotes tag and key, but no probe. */
static void test_refused_echo(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool ipv6 = i % 2 != 0;
        const bool has_probe = i / 2 != 0;
        struct exchange exchange = exchange_begin();
        const struct packet probe = ipv6 ? ipv6_probe_of(3, 5, 0) : probe_of(3, 5, 0);
        const struct packet echo = answer(&probe, 60, payload_of(&probe), CHECKSUM_RIGHT);
        const struct packet refusal = port_unreachable(&echo, echo.len);
        struct tf_observation obs;

        if (has_probe)
            give_probe(&exchange, &probe);
        check(give(&exchange, &refusal, &obs) == TF_NOT_OURS, "IPv%d, probe %d", ipv6 ? 6 : 4,
              has_probe);
        exchange_end(&exchange);
    }
}

static void test_echo_of_a_tag_never_sent(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet sent = probe_of(3, 5, 0);
    const struct packet not_sent = probe_of(3, 5, 1);
    const struct packet reply = answer(&sent, 60, payload_of(&not_sent), CHECKSUM_NONE);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &sent);
    assert_int_equal(give(&exchange, &reply, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

struct service_case {
    const char *name;
    unsigned n_probes; /* TTL 5, 6, … */
    int64_t delay_ns;
    bool placed;
};

static const struct service_case service_cases[] = {
    { "one probe open", 1, 20 * TF_NS_PER_MS, true },
    { "two probes open", 2, 20 * TF_NS_PER_MS, false },
    { "one probe, too long ago", 1, 2 * TF_NS_PER_S, false },
};

static void test_answer_without_tag(void **state)
{
    static const uint8_t banner[] = { 'h', 'e', 'l', 'l', 'o' };

    (void)state;
    for (size_t i = 0; i < COUNT(service_cases); i++) {
        const struct service_case *c = &service_cases[i];
        struct exchange exchange = exchange_begin();
        struct packet probe;
        struct tf_observation obs;

        for (unsigned n = c->n_probes; n > 0; n--) {
            probe = probe_of(3, (uint8_t)(4 + n), 0);
            give_probe(&exchange, &probe);
        }
        exchange.now_ns += c->delay_ns;
        const struct packet reply = answer(&probe, 60, (struct bytes){ banner, sizeof banner },
                                           CHECKSUM_RIGHT);
        check(give(&exchange, &reply, &obs) == TF_OK, "%s: status", c->name);
        check(obs.kind == TF_KIND_DESTINATION_REPLY, "%s: kind", c->name);
        check(obs.evidence == TF_EVIDENCE_MATCHED && obs.path_id == 3, "%s: path", c->name);
        check(obs.has_ttl == c->placed && obs.has_probe == c->placed, "%s: placed", c->name);
        check(!c->placed || obs.ttl == 5, "%s: TTL", c->name);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_port_unreachable),
        cmocka_unit_test(test_echo_of_the_tag),
        cmocka_unit_test(test_echo_without_its_probe),
        cmocka_unit_test(test_refused_echo),
        cmocka_unit_test(test_echo_of_a_tag_never_sent),
        cmocka_unit_test(test_answer_without_tag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
