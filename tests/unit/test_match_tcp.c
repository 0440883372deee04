/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP answers: SYN/ACKs, resets and bare acknowledgements; and quotes that prove too little. */
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
    uint8_t ttl; /* 0: not said */
};

enum { SYN = TF_TCP_FLAG_SYN, RST = TF_TCP_FLAG_RST, ACK = TF_TCP_FLAG_ACK, FIN = TF_TCP_FLAG_FIN };

static const struct answer_case answer_cases[] = {
    { "SYN/ACK", SYN | ACK, RUN, 0, true, 5 },
    { "SYN/ACK without time stamp", SYN | ACK, NO_TIMESTAMP, 0, true, 5 },
    { "SYN/ACK of another run", SYN | ACK, RUN + 1, 0, false, 0 },
    { "SYN/ACK, explicit congestion notification", SYN | ACK | 0x40, RUN, 0, true, 5 },
    { "reset", RST | ACK, NO_TIMESTAMP, 0, true, 5 },
    { "reset with a time stamp of its own", RST | ACK, 1, 0, true, 5 },
    { "reset without ACK", RST, NO_TIMESTAMP, 0, true, 5 },
    { "bare ACK, many may be meant", ACK, RUN, 0, true, 0 },
    { "bare ACK of another run", ACK, RUN + 1, 0, false, 0 },
    { "SYN alone", SYN, RUN, 0, false, 0 },
    { "no flag", 0, RUN, 0, false, 0 },
    { "FIN", FIN | ACK, RUN, 0, false, 0 },
    { "SYN/ACK of the sequence number itself", SYN | ACK, RUN, -1, false, 0 },
    { "SYN/ACK of the next", SYN | ACK, RUN, 1, false, 0 },
    { "reset of another TTL, not captured", RST | ACK, NO_TIMESTAMP, 2 << 16, true, 7 },
    { "reset of a TTL that cannot be", RST | ACK, NO_TIMESTAMP, 60 << 16, false, 0 },
    { "SYN/ACK of another TTL, not captured", SYN | ACK, RUN, 2 << 16, true, 7 },
    { "reset of another path's TTL", RST | ACK, NO_TIMESTAMP, 1 << 24, false, 0 },
    { "bare ACK of anything", ACK, RUN, 0x1234567, false, 0 },
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
            check(obs.has_ttl == (c->ttl != 0) && obs.ttl == c->ttl, "%s: TTL", c->name);
            check(obs.has_probe == (c->ttl == 5), "%s: has probe", c->name);
            check(obs.has_attempt == obs.has_ttl, "%s: has attempt", c->name);
            check(!obs.has_ttl || obs.attempt == 1, "%s: attempt", c->name);
            check(!obs.has_probe || obs.probe_frame == 4, "%s: probe", c->name);
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

/* Quotes that the key alone would pass. */
struct quote_case {
    const char *name;
    bool probed;
    size_t offset; /* in the TCP header, of what the quote has changed */
    uint8_t flip;
    size_t len;
    enum tf_status want;
};

static const struct quote_case quote_cases[] = {
    { "another TTL, not captured", true, TF_TCP_SEQ + 1, 0x10, 28, TF_OK },
    { "a TTL that cannot have been sent", true, TF_TCP_SEQ + 1, 0x40, 28, TF_NOT_OURS },
    { "another path ID", true, TF_TCP_SEQ, 0x10, 28, TF_NOT_OURS },
    { "no probe in the capture, arithmetic", false, TF_TCP_WINDOW, 0x10, 28, TF_OK },
    { "no probe in the capture, and the whole header is none", false, TF_TCP_WINDOW, 0x10, 52,
      TF_NOT_OURS },
    { "no probe in the capture, another Identification", false, TF_TCP_SEQ + 1, 0x10, 28,
      TF_NOT_OURS },
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
        quoted.bytes[20 + c->offset] ^= c->flip;
        const struct packet reply = error_quoting(TF_ICMP_TIME_EXCEEDED, 0, &quoted, c->len);
        check(give(&exchange, &reply, &obs) == c->want, "%s", c->name);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),         cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_two_runs),        cmocka_unit_test(test_own_reset),
        cmocka_unit_test(test_doubtful_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
