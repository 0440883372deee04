/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What simulated hosts answer to echo requests and UDP. */
#include "asked.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

/* From whom it was asked, to who asked, with the host's own TTL and Identification. */
static void check_header(const char *name, const struct packet *request,
                         const struct answered *answered)
{
    struct tf_ip asked;
    struct tf_ip ip;

    check(tf_ip_decode(&asked, request->bytes, request->len) == TF_OK, "%s: asked", name);
    check(tf_ip_decode(&ip, answered->reply, answered->len) == TF_OK, "%s: decodes", name);
    check(tf_addr_equal(&ip.src, &asked.dst) && tf_addr_equal(&ip.dst, &asked.src), "%s: addresses",
          name);
    check(ip.ttl == REPLY_TTL, "%s: TTL", name);
    check(ip.version == 6 || (ip.ident == IDENT && !ip.df), "%s: Identification", name);
    check(ip.protocol == asked.protocol, "%s: protocol", name);
    check(is_sealed(answered->reply, answered->len), "%s: checksums", name);
}

static const struct bytes payloads[] = {
    BYTES(0x01),
    BYTES(1, 2, 3, 4, 5, 6, 7),
    BYTES(0xff, 0xff, 0xff, 0xff),
    { NULL, 0 },
};

static void test_echo(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2)
        for (size_t i = 0; i < COUNT(payloads); i++) {
            struct packet request = echo_of(version, payloads[i]);
            const struct answered answered = ask(request.bytes, request.len);
            struct tf_datagram reply;

            check(answered.answer == HOST_PACKET && answered.len == request.len, "payload %zu", i);
            check_header("echo", &request, &answered);
            check(tf_datagram_decode(&reply, answered.reply, answered.len) == TF_OK, "decodes");
            check(reply.icmp.type == (version == 6 ? 129 : 0), "type");
            check(reply.icmp.ident == 0xabcd && reply.icmp.sequence == 0x0102, "identifier");
            check(reply.icmp.body_len == payloads[i].len, "payload %zu", i);
            if (payloads[i].len > 0)
                assert_memory_equal(reply.icmp.body, payloads[i].at, payloads[i].len);
        }
}

/* RFC 1349 section 5.1 */
static void test_echo_keeps_tos(void **state)
{
    struct packet request = echo_of(4, payloads[0]);
    struct packet request6 = echo_of(6, payloads[0]);

    (void)state;
    request.bytes[TF_IPV4_TOS] = 0xb8;
    seal_ipv4(request.bytes);
    request6.bytes[0] = 0x6b;
    request6.bytes[1] = 0x80;
    assert_int_equal(ask(request.bytes, request.len).reply[TF_IPV4_TOS], 0xb8);
    assert_int_equal(tf_get_u16(ask(request6.bytes, request6.len).reply), 0x6b80);
}

static void test_no_echo(void **state)
{
    const struct traits traits = { .no_echo = true, .reply_ttl = REPLY_TTL };
    const struct packet echo = echo_of(4, payloads[0]);
    const struct packet udp = udp_to(4, 33480, payloads[0]);

    (void)state;
    assert_int_equal(ask_with(&traits, echo.bytes, echo.len).answer, HOST_SILENT);
    assert_int_equal(ask_with(&traits, udp.bytes, udp.len).answer, HOST_PORT_UNREACHABLE);
}

struct udp_case {
    const char *name;
    uint16_t port;
    enum host_answer want;
};

static const struct udp_case udp_cases[] = {
    { "an open port", 7, HOST_PACKET },
    { "below a range", 52, HOST_PORT_UNREACHABLE },
    { "the first of a range", 53, HOST_PACKET },
    { "open and dropped", 54, HOST_SILENT },
    { "the last of a range", 55, HOST_PACKET },
    { "behind a range", 56, HOST_PORT_UNREACHABLE },
    { "dropped for all protocols", 9, HOST_SILENT },
    { "a range of TCP", 80, HOST_PORT_UNREACHABLE },
    { "a probe", 33480, HOST_PORT_UNREACHABLE },
};

static void check_udp(const struct udp_case *c, uint8_t version, struct bytes data)
{
    const struct packet request = udp_to(version, c->port, data);
    const struct answered answered = ask(request.bytes, request.len);
    struct tf_datagram reply;

    check(answered.answer == c->want, "%s: IPv%u, answer", c->name, version);
    if (c->want != HOST_PACKET)
        return;
    check_header(c->name, &request, &answered);
    check(tf_datagram_decode(&reply, answered.reply, answered.len) == TF_OK, "%s: decodes",
          c->name);
    check(reply.udp.src_port == c->port && reply.udp.dst_port == 40000, "%s: ports", c->name);
    check(reply.udp.payload_len == data.len && reply.udp.length == 8 + data.len, "%s: length",
          c->name);
    check(data.len == 0 || memcmp(reply.udp.payload, data.at, data.len) == 0, "%s: payload",
          c->name);
}

static void test_udp(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(udp_cases); i++)
        for (size_t n = 0; n < COUNT(payloads); n++) {
            check_udp(&udp_cases[i], 4, payloads[n]);
            check_udp(&udp_cases[i], 6, payloads[n]);
        }
}

/* RFC 768: a checksum that comes out as zero is sent as all ones. The payload is made for it. */
static void test_udp_checksum_is_never_zero(void **state)
{
    struct packet request = udp_to(4, 7, (struct bytes)BYTES(0, 0));

    (void)state;
    /* what the checksum would be, in the payload, makes it zero: the answer has the same sum */
    memcpy(request.bytes + 28, request.bytes + 20 + TF_UDP_CHECKSUM, 2);
    tf_put_u16(request.bytes + 20 + TF_UDP_CHECKSUM, 0xffff);
    const struct answered answered = ask(request.bytes, request.len);
    assert_int_equal(answered.answer, HOST_PACKET);
    assert_int_equal(tf_get_u16(answered.reply + 20 + TF_UDP_CHECKSUM), 0xffff);
}

/* Destination options of 8 bytes are passed over; the answer has none. */
static void test_extension_header(void **state)
{
    static const uint8_t options[8] = { TF_IP_PROTO_UDP, 0, 1, 4 };
    const struct packet plain = udp_to(6, 7, payloads[1]);
    struct packet request = { .len = 0 };

    (void)state;
    append(&request, plain.bytes, 40);
    append(&request, options, sizeof options);
    append(&request, plain.bytes + 40, plain.len - 40);
    request.bytes[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_DSTOPTS;
    tf_put_u16(request.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(request.len - 40));
    const struct answered answered = ask(request.bytes, request.len);
    assert_int_equal(answered.answer, HOST_PACKET);
    assert_int_equal(answered.len, plain.len);
    assert_true(is_sealed(answered.reply, answered.len));
}

/* Behind the packet may be more: it is neither covered nor answered. */
static void test_trailer(void **state)
{
    struct packet request = echo_of(4, payloads[1]);
    const size_t len = request.len;

    (void)state;
    append(&request, "trailer", 7);
    assert_int_equal(ask(request.bytes, request.len).len, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_echo_keeps_tos),
        cmocka_unit_test(test_no_echo),
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_udp_checksum_is_never_zero),
        cmocka_unit_test(test_extension_header),
        cmocka_unit_test(test_trailer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
