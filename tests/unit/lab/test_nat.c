/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network address translation: what becomes of packets, of replies, and of the quotes in errors. */
#include "lab_packets.h"

#include <string.h>

#include "nat.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

#define V4 "198.51.100.1"
#define V6 "2001:db8:d::1"

static struct nat source_nat(bool random_ports, bool leave_quotes)
{
    return (struct nat){ .source = { .to4 = addr("203.0.113.7"),
                                     .to6 = addr("2001:db8:f::7"),
                                     .random_ports = random_ports },
                         .leave_quotes = leave_quotes };
}

static struct nat destination_nat(const char *from, const char *to, uint16_t port,
                                  bool leave_quotes)
{
    return (struct nat){ .destination = { addr(from), addr(to), port },
                         .leave_quotes = leave_quotes };
}

/* Translate; the flow must afterwards be that of the packet, whose checksums must be right. */
static bool translate(const struct nat *nat, enum edit_end end, struct packet *packet,
                      struct translation *done)
{
    struct flow flow = lab_flow(packet);
    const bool did = (end == EDIT_SRC ? nat_source : nat_destination)(nat, packet->bytes,
                                                                      packet->len, &flow, done);
    const struct flow now = lab_flow(packet);

    check(tf_addr_equal(&flow.src, &now.src) && tf_addr_equal(&flow.dst, &now.dst), "addresses");
    check(flow.src_port == now.src_port && flow.dst_port == now.dst_port, "ports");
    check(flow.icmp_id == now.icmp_id, "identifier");
    check(lab_wrong_checksum(packet->bytes, packet->len) == NULL, "checksums");
    return did;
}

/* An error about a packet, which quotes len bytes of it, from a router. */
static struct packet error_about(const struct packet *packet, const char *from, size_t len)
{
    const bool ipv6 = packet->bytes[0] >> 4 == 6;
    const struct packet icmp = build_icmp(ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0,
                                          (struct bytes){ packet->bytes, MIN(len, packet->len) });
    const struct ip_fields fields = {
        .src = addr(from),
        .dst = tf_addr_from(ipv6 ? 6 : 4, packet->bytes + (ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC)),
        .protocol = ipv6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP,
        .ttl = 255,
    };
    struct packet error = build_ip(&fields, &icmp);

    lab_seal(&error);
    return error;
}

struct source_case {
    const char *name;
    struct lab_probe probe;
    size_t quoted_len;
};

static const struct source_case source_cases[] = {
    { "UDP", { .dst = V4, .payload = 16 }, 2000 },
    { "UDP, short quote", { .dst = V4, .payload = 16 }, 28 },
    { "TCP", { .dst = V4, .protocol = TF_IP_PROTO_TCP }, 2000 },
    { "TCP, short quote", { .dst = V4, .protocol = TF_IP_PROTO_TCP }, 28 },
    { "echo", { .dst = V4, .protocol = TF_IP_PROTO_ICMP, .payload = 16 }, 2000 },
    { "echo, short quote", { .dst = V4, .protocol = TF_IP_PROTO_ICMP }, 28 },
    { "UDP, IPv6", { .dst = V6, .payload = 16 }, 2000 },
    { "TCP, IPv6", { .dst = V6, .protocol = TF_IP_PROTO_TCP }, 2000 },
    { "echo, IPv6", { .dst = V6, .protocol = TF_IP_PROTO_ICMP, .payload = 16 }, 2000 },
};

static uint16_t port_of(const struct flow *flow)
{
    return flow->src_port != 0 ? flow->src_port : flow->icmp_id;
}

static void check_repaired(const struct source_case *c, const struct packet *sent,
                           const struct packet *translated, const struct translation *done)
{
    struct packet error = error_about(
        translated, sent->bytes[0] >> 4 == 6 ? "2001:db8::5" : "10.0.0.5", c->quoted_len);
    const uint8_t *quote = NULL;

    nat_return(done, false, error.bytes, error.len);
    check(lab_wrong_checksum(error.bytes, error.len) == NULL, "%s: checksum of error", c->name);
    const size_t len = lab_quote(error.bytes, error.len, &quote);
    check(len == MIN(c->quoted_len, sent->len), "%s: quote of %zu", c->name, len);
    check(memcmp(quote, sent->bytes, len) == 0, "%s: the quote is as sent", c->name);
    const struct flow flow = lab_flow(&error);
    const struct flow sent_flow = lab_flow(sent);
    check(tf_addr_equal(&flow.dst, &sent_flow.src), "%s: the error goes to the sender", c->name);
}

static void test_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(source_cases); i++) {
        const struct source_case *c = &source_cases[i / 2];
        const struct nat nat = source_nat(i % 2 == 1, false);
        const struct packet sent = lab_packet(&c->probe);
        struct packet packet = sent;
        struct translation done;

        check(translate(&nat, EDIT_SRC, &packet, &done), "%s: translated", c->name);
        const struct flow before = lab_flow(&sent);
        const struct flow after = lab_flow(&packet);
        const bool is_public = tf_addr_equal(&after.src, after.src.version == 6 ? &nat.source.to6
                                                                                : &nat.source.to4);
        check(is_public, "%s: source", c->name);
        check((port_of(&before) != port_of(&after)) == (i % 2 == 1), "%s: port %u", c->name,
              port_of(&after));
        check_repaired(c, &sent, &packet, &done);
    }
}

/* An error that is left alone: its header is translated back, or else it would not arrive. */
static void test_quotes_left(void **state)
{
    const struct nat nat = source_nat(true, true);
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4, .payload = 16 });
    struct translation done;
    const uint8_t *quote = NULL;

    (void)state;
    check(translate(&nat, EDIT_SRC, &packet, &done), "translated");
    struct packet error = error_about(&packet, "10.0.0.5", 2000);
    nat_return(&done, false, error.bytes, error.len);
    check(lab_wrong_checksum(error.bytes, error.len) == NULL, "checksums");
    const struct tf_addr sender = addr("192.0.2.1");
    const struct flow flow = lab_flow(&error);
    check(tf_addr_equal(&flow.dst, &sender), "to the sender");
    const size_t len = lab_quote(error.bytes, error.len, &quote);
    check(len == packet.len && memcmp(quote, packet.bytes, len) == 0, "quoted as translated");
}

/* A reply of the host itself comes back from and to the ports that the sender used. */
static void test_replies(void **state)
{
    const struct nat nat = source_nat(true, false);

    (void)state;
    for (size_t i = 0; i < COUNT(source_cases); i++) {
        const struct source_case *c = &source_cases[i];
        const struct packet sent = lab_packet(&c->probe);
        struct packet packet = sent;
        struct translation done;

        check(translate(&nat, EDIT_SRC, &packet, &done), "%s: translated", c->name);
        const struct flow out = lab_flow(&packet);
        char src[TF_ADDR_TEXT_LEN];
        char dst[TF_ADDR_TEXT_LEN];
        const bool is_echo = out.icmp_id != 0;
        struct packet reply = lab_packet(&(struct lab_probe){
            .src = tf_addr_text(&out.dst, src),
            .dst = tf_addr_text(&out.src, dst),
            .protocol = c->probe.protocol,
            .src_port = is_echo ? out.icmp_id : out.dst_port,
            .dst_port = is_echo ? 0 : out.src_port,
        });
        nat_return(&done, false, reply.bytes, reply.len);
        const struct flow back = lab_flow(&reply);
        const struct flow want = lab_flow(&sent);
        check(tf_addr_equal(&back.dst, &want.src), "%s: to the sender", c->name);
        check(back.dst_port == want.src_port && back.icmp_id == want.icmp_id, "%s: port", c->name);
        check(lab_wrong_checksum(reply.bytes, reply.len) == NULL, "%s: checksum", c->name);
    }
}

/* Equal flows get equal ports, others mostly others. */
static void test_random_ports(void **state)
{
    const struct nat nat = source_nat(true, false);
    uint8_t seen[65536] = { 0 };
    unsigned distinct = 0;

    (void)state;
    for (uint16_t i = 0; i < 1000; i++) {
        struct lab_probe probe = { .dst = V4, .src_port = (uint16_t)(33481 + i), .ttl = 1 };
        struct packet one = lab_packet(&probe);
        probe.ttl = 9;
        probe.payload = 30;
        struct packet other = lab_packet(&probe);
        struct translation done;

        check(translate(&nat, EDIT_SRC, &one, &done), "port %u", probe.src_port);
        check(translate(&nat, EDIT_SRC, &other, &done), "port %u", probe.src_port);
        const uint16_t port = lab_flow(&one).src_port;
        check(port == lab_flow(&other).src_port, "port %u is always the same", probe.src_port);
        check(port >= 1024, "port %u becomes %u", probe.src_port, port);
        distinct += seen[port] == 0;
        seen[port] = 1;
    }
    check(distinct > 980, "%u ports of 1000", distinct); /* 992 expected */
}

struct destination_case {
    const char *name;
    struct lab_probe probe;
    uint16_t port;  /* of the rule */
    uint16_t after; /* destination port of the translated packet */
};

static const struct destination_case destination_cases[] = {
    { "UDP", { .dst = V4 }, 0, 33480 },
    { "UDP, to a port", { .dst = V4 }, 8080, 8080 },
    { "TCP, to a port", { .dst = V4, .protocol = TF_IP_PROTO_TCP, .dst_port = 80 }, 8080, 8080 },
    { "echo has no port", { .dst = V4, .protocol = TF_IP_PROTO_ICMP }, 8080, 0 },
};

static void test_destination(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(destination_cases); i++) {
        const struct destination_case *c = &destination_cases[i];
        const struct nat nat = destination_nat(V4, "10.9.9.9", c->port, false);
        const struct packet sent = lab_packet(&c->probe);
        struct packet packet = sent;
        struct translation done;
        const uint8_t *quote = NULL;

        check(translate(&nat, EDIT_DST, &packet, &done), "%s: translated", c->name);
        const struct flow flow = lab_flow(&packet);
        const struct tf_addr inside = addr("10.9.9.9");
        check(tf_addr_equal(&flow.dst, &inside), "%s: destination", c->name);
        check(flow.dst_port == c->after, "%s: port %u", c->name, flow.dst_port);

        struct packet error = error_about(&packet, "10.9.0.1", 2000);
        nat_return(&done, false, error.bytes, error.len);
        check(lab_wrong_checksum(error.bytes, error.len) == NULL, "%s: checksum", c->name);
        const size_t len = lab_quote(error.bytes, error.len, &quote);
        check(len == sent.len && memcmp(quote, sent.bytes, len) == 0, "%s: quote", c->name);
        check(strncmp(lab_words(error.bytes, error.len), V4 "/", strlen(V4) + 1) == 0,
              "%s: the error comes from the public address", c->name);
    }
}

struct error_source_case {
    const char *name;
    const char *from;
    bool leave_quotes;
    bool is_own;
    const char *want;
};

static const struct error_source_case error_source_cases[] = {
    { "a router behind it", "10.9.0.1", false, false, V4 },
    { "the host behind it", "10.9.9.9", false, false, V4 },
    { "the translating router itself", "10.0.0.1", false, true, "10.0.0.1" },
    { "stateless: a router behind it", "10.9.0.1", true, false, "10.9.0.1" },
    { "stateless: the host behind it", "10.9.9.9", true, false, V4 },
};

static void test_source_of_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(error_source_cases); i++) {
        const struct error_source_case *c = &error_source_cases[i];
        const struct nat nat = destination_nat(V4, "10.9.9.9", 0, c->leave_quotes);
        const struct tf_addr want = addr(c->want);
        struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4 });
        struct translation done;

        check(translate(&nat, EDIT_DST, &packet, &done), "%s: translated", c->name);
        struct packet error = error_about(&packet, c->from, 2000);
        nat_return(&done, c->is_own, error.bytes, error.len);
        const struct flow flow = lab_flow(&error);
        check(tf_addr_equal(&flow.src, &want), "%s: not from %s", c->name, c->want);
        check(lab_wrong_checksum(error.bytes, error.len) == NULL, "%s: checksum", c->name);
    }
}

static void test_not_translated(void **state)
{
    const struct nat only4 = { .source = { .to4 = addr("203.0.113.7") } };
    const struct nat other = destination_nat("198.51.100.2", "10.9.9.9", 0, false);
    const struct nat none = { .leave_quotes = false };
    struct packet v4 = lab_packet(&(struct lab_probe){ .dst = V4 });
    struct packet v6 = lab_packet(&(struct lab_probe){ .dst = V6 });
    struct translation done;

    (void)state;
    check(!translate(&only4, EDIT_SRC, &v6, &done), "no IPv6 address to translate to");
    check(!translate(&other, EDIT_DST, &v4, &done), "another destination");
    check(!translate(&none, EDIT_SRC, &v4, &done), "no source translation");
    check(!translate(&none, EDIT_DST, &v4, &done), "no destination translation");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source),         cmocka_unit_test(test_quotes_left),
        cmocka_unit_test(test_replies),        cmocka_unit_test(test_random_ports),
        cmocka_unit_test(test_destination),    cmocka_unit_test(test_source_of_errors),
        cmocka_unit_test(test_not_translated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
