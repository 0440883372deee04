/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transport headers: UDP with lying lengths, TCP with whole, cut and broken options, ICMP. */
#include "support.h"

#include <string.h>

#include "traceflow/datagram.h"
#include "traceflow/wire.h"

/* A transport header as the payload of a good IP header of this protocol. */
struct row {
    const char *name;
    uint8_t protocol;
    struct bytes in;
    enum tf_status want;
    size_t needs; /* bytes under which a truncation is TF_SHORT */
};

static struct packet around(const struct row *row)
{
    const bool ipv6 = row->protocol == TF_IP_PROTO_ICMPV6;
    const struct ip_fields fields = { .src = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                      .dst = addr(ipv6 ? "2001:db8::9" : "198.51.100.9"),
                                      .protocol = row->protocol,
                                      .ttl = 5 };
    struct packet payload = { .len = 0 };

    append(&payload, row->in.at, row->in.len);
    return build_ip(&fields, &payload);
}

static enum tf_status decode(struct tf_datagram *datagram, const struct row *row,
                             size_t payload_len)
{
    const struct packet packet = around(row);
    const size_t len = ip_header_len(&packet) + payload_len;

    return tf_datagram_decode(datagram, guarded(packet.bytes, len), len);
}

#define PORTS 0x82, 0xc9, 0x82, 0xc8

struct udp_case {
    struct row row;
    uint16_t length;
    size_t payload_len;
};

static const struct udp_case udp_cases[] = {
    { { "UDP, 4 bytes", 17, BYTES(PORTS, 0, 12, 0xca, 0xfe, 1, 2, 3, 4), TF_OK, 8 }, 12, 4 },
    { { "UDP, empty", 17, BYTES(PORTS, 0, 8, 0xca, 0xfe), TF_OK, 8 }, 8, 0 },
    { { "UDP, length short of the packet", 17, BYTES(PORTS, 0, 10, 0xca, 0xfe, 1, 2, 3, 4), TF_OK,
        8 },
      10,
      2 },
    { { "UDP, length beyond the packet", 17, BYTES(PORTS, 1, 0, 0xca, 0xfe, 1, 2, 3, 4), TF_OK, 8 },
      256,
      4 },
    { { "UDP, length 65535", 17, BYTES(PORTS, 0xff, 0xff, 0xca, 0xfe, 1), TF_OK, 8 }, 65535, 1 },
    { { "UDP, length 7", 17, BYTES(PORTS, 0, 7, 0xca, 0xfe, 1, 2, 3, 4), TF_BAD, 8 }, 0, 0 },
    { { "UDP, length 0", 17, BYTES(PORTS, 0, 0, 0xca, 0xfe, 1, 2, 3, 4), TF_BAD, 8 }, 0, 0 },
};

static void test_udp(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(udp_cases); i++) {
        const struct udp_case *c = &udp_cases[i];
        const char *name = c->row.name;
        struct tf_datagram datagram;

        check(decode(&datagram, &c->row, c->row.in.len) == c->row.want, "%s: status", name);
        if (c->row.want != TF_OK)
            continue;
        check(datagram.transport == TF_TRANSPORT_UDP, "%s: transport", name);
        check(datagram.udp.src_port == 33481 && datagram.udp.dst_port == 33480, "%s: ports", name);
        check(datagram.udp.length == c->length, "%s: length %u", name, datagram.udp.length);
        check(datagram.udp.checksum == 0xcafe, "%s: checksum", name);
        check(datagram.udp.payload_len == c->payload_len, "%s: payload of %zu", name,
              datagram.udp.payload_len);
    }
}

#define SEQ_ACK 3, 7, 0xca, 0xfe, 0, 0, 0, 9
/* SYN, window 1024, checksum beef, urgent 0 */
#define REST      0x02, 4, 0, 0xbe, 0xef, 0, 0
#define TIMESTAMP 8, 10, 0x1b, 0xad, 0xca, 0xfe, 0, 0, 0, 5

struct tcp_case {
    struct row row;
    bool whole;
    bool has_timestamp;
};

static const struct tcp_case tcp_cases[] = {
    { { "TCP, ports and sequence number alone, as RFC 792 quotes", 6,
        BYTES(PORTS, 3, 7, 0xca, 0xfe), TF_OK, 8 },
      false,
      false },
    { { "TCP without options", 6, BYTES(PORTS, SEQ_ACK, 0x50, REST), TF_OK, 8 }, true, false },
    { { "TCP, timestamp", 6, BYTES(PORTS, SEQ_ACK, 0x80, REST, TIMESTAMP, 0, 0), TF_OK, 8 },
      true,
      true },
    { { "TCP, timestamp behind MSS and no-operations", 6,
        BYTES(PORTS, SEQ_ACK, 0x90, REST, 2, 4, 5, 0xb4, 1, 1, TIMESTAMP), TF_OK, 8 },
      true,
      true },
    { { "TCP, timestamp behind the end of options", 6,
        BYTES(PORTS, SEQ_ACK, 0x80, REST, 0, 1, TIMESTAMP), TF_OK, 8 },
      true,
      false },
    { { "TCP, an option of length 0 would loop for ever", 6,
        BYTES(PORTS, SEQ_ACK, 0x80, REST, 3, 0, TIMESTAMP), TF_OK, 8 },
      true,
      false },
    { { "TCP, an option of length 1", 6, BYTES(PORTS, SEQ_ACK, 0x80, REST, 3, 1, TIMESTAMP), TF_OK,
        8 },
      true,
      false },
    { { "TCP, an option beyond the header", 6, BYTES(PORTS, SEQ_ACK, 0x60, REST, 3, 200, 0, 0),
        TF_OK, 8 },
      true,
      false },
    { { "TCP, an option's kind is the last byte", 6, BYTES(PORTS, SEQ_ACK, 0x60, REST, 1, 1, 1, 8),
        TF_OK, 8 },
      true,
      false },
    { { "TCP, a timestamp of another length", 6,
        BYTES(PORTS, SEQ_ACK, 0x70, REST, 8, 6, 1, 2, 3, 4, 0, 0), TF_OK, 8 },
      true,
      false },
    { { "TCP, options cut off, timestamp included", 6,
        BYTES(PORTS, SEQ_ACK, 0x80, REST, 8, 10, 0x1b), TF_OK, 8 },
      false,
      false },
    { { "TCP, timestamp bytes in the data are none", 6,
        BYTES(PORTS, SEQ_ACK, 0x50, REST, TIMESTAMP), TF_OK, 8 },
      true,
      false },
    { { "TCP, 8 bytes and zeros up to where RFC 4884 has its extensions", 6,
        BYTES(PORTS, 3, 7, 0xca, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), TF_OK, 8 },
      false,
      false },
    { { "TCP, header length 0, but an acknowledgement number", 6,
        BYTES(PORTS, 3, 7, 0xca, 0xfe, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), TF_BAD, 8 },
      false,
      false },
    { { "TCP, header length 16", 6, BYTES(PORTS, SEQ_ACK, 0x40, REST), TF_BAD, 8 }, false, false },
};

static void check_tcp(const struct tcp_case *c, const struct tf_tcp *tcp)
{
    const char *name = c->row.name;

    check(tcp->src_port == 33481 && tcp->dst_port == 33480, "%s: ports", name);
    check(tcp->seq == 0x0307cafe, "%s: sequence number", name);
    check(tcp->whole == c->whole, "%s: whole", name);
    if (c->row.in.len >= TF_TCP_MIN_LEN && c->row.in.at[TF_TCP_DATA_OFFSET] != 0)
        check(tcp->ack == 9 && tcp->flags == 2 && tcp->checksum == 0xbeef, "%s: fixed fields",
              name);
    check(tcp->has_timestamp == c->has_timestamp, "%s: timestamp", name);
    if (c->has_timestamp)
        check(tcp->tsval == 0x1badcafe && tcp->tsecr == 5, "%s: TSval, TSecr", name);
}

static void test_tcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tcp_cases); i++) {
        const struct tcp_case *c = &tcp_cases[i];
        struct tf_datagram datagram;

        check(decode(&datagram, &c->row, c->row.in.len) == c->row.want, "%s: status", c->row.name);
        if (c->row.want != TF_OK)
            continue;
        check(datagram.transport == TF_TRANSPORT_TCP, "%s: transport", c->row.name);
        check_tcp(c, &datagram.tcp);
    }
}

struct other_case {
    struct row row;
    enum tf_transport transport;
};

static const struct other_case other_cases[] = {
    { { "ICMP echo", 1, BYTES(8, 0, 0xca, 0xfe, 0x82, 0xc9, 3, 7, 1, 2), TF_OK, 8 },
      TF_TRANSPORT_ICMP },
    { { "ICMPv6 echo", 58, BYTES(128, 0, 0xca, 0xfe, 0x82, 0xc9, 3, 7, 1, 2), TF_OK, 8 },
      TF_TRANSPORT_ICMP },
    { { "GRE", 47, BYTES(0, 0, 8, 0), TF_OK, 0 }, TF_TRANSPORT_OTHER },
};

static void test_icmp_and_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(other_cases); i++) {
        const struct other_case *c = &other_cases[i];
        struct tf_datagram datagram;

        check(decode(&datagram, &c->row, c->row.in.len) == TF_OK, "%s: status", c->row.name);
        check(datagram.transport == c->transport, "%s: transport", c->row.name);
        if (c->transport != TF_TRANSPORT_ICMP)
            continue;
        const struct tf_icmp *icmp = &datagram.icmp;
        check(icmp->type == c->row.in.at[0] && icmp->code == 0, "%s: type and code", c->row.name);
        check(icmp->checksum == 0xcafe, "%s: checksum", c->row.name);
        check(icmp->ident == 0x82c9 && icmp->sequence == 0x0307, "%s: echo fields", c->row.name);
        check(icmp->body == icmp->header + 8 && icmp->body_len == 2, "%s: body", c->row.name);
    }
}

/* ICMP in IPv6, ICMPv6 in IPv4 and a later fragment carry nothing that could be read. */
static void test_not_a_transport(void **state)
{
    const struct row icmpv4 = { "ICMP", 1, { (const uint8_t[8]){ 8 }, 8 }, TF_OK, 8 };
    const struct row icmpv6 = { "ICMPv6", 58, { (const uint8_t[8]){ 128 }, 8 }, TF_OK, 8 };
    struct packet in_v4 = around(&icmpv4);
    struct packet in_v6 = around(&icmpv6);
    struct tf_datagram datagram;

    (void)state;
    in_v4.bytes[TF_IPV4_PROTOCOL] = TF_IP_PROTO_ICMPV6;
    assert_int_equal(tf_datagram_decode(&datagram, in_v4.bytes, in_v4.len), TF_OK);
    check(datagram.transport == TF_TRANSPORT_OTHER, "ICMPv6 in IPv4");
    in_v6.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_ICMP;
    assert_int_equal(tf_datagram_decode(&datagram, in_v6.bytes, in_v6.len), TF_OK);
    check(datagram.transport == TF_TRANSPORT_OTHER, "ICMP in IPv6");

    struct packet fragment = around(&udp_cases[0].row);
    fragment.bytes[TF_IPV4_FLAGS_FRAGMENT + 1] = 1;
    assert_int_equal(tf_datagram_decode(&datagram, fragment.bytes, fragment.len), TF_OK);
    check(datagram.transport == TF_TRANSPORT_OTHER, "a later fragment");
    fragment.bytes[TF_IPV4_FLAGS_FRAGMENT] = 0x20;
    fragment.bytes[TF_IPV4_FLAGS_FRAGMENT + 1] = 0;
    assert_int_equal(tf_datagram_decode(&datagram, fragment.bytes, fragment.len), TF_OK);
    check(datagram.transport == TF_TRANSPORT_UDP, "a first fragment");
}

static void check_truncations(const struct row *row)
{
    for (size_t n = 0; n < row->in.len; n++) {
        struct tf_datagram datagram;
        const enum tf_status status = decode(&datagram, row, n);

        if (n < row->needs)
            check(status == TF_SHORT, "%s: cut to %zu bytes", row->name, n);
        else
            check(status == TF_OK || row->want == TF_BAD, "%s: cut to %zu bytes", row->name, n);
        if (status == TF_OK && datagram.transport == TF_TRANSPORT_UDP)
            check(datagram.udp.payload_len <= n - 8, "%s: cut to %zu: payload", row->name, n);
        if (status == TF_OK && datagram.transport == TF_TRANSPORT_TCP && n < TF_TCP_MIN_LEN)
            check(!datagram.tcp.whole, "%s: cut to %zu: whole", row->name, n);
    }
}

static void test_truncations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(udp_cases); i++)
        check_truncations(&udp_cases[i].row);
    for (size_t i = 0; i < COUNT(tcp_cases); i++)
        check_truncations(&tcp_cases[i].row);
    for (size_t i = 0; i < COUNT(other_cases); i++)
        check_truncations(&other_cases[i].row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_icmp_and_others),
        cmocka_unit_test(test_not_a_transport),
        cmocka_unit_test(test_truncations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
