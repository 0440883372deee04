/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors: their headers, what is wrong in their quotes, and when there is none. */
#include "router.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* Scapy's Time Exceeded about them, from 203.0.113.5 (Identification 0xbeef, TOS 0xc0) and
 * 2001:db8::5, TTL 250, with 8 bytes of UDP: headers, then the quote begins. */
static const uint8_t error4[] = {
    0x45, 0xc0, 0x00, 0x38, 0xbe, 0xef, 0x00, 0x00, 0xfa, 0x01, 0x03, 0x0e, 0xcb, 0x00,
    0x71, 0x05, 0xc0, 0x00, 0x02, 0x01, 0x0b, 0x00, 0xa6, 0x2f, 0x00, 0x00, 0x00, 0x00,
};
static const uint8_t error6[] = {
    0x60, 0x00, 0x00, 0x00, 0x00, 0x38, 0x3a, 0xfa, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x00, 0xf4, 0xe9, 0x00, 0x00, 0x00, 0x00,
};

static void test_bytes(void **state)
{
    const struct quoting shortest = { .len = QUOTE_8 };
    const struct icmp_error about4 = error_of(4, TF_ICMP_TIME_EXCEEDED, &shortest);
    const struct icmp_error about6 = error_of(6, TF_ICMPV6_TIME_EXCEEDED, &shortest);
    const struct packet probe4 = expiring_probe(4);
    const struct packet probe6 = expiring_probe(6);
    const struct built built4 = build_error(&about4, probe4.bytes, probe4.len);
    const struct built built6 = build_error(&about6, probe6.bytes, probe6.len);

    (void)state;
    assert_int_equal(built4.len, 56);
    assert_memory_equal(built4.bytes, error4, sizeof error4);
    assert_memory_equal(built4.bytes + 28, probe4.bytes, 28);
    assert_int_equal(built6.len, 96);
    assert_memory_equal(built6.bytes, error6, sizeof error6);
    assert_memory_equal(built6.bytes + 48, probe6.bytes, 48);
}

struct header_case {
    const char *name;
    uint8_t version;
    uint8_t type;
    uint8_t code;
    uint32_t mtu;
    uint8_t want[4]; /* bytes 4 to 7 of the ICMP header */
};

static const struct header_case header_cases[] = {
    { "Fragmentation Needed", 4, 3, 4, 1400, { 0, 0, 0x05, 0x78 } },
    { "Port Unreachable", 4, 3, 3, 0, { 0, 0, 0, 0 } },
    { "Packet Too Big", 6, 2, 0, 70000, { 0, 1, 0x11, 0x70 } },
    { "Next Header unknown", 6, 4, 1, 0, { 0, 0, 0, 6 } },
    { "Hop Limit exceeded", 6, 3, 0, 0, { 0, 0, 0, 0 } },
};

static void test_headers(void **state)
{
    const struct quoting shortest = { .len = QUOTE_8 };

    (void)state;
    for (size_t i = 0; i < COUNT(header_cases); i++) {
        const struct header_case *c = &header_cases[i];
        struct icmp_error error = error_of(c->version, c->type, &shortest);
        const struct packet probe = expiring_probe(c->version);

        error.code = c->code;
        error.mtu = c->mtu;
        const struct built built = build_error(&error, probe.bytes, probe.len);
        const uint8_t *icmp = built.bytes + (c->version == 6 ? 40 : 20);
        check(icmp[0] == c->type && icmp[1] == c->code, "%s: type and code", c->name);
        check(memcmp(icmp + 4, c->want, 4) == 0, "%s: rest of the header", c->name);
        check(is_sealed(built.bytes, built.len), "%s: checksums", c->name);
    }
}

/* A chain of extension headers before the UDP of a probe. */
static struct packet with_headers(const uint8_t *headers, size_t len)
{
    const struct packet probe = expiring_probe(6);
    struct packet ip = { .len = 0 };

    append(&ip, probe.bytes, 40);
    append(&ip, headers, len);
    append(&ip, probe.bytes + 40, probe.len - 40);
    tf_put_u16(ip.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(ip.len - 40));
    return ip;
}

/*
 * Hop-by-hop options of 16 bytes, an authentication header of 12 + 12, an atomic fragment header:
 * UDP's number is the Next Header of the last.
 */
static void test_pointer_after_extension_headers(void **state)
{
    static const uint8_t headers[16 + 24 + 8] = { [0] = 51,
                                                  [1] = 1,
                                                  [16] = 44,
                                                  [17] = 4,
                                                  [40] = 17,
                                                  /* reserved, not a length: */[41] = 9 };
    const struct quoting shortest = { .len = QUOTE_8 };
    struct icmp_error error = error_of(6, TF_ICMPV6_PARAM_PROBLEM, &shortest);
    struct packet ip = with_headers(headers, sizeof headers);

    (void)state;
    ip.bytes[TF_IPV6_NEXT_HEADER] = 0;
    error.code = 1;
    const struct built built = build_error(&error, ip.bytes, ip.len);
    assert_int_equal(tf_get_u32(built.bytes + 40 + 4), 40 + 40);
    assert_int_equal(built.len, 48 + 40 + sizeof headers + 8);
}

struct byte_change {
    uint16_t at; /* 0: none */
    uint8_t to;
};

struct fault_case {
    const char *name;
    uint8_t version;
    unsigned faults;
    struct byte_change changes[4]; /* of the quote: bytes that differ from the packet's */
};

static const struct fault_case fault_cases[] = {
    { "none", 4, 0, { { 0 } } },
    { "Identification 0", 4, FAULT_ID_ZERO, { { 4, 0 }, { 5, 0 } } },
    { "Identification swapped", 4, FAULT_ID_SWAP, { { 4, 7 }, { 5, 3 } } },
    { "Identification plus one", 4, FAULT_ID_PLUS_ONE, { { 5, 8 } } },
    { "TTL 0", 4, FAULT_TTL_ZERO, { { 8, 0 } } },
    { "source port", 4, FAULT_SRC_PORT, { { 20, 0x86 }, { 21, 0xb3 } } },
    { "destination port", 4, FAULT_DST_PORT, { { 22, 0x86 }, { 23, 0xb0 } } },
    { "source", 4, FAULT_SRC, { { 15, 0x81 } } },
    { "destination", 4, FAULT_DST, { { 19, 0x89 } } },
    { "header checksum 0", 4, FAULT_CHECKSUM_ZERO, { { 10, 0 }, { 11, 0 } } },
    { "length swapped", 4, FAULT_LENGTH_SWAP, { { 2, 0x2c }, { 3, 0 } } },
    { "two at once", 4, FAULT_ID_PLUS_ONE | FAULT_TTL_ZERO, { { 5, 8 }, { 8, 0 } } },
    { "IPv6: no Identification, no checksum",
      6,
      FAULT_ID_ZERO | FAULT_ID_SWAP | FAULT_ID_PLUS_ONE | FAULT_CHECKSUM_ZERO,
      { { 0 } } },
    { "IPv6: hop limit 0", 6, FAULT_TTL_ZERO, { { 7, 0 } } },
    { "IPv6: ports",
      6,
      FAULT_SRC_PORT | FAULT_DST_PORT,
      { { 40, 0x86 }, { 41, 0xb3 }, { 42, 0x86 }, { 43, 0xb0 } } },
    { "IPv6: addresses", 6, FAULT_SRC | FAULT_DST, { { 23, 0x81 }, { 39, 0x89 } } },
    { "IPv6: length swapped", 6, FAULT_LENGTH_SWAP, { { 4, 0x18 }, { 5, 0 } } },
};

/* What is not listed stays, checksums included; and the error's own checksums are right. */
static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fault_cases); i++) {
        const struct fault_case *c = &fault_cases[i];
        const struct quoting quoting = { .len = QUOTE_ALL, .faults = c->faults };
        const struct icmp_error error = error_of(c->version, time_exceeded_type(c->version),
                                                 &quoting);
        const struct packet probe = expiring_probe(c->version);
        const struct built built = build_error(&error, probe.bytes, probe.len);
        struct packet want = probe;

        for (size_t n = 0; n < COUNT(c->changes) && c->changes[n].at != 0; n++)
            want.bytes[c->changes[n].at] = c->changes[n].to;
        check(built.len == probe.len + (c->version == 6 ? 48 : 28), "%s: length", c->name);
        check(memcmp(built.bytes + built.len - want.len, want.bytes, want.len) == 0, "%s: quote",
              c->name);
        check(is_sealed(built.bytes, built.len), "%s: checksums", c->name);
    }
}

/* Where extension headers leave no room for ports, nothing behind the quote is touched. */
static void test_faults_stay_in_the_quote(void **state)
{
    static const uint8_t options[1240] = { 17, 1240 / 8 - 1 };
    const struct quoting quoting = { .len = QUOTE_8, .faults = FAULT_SRC_PORT | FAULT_DST_PORT };
    const struct icmp_error error = error_of(6, TF_ICMPV6_TIME_EXCEEDED, &quoting);
    struct packet ip = with_headers(options, sizeof options);

    (void)state;
    ip.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_DSTOPTS;
    const struct built built = build_error(&error, ip.bytes, ip.len);
    assert_int_equal(built.len, 1280);
    for (size_t i = built.len; i < built.len + 64; i++)
        assert_int_equal(built.bytes[i], 0xa5);
}

/* ICMP echo has no ports: its checksum stands where a destination port would. */
static void test_faults_leave_icmp_alone(void **state)
{
    const struct quoting quoting = { .len = QUOTE_ALL, .faults = FAULT_SRC_PORT | FAULT_DST_PORT };
    const struct icmp_error error = error_of(4, TF_ICMP_TIME_EXCEEDED, &quoting);
    struct packet echo = expiring_probe(4);

    (void)state;
    echo.bytes[TF_IPV4_PROTOCOL] = TF_IP_PROTO_ICMP;
    echo.bytes[20] = TF_ICMP_ECHO;
    const struct built built = build_error(&error, echo.bytes, echo.len);
    assert_int_equal(built.len, 28 + echo.len);
    assert_memory_equal(built.bytes + 28, echo.bytes, echo.len);
}

struct refusal_case {
    const char *name;
    const char *src;
    const char *dst;
    uint8_t protocol;
    uint8_t first; /* byte of what follows the IP header: an ICMP type */
    uint16_t fragment;
    bool sent;
};

static const struct refusal_case refusal_cases[] = {
    { "UDP", "192.0.2.1", "198.51.100.9", 17, 0, 0, true },
    { "an unknown protocol", "192.0.2.1", "198.51.100.9", 253, 3, 0, true },
    { "an echo request", "192.0.2.1", "198.51.100.9", 1, 8, 0, true },
    { "an echo reply", "192.0.2.1", "198.51.100.9", 1, 0, 0, true },
    { "Destination Unreachable", "192.0.2.1", "198.51.100.9", 1, 3, 0, false },
    { "Source Quench", "192.0.2.1", "198.51.100.9", 1, 4, 0, false },
    { "Redirect", "192.0.2.1", "198.51.100.9", 1, 5, 0, false },
    { "Time Exceeded", "192.0.2.1", "198.51.100.9", 1, 11, 0, false },
    { "Parameter Problem", "192.0.2.1", "198.51.100.9", 1, 12, 0, false },
    { "a first fragment", "192.0.2.1", "198.51.100.9", 17, 0, 0x2000, true },
    { "a later fragment", "192.0.2.1", "198.51.100.9", 17, 0, 0x2001, false },
    { "the last fragment", "192.0.2.1", "198.51.100.9", 17, 0, 0x0001, false },
    { "from nobody", "0.0.0.0", "198.51.100.9", 17, 0, 0, false },
    { "from loopback", "127.0.0.1", "198.51.100.9", 17, 0, 0, false },
    { "from a group", "224.0.0.1", "198.51.100.9", 17, 0, 0, false },
    { "from class E", "240.0.0.1", "198.51.100.9", 17, 0, 0, false },
    { "to all", "192.0.2.1", "255.255.255.255", 17, 0, 0, false },
    { "to a group", "192.0.2.1", "239.1.2.3", 17, 0, 0, false },
    { "IPv6 UDP", "2001:db8::1", "2001:db8::9", 17, 3, 0, true },
    { "an ICMPv6 echo request", "2001:db8::1", "2001:db8::9", 58, 128, 0, true },
    { "an ICMPv6 error", "2001:db8::1", "2001:db8::9", 58, 3, 0, false },
    { "an ICMPv6 error of a type unknown", "2001:db8::1", "2001:db8::9", 58, 127, 0, false },
    { "an ICMPv6 Redirect", "2001:db8::1", "2001:db8::9", 58, 137, 0, false },
    { "ICMPv6 in IPv4 is another protocol", "192.0.2.1", "198.51.100.9", 58, 3, 0, true },
    { "from ::", "::", "2001:db8::9", 17, 0, 0, false },
    { "from ::1", "::1", "2001:db8::9", 17, 0, 0, false },
    { "from ::2", "::2", "2001:db8::9", 17, 0, 0, true },
    { "to an IPv6 group", "2001:db8::1", "ff02::1", 17, 0, 0, false },
};

static void test_refusals(void **state)
{
    const struct quoting shortest = { .len = QUOTE_8 };

    (void)state;
    for (size_t i = 0; i < COUNT(refusal_cases); i++) {
        const struct refusal_case *c = &refusal_cases[i];
        const struct ip_fields fields = {
            .src = addr(c->src), .dst = addr(c->dst), .protocol = c->protocol, .ttl = 1
        };
        const struct packet payload = { .bytes = { c->first }, .len = 16 };
        struct packet ip = build_ip(&fields, &payload);
        const struct icmp_error error = error_of(fields.src.version,
                                                 time_exceeded_type(fields.src.version), &shortest);

        if (fields.src.version == 4)
            tf_put_u16(ip.bytes + TF_IPV4_FLAGS_FRAGMENT, c->fragment);
        check((build_error(&error, ip.bytes, ip.len).len > 0) == c->sent, "%s", c->name);
    }
}

static void test_later_fragment_of_ipv6(void **state)
{
    static const uint8_t fragment[8] = { 17, 0, 0, 8 };
    const struct quoting shortest = { .len = QUOTE_8 };
    const struct icmp_error error = error_of(6, TF_ICMPV6_TIME_EXCEEDED, &shortest);
    struct packet ip = with_headers(fragment, sizeof fragment);

    (void)state;
    ip.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_FRAGMENT;
    assert_int_equal(build_error(&error, ip.bytes, ip.len).len, 48 + 56);
    ip.bytes[40 + 3] = 1; /* the first of several */
    assert_int_equal(build_error(&error, ip.bytes, ip.len).len, 48 + 56);

    /* of ICMPv6: what stands there is no type, and the first one's is not known */
    ip.bytes[40] = TF_IP_PROTO_ICMPV6;
    ip.bytes[48] = TF_ICMPV6_DEST_UNREACH;
    assert_int_equal(build_error(&error, ip.bytes, ip.len).len, 0);
    ip.bytes[40 + 3] = 8;
    assert_int_equal(build_error(&error, ip.bytes, ip.len).len, 48 + 56);
}

/* Where the ports would be is payload, which stays. */
static void test_later_fragment_has_no_ports_to_spoil(void **state)
{
    static const uint8_t fragment[8] = { 17, 0, 0, 8 };
    const struct quoting quoting = { .len = QUOTE_8, .faults = FAULT_SRC_PORT | FAULT_DST_PORT };
    const struct icmp_error error = error_of(6, TF_ICMPV6_TIME_EXCEEDED, &quoting);
    struct packet ip = with_headers(fragment, sizeof fragment);

    (void)state;
    ip.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_FRAGMENT;
    const struct built built = build_error(&error, ip.bytes, ip.len);
    assert_int_equal(built.len, 48 + 56);
    assert_memory_equal(built.bytes + 48, ip.bytes, 56);
}

/* An ICMP header that is not there is no error's. */
static void test_icmp_without_header(void **state)
{
    const struct quoting shortest = { .len = QUOTE_8 };
    const struct icmp_error error = error_of(4, TF_ICMP_TIME_EXCEEDED, &shortest);
    struct packet ip = expiring_probe(4);

    (void)state;
    ip.bytes[TF_IPV4_PROTOCOL] = TF_IP_PROTO_ICMP;
    assert_int_equal(build_error(&error, ip.bytes, 20).len, 28 + 20);
}

/* A packet cut short of what it claims is quoted as far as it goes; without a whole IP header there
 * is none. */
static void test_truncations(void **state)
{
    const struct quoting all = { .len = QUOTE_ALL, .faults = ~0U };

    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        const struct packet probe = expiring_probe(version);
        const struct icmp_error error = error_of(version, time_exceeded_type(version), &all);
        for (size_t n = 0; n <= probe.len; n++) {
            const size_t header_len = ip_header_len(&probe);
            const size_t want = n < header_len ? 0 : header_len + 8 + n;
            check(build_error(&error, probe.bytes, n).len == want, "IPv%u cut to %zu", version, n);
        }
    }
}

/* Whatever the bytes are, an error is sealed and within its limit. */
static void test_damaged_packets(void **state)
{
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < 40000; round++) {
        const uint8_t version = round % 2 == 0 ? 4 : 6;
        struct packet ip = expiring_datagram(version, 48 + next_random(&seed) % 1452);
        const struct quoting quoting = { .len = (enum quote_len)(next_random(&seed) % 4),
                                         .faults = next_random(&seed),
                                         .mpls = { .depth = next_random(&seed) % 2 } };
        const struct icmp_error error = error_of(version, time_exceeded_type(version), &quoting);

        for (uint32_t n = next_random(&seed) % 6; n > 0; n--)
            ip.bytes[1 + next_random(&seed) % 63] = (uint8_t)next_random(&seed);
        const struct built built = build_error(&error, ip.bytes, ip.len);
        check(built.len <= (version == 6 ? 1280 : 1500), "round %d: %zu bytes", round, built.len);
        check(built.len == 0 || is_sealed(built.bytes, built.len), "round %d: checksums", round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_pointer_after_extension_headers),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_faults_stay_in_the_quote),
        cmocka_unit_test(test_faults_leave_icmp_alone),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_later_fragment_of_ipv6),
        cmocka_unit_test(test_later_fragment_has_no_ports_to_spoil),
        cmocka_unit_test(test_icmp_without_header),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_damaged_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
