/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strangers' and forgers' packets: none makes an observation, and no reply makes a probe. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

static struct packet udp_packet(const char *src, uint16_t src_port, const char *dst,
                                uint16_t dst_port, const char *payload)
{
    const struct packet udp = build_udp(
        src_port, dst_port, 0x4242, (struct bytes){ (const uint8_t *)payload, strlen(payload) });
    const struct ip_fields fields = {
        .src = addr(src), .dst = addr(dst), .protocol = TF_IP_PROTO_UDP, .ttl = 30, .ident = 0x0305
    };

    return build_ip(&fields, &udp);
}

static struct packet dns(void)
{
    return udp_packet("192.0.2.1", 40000, "198.51.100.9", 53, "a question, more or less");
}

static struct packet classic_traceroute(void)
{
    return udp_packet("192.0.2.1", 33483, "198.51.100.9", 33435, "@ABCDEFGHIJKLMNO");
}

static struct packet towards_our_flow(void)
{
    return udp_packet("192.0.2.1", 33483, "198.51.100.9", 33480, "not our payload!");
}

static struct packet answer_of_another_host(void)
{
    return udp_packet("198.51.100.10", 33480, "192.0.2.1", 33483, "hello");
}

static struct packet answer_to_another_port(void)
{
    return udp_packet("198.51.100.9", 33480, "192.0.2.1", 33490, "hello");
}

static struct packet quote_of_dns(void)
{
    const struct packet quoted = dns();

    return time_exceeded(&quoted, 28);
}

static struct packet quote_of_classic_traceroute(void)
{
    const struct packet quoted = classic_traceroute();

    return time_exceeded(&quoted, quoted.len);
}

static struct packet quote_of_our_flow_without_key(void)
{
    const struct packet quoted = towards_our_flow();

    return time_exceeded(&quoted, 28);
}

static struct packet quote_of_tcp(void)
{
    struct packet quoted = probe_of(3, 5, 0);

    quoted.bytes[TF_IPV4_PROTOCOL] = TF_IP_PROTO_TCP;
    return time_exceeded(&quoted, 28);
}

static struct packet echo_request(void)
{
    const struct packet quoted = probe_of(3, 5, 0);
    struct packet ip = time_exceeded(&quoted, 44);

    ip.bytes[20] = TF_ICMP_ECHO;
    return ip;
}

static struct packet probe_with_wrong_key(void)
{
    struct packet ip = probe_of(4, 5, 0);

    ip.bytes[20 + TF_UDP_CHECKSUM] ^= 0x10;
    return ip;
}

static struct packet probe_id_of_another_path(void)
{
    struct packet ip = probe_of(4, 5, 0);

    tf_put_u16(ip.bytes + 28 + TF_TAG_PROBE_ID, 0x0505);
    return ip;
}

struct stranger {
    const char *name;
    struct packet (*build)(void);
};

static const struct stranger strangers[] = {
    { "a DNS question", dns },
    { "a quote of it", quote_of_dns },
    { "another traceroute's probe", classic_traceroute },
    { "a quote of it", quote_of_classic_traceroute },
    { "our ports, another payload", towards_our_flow },
    { "a quote of our flow without its key", quote_of_our_flow_without_key },
    { "an answer of another host", answer_of_another_host },
    { "an answer to another port", answer_to_another_port },
    { "a quote of TCP", quote_of_tcp },
    { "an echo request with a probe in it", echo_request },
    { "a tag under another key", probe_with_wrong_key },
    { "a tag whose probe ID is another path's", probe_id_of_another_path },
};

static void test_strangers(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);

    (void)state;
    give_probe(&exchange, &probe);
    for (size_t i = 0; i < COUNT(strangers); i++) {
        const struct packet ip = strangers[i].build();
        struct tf_observation obs;

        check(give(&exchange, &ip, &obs) == TF_NOT_OURS, "%s", strangers[i].name);
        check(obs.kind == 0, "%s: nothing is written", strangers[i].name);
    }
    exchange_end(&exchange);
}

/* Who knows addresses, ports and Identification has still to guess the key. */
static void test_forger_must_guess_the_key(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    struct packet forged = time_exceeded(&probe, 28);
    unsigned accepted = 0;

    (void)state;
    give_probe(&exchange, &probe);
    for (unsigned key = 0; key <= UINT16_MAX; key++) {
        struct tf_observation obs;

        tf_put_u16(forged.bytes + 28 + 20 + TF_UDP_CHECKSUM, (uint16_t)key);
        accepted += give(&exchange, &forged, &obs) == TF_OK;
    }
    assert_int_equal(accepted, 1);
    exchange_end(&exchange);
}

/*
 * The same from behind a translator of his own: one key of 65,535 fits (0 and 0xffff are one
 * number).
 */
static void test_forger_as_translator(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    struct packet forged = time_exceeded(&probe, 28);
    unsigned accepted = 0;

    (void)state;
    give_probe(&exchange, &probe);
    memcpy(forged.bytes + 28 + TF_IPV4_SRC, addr("203.0.113.66").bytes, 4);
    tf_put_u16(forged.bytes + 28 + 20 + TF_UDP_SRC_PORT, 40000);
    seal_ipv4(forged.bytes + 28);
    for (unsigned key = 0; key <= UINT16_MAX; key++) {
        struct tf_observation obs;

        tf_put_u16(forged.bytes + 28 + 20 + TF_UDP_CHECKSUM, (uint16_t)key);
        accepted += give(&exchange, &forged, &obs) == TF_OK;
    }
    assert_in_range(accepted, 1, 2);
    exchange_end(&exchange);
}

/* A reply that names a probe all by itself does not make it: the next reply finds none either. */
static void test_no_reply_makes_a_probe(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    const struct packet reply = time_exceeded(&probe, 44);
    struct tf_observation obs;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(give(&exchange, &reply, &obs), TF_OK);
        check(obs.kind == TF_KIND_HOP_REPLY && !obs.has_probe && !obs.duplicate, "reply %d", i);
    }
    exchange_end(&exchange);
}

/*
 * Every bit of a reply flipped: what is still matched points to the probe, or does not say which
 * TTL's it is.
 */
static void test_damaged_replies(void **state)
{
    struct exchange exchange = exchange_begin();
    const struct packet probe = probe_of(3, 5, 0);
    const struct packet reply = time_exceeded(&probe, 28);

    (void)state;
    give_probe(&exchange, &probe);
    for (size_t bit = 0; bit < reply.len * 8; bit++) {
        struct packet damaged = reply;
        struct tf_observation obs;

        damaged.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (give(&exchange, &damaged, &obs) != TF_OK)
            continue;
        if (obs.evidence ==
            TF_EVIDENCE_ARITHMETIC) /* another source address: a flow of which no probe is known */
            check(!obs.has_probe, "bit %zu of byte %zu: arithmetic", bit % 8, bit / 8);
        else
            check(obs.path_id == 3 && (!obs.has_ttl || obs.ttl == 5), "bit %zu of byte %zu",
                  bit % 8, bit / 8);
    }
    exchange_end(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_forger_must_guess_the_key),
        cmocka_unit_test(test_forger_as_translator),
        cmocka_unit_test(test_no_reply_makes_a_probe),
        cmocka_unit_test(test_damaged_replies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
