/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP answers: SYN/ACKs, resets and bare acknowledgements; and segments that are none of ours. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"

enum { RUN = 0x1badcafe };

static const struct shape *const ipv4 = &shapes[2];
static const struct shape *const ipv6 = &shapes[5];

/* The answer to attempt 1 at TTL 5, with TTLs 4 to 6 and two attempts of each under way. */
struct answer_case {
    const char *name;
    uint8_t flags;
    uint32_t echo;
    int32_t ack_error;
    bool ours;
    bool placed;
};

enum { SYN = TF_TCP_FLAG_SYN, RST = TF_TCP_FLAG_RST, ACK = TF_TCP_FLAG_ACK, FIN = TF_TCP_FLAG_FIN };

static const struct answer_case answer_cases[] = {
    { "SYN/ACK", SYN | ACK, RUN, 0, true, true },
    { "SYN/ACK without time stamp", SYN | ACK, NO_TIMESTAMP, 0, true, true },
    { "SYN/ACK of another run", SYN | ACK, RUN + 1, 0, false, false },
    { "SYN/ACK, explicit congestion notification", SYN | ACK | 0x40, RUN, 0, true, true },
    { "reset", RST | ACK, NO_TIMESTAMP, 0, true, true },
    { "reset with a time stamp of its own", RST | ACK, 1, 0, true, true },
    { "reset without ACK", RST, NO_TIMESTAMP, 0, true, true },
    { "bare ACK, many may be meant", ACK, RUN, 0, true, false },
    { "bare ACK of another run", ACK, RUN + 1, 0, false, false },
    { "SYN alone", SYN, RUN, 0, false, false },
    { "no flag", 0, RUN, 0, false, false },
    { "FIN", FIN | ACK, RUN, 0, false, false },
    { "SYN/ACK of the sequence number itself", SYN | ACK, RUN, -1, false, false },
    { "SYN/ACK of the next", SYN | ACK, RUN, 1, false, false },
    { "reset of another TTL, never probed", RST | ACK, NO_TIMESTAMP, 2 << 16, false, false },
    { "reset of another path's TTL", RST | ACK, NO_TIMESTAMP, 1 << 24, false, false },
    { "bare ACK of anything", ACK, RUN, 0x1234567, false, false },
};

static struct packet answer_of(const struct shape *shape, const struct answer_case *c)
{
    const struct packet probe = shape_probe(shape, 3, 5, 1);
    struct packet ip = tcp_answer(shape, &probe, c->flags, c->echo);
    uint8_t *ack = ip.bytes + ip_header_len(&ip) + TF_TCP_ACK;

    tf_put_u32(ack, tf_get_u32(ack) + (uint32_t)c->ack_error);
    return ip;
}

static void give_probes(struct exchange *exchange, const struct shape *shape)
{
    for (uint8_t ttl = 4; ttl <= 6; ttl++)
        for (uint8_t attempt = 0; attempt <= 1; attempt++) {
            const struct packet probe = shape_probe(shape, 3, ttl, attempt);
            give_probe(exchange, &probe);
        }
}

static void test_answers(void **state)
{
    const struct shape *const both[] = { ipv4, ipv6 };

    (void)state;
    for (size_t i = 0; i < COUNT(both) * COUNT(answer_cases); i++) {
        const struct answer_case *c = &answer_cases[i / COUNT(both)];
        const struct shape *shape = both[i % COUNT(both)];
        const struct packet answer = answer_of(shape, c);
        struct exchange exchange = exchange_begin();
        struct tf_observation obs;

        give_probes(&exchange, shape);
        check(give(&exchange, &answer, &obs) == (c->ours ? TF_OK : TF_NOT_OURS), "%s: status",
              c->name);
        if (c->ours) {
            check(obs.kind == TF_KIND_DESTINATION_REPLY && obs.evidence == TF_EVIDENCE_MATCHED,
                  "%s: kind", c->name);
            check(obs.path_id == 3 && obs.run_id == RUN, "%s: path", c->name);
            check(obs.tcp_flags == c->flags && !obs.has_icmp && !obs.has_quote, "%s: flags",
                  c->name);
            check(obs.has_ttl == c->placed && obs.has_probe == c->placed, "%s: placed", c->name);
            check(obs.has_attempt == c->placed, "%s: has attempt", c->name);
            check(!c->placed || (obs.ttl == 5 && obs.attempt == 1 && obs.probe_frame == 4),
                  "%s: probe", c->name);
        }
        exchange_end(&exchange);
    }
}

/*
 * A bare ACK acknowledges the SYN that opened the connection, not the one that it answers: that is
 * the only one left open, if there is just one, or all left are of one TTL.
 */
struct challenge_case {
    const char *name;
    uint8_t attempts; /* at TTL 6, where the challenged SYN is */
    bool answered;    /* the opening SYN, at TTL 5, by a SYN/ACK */
    bool also_other;  /* TTL 4 is open, too */
    int64_t delay_ns;
    bool placed;
    bool attempt_known;
};

static const struct challenge_case challenge_cases[] = {
    { "one open", 1, true, false, 0, true, true },
    { "one open, the opening one's answer was lost", 1, false, false, 0, true, true },
    { "two attempts of a TTL", 2, true, false, 0, true, false },
    { "two TTLs", 1, true, true, 0, false, false },
    { "one, but too long ago", 1, true, false, 2 * TF_NS_PER_S, false, false },
    { "none but the opening one", 0, true, false, 0, false, false },
};

static void test_challenges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(challenge_cases); i++) {
        const struct challenge_case *c = &challenge_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet opening = shape_probe(ipv4, 3, 5, 0);
        const struct packet accepted = tcp_answer(ipv4, &opening, SYN | ACK, RUN);
        const struct packet challenge = tcp_answer(ipv4, &opening, ACK, RUN);
        const struct packet other = shape_probe(ipv4, 3, 4, 0);
        struct tf_observation obs;

        give_probe(&exchange, &opening);
        if (c->answered)
            check(give(&exchange, &accepted, &obs) == TF_OK, "%s: SYN/ACK", c->name);
        if (c->also_other)
            give_probe(&exchange, &other);
        for (uint8_t attempt = 0; attempt < c->attempts; attempt++) {
            const struct packet probe = shape_probe(ipv4, 3, 6, attempt);
            give_probe(&exchange, &probe);
        }
        const uint64_t newest = exchange.frame;
        exchange.now_ns += c->delay_ns;
        check(give(&exchange, &challenge, &obs) == TF_OK, "%s: status", c->name);
        check(obs.kind == TF_KIND_DESTINATION_REPLY && obs.path_id == 3, "%s: kind", c->name);
        check(obs.has_ttl == c->placed, "%s: placed", c->name);
        check(obs.has_attempt == c->attempt_known, "%s: attempt", c->name);
        check(!c->placed || (obs.ttl == 6 && obs.probe_frame == newest), "%s: probe", c->name);
        exchange_end(&exchange);
    }
}

/* Two probers with the same ports at once: an ACK for either may be a probe of the other's. */
static void test_two_runs(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet mine = shape_probe(ipv4, 3, 5, 0);
    struct probe_fields fields = { .protocol = TF_IP_PROTO_TCP,
                                   .src = addr("192.0.2.1"),
                                   .dst = addr("198.51.100.9"),
                                   .src_base = TF_BASE_PORT,
                                   .dst_base = TF_BASE_PORT_TCP,
                                   .run_id = 0xfeedbeef,
                                   .path_id = 3,
                                   .ttl = 5 };
    const struct packet theirs = build_probe(&fields);
    const struct packet answer = tcp_answer(ipv4, &theirs, SYN | ACK, 0xfeedbeef);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &mine);
    give_probe(&exchange, &theirs);
    assert_int_equal(give(&exchange, &answer, &obs), TF_OK);
    check(obs.run_id == 0xfeedbeef && obs.probe_frame == 2, "each run its own");

    fields.ttl = 6;
    const struct packet next = build_probe(&fields);
    give_probe(&exchange, &next);
    const struct packet challenge = tcp_answer(ipv4, &theirs, ACK, 0xfeedbeef);
    assert_int_equal(give(&exchange, &challenge, &obs), TF_OK);
    check(obs.run_id == 0xfeedbeef && !obs.has_ttl, "not told from the other run's");
    exchange_end(&exchange);
}

/* What the prober's own kernel says to a SYN/ACK that it did not ask for. */
static void test_own_reset(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = shape_probe(ipv4, 3, 5, 0);
    const uint8_t *tcp = probe.bytes + 20;
    const struct tcp_fields fields = { .src_port = tf_get_u16(tcp + TF_TCP_SRC_PORT),
                                       .dst_port = tf_get_u16(tcp + TF_TCP_DST_PORT),
                                       .seq = tf_get_u32(tcp + TF_TCP_SEQ) + 1,
                                       .flags = RST };
    const struct packet segment = build_tcp(&fields);
    const struct ip_fields ip_fields = { .src = addr("192.0.2.1"),
                                         .dst = addr("198.51.100.9"),
                                         .protocol = TF_IP_PROTO_TCP,
                                         .ttl = 64 };
    const struct packet reset = build_ip(&ip_fields, &segment);
    struct tf_observation obs;

    (void)state;
    give_probe(&exchange, &probe);
    assert_int_equal(give(&exchange, &reset, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

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
    { "SYN/ACK", TF_TCP_FLAGS, SYN | ACK, false },
    { "SYN and ECN", TF_TCP_FLAGS, SYN | 0xc0, false },
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
        struct packet probe = shape_probe(ipv4, 3, 5, 0);
        struct tf_observation obs;

        probe.bytes[20 + c->offset] = c->value;
        check(give(&exchange, &probe, &obs) == (c->ours ? TF_OK : TF_NOT_OURS), "%s", c->name);
        exchange_end(&exchange);
    }
}

static void test_payload_is_a_strangers(void **state)
{
    struct exchange exchange = exchange_begin();
    struct packet probe = shape_probe(ipv4, 3, 5, 0);
    struct tf_observation obs;

    (void)state;
    append(&probe, "data", 4);
    tf_put_u16(probe.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)probe.len);
    seal_ipv4(probe.bytes);
    assert_int_equal(give(&exchange, &probe, &obs), TF_NOT_OURS);
    exchange_end(&exchange);
}

/* Quotes that the key alone would pass. */
struct quote_case {
    const char *name;
    bool probed;
    size_t offset; /* in the TCP header, of what the quote has changed */
    size_t len;
    enum tf_status want;
};

static const struct quote_case quote_cases[] = {
    { "a TTL that was never probed", true, TF_TCP_SEQ + 1, 28, TF_NOT_OURS },
    { "another path ID", true, TF_TCP_SEQ, 28, TF_NOT_OURS },
    { "no probe in the capture, arithmetic", false, TF_TCP_WINDOW, 28, TF_OK },
    { "no probe in the capture, and the whole header is none", false, TF_TCP_WINDOW, 52,
      TF_NOT_OURS },
    { "no probe in the capture, another Identification", false, TF_TCP_SEQ + 1, 28, TF_NOT_OURS },
};

static void test_doubtful_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quote_cases); i++) {
        const struct quote_case *c = &quote_cases[i];
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(ipv4, 3, 5, 0);
        struct packet quoted = expired(&probe);
        struct tf_observation obs;

        if (c->probed)
            give_probe(&exchange, &probe);
        quoted.bytes[20 + c->offset] ^= 0x10;
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, c->len);
        check(give(&exchange, &reply, &obs) == c->want, "%s", c->name);
        exchange_end(&exchange);
    }
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
            .run_id = RUN,
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
        cmocka_unit_test(test_answers),         cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_two_runs),        cmocka_unit_test(test_own_reset),
        cmocka_unit_test(test_strangers),       cmocka_unit_test(test_payload_is_a_strangers),
        cmocka_unit_test(test_doubtful_quotes), cmocka_unit_test(test_bases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
