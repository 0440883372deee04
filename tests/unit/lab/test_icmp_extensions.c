/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors with and without extensions: how long, where what is, and that the decoder finds it.
 */
#include "router.h"

#include <string.h>

#include "extensions.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/link.h"
#include "traceflow/packet.h"
#include "traceflow/wire.h"

/* Both objects: label 16012, class 5, bottom, TTL 1; all that an interface can tell. */
static struct quoting talkative(enum quote_len len)
{
    return (struct quoting){
        .len = len,
        .mpls = { .depth = 1, .entry = { { .label = 16012, .tc = 5, .ttl = 1, .bottom = true } } },
        .interface = { true, true, true, 7, 1500, "eth0" },
    };
}

static void test_extension_bytes(void **state)
{
    static const uint8_t want[] = {
        0x20, 0x00, 0x00, 0x00,                         /* version 2, checksum: see below */
        0x00, 0x08, 0x01, 0x01, 0x03, 0xe8, 0xcb, 0x01, /* a label stack of one */
        0x00, 0x1c, 0x02, 0x0f,                         /* incoming interface, all four: */
        0x00, 0x00, 0x00, 0x07,                         /* index 7 */
        0x00, 0x01, 0x00, 0x00, 0xcb, 0x00, 0x71, 0x05, /* 203.0.113.5 */
        0x08, 'e',  't',  'h',  '0',  0x00, 0x00, 0x00, /* "eth0" */
        0x00, 0x00, 0x05, 0xdc,                         /* MTU 1500 */
    };
    const struct quoting quoting = talkative(QUOTE_8);
    const struct icmp_error error = error_of(4, TF_ICMP_TIME_EXCEEDED, &quoting);
    const struct packet probe = expiring_probe(4);
    struct built built = build_error(&error, probe.bytes, probe.len);
    uint8_t *ext = built.bytes + 28 + 128;

    (void)state;
    assert_int_equal(built.len, 28 + 128 + sizeof want);
    assert_int_equal(built.bytes[20 + 5], 32); /* words of quote */
    assert_int_equal(tf_checksum(ext, sizeof want), 0);
    tf_put_u16(ext + 2, 0);
    assert_memory_equal(ext, want, sizeof want);
}

enum objects { NONE, LABELS, INTERFACE, BOTH, BOTH_UNTOLD };

static struct quoting quoting_of(enum quote_len len, enum objects objects)
{
    struct quoting quoting = talkative(len);

    if (objects == NONE || objects == INTERFACE)
        quoting.mpls.depth = 0;
    quoting.interface.present = objects >= INTERFACE;
    quoting.no_length = objects == BOTH_UNTOLD;
    return quoting;
}

struct length_case {
    const char *name;
    size_t packet_len;
    uint8_t version;
    enum quote_len len;
    enum objects objects;
    size_t quote; /* bytes of the packet that come back */
    size_t body;  /* quote and padding */
    size_t ext;
};

/* A label stack takes 4 + 8 bytes; the interface 28, of IPv6 40. */
static const struct length_case length_cases[] = {
    { "8 bytes", 1400, 4, QUOTE_8, NONE, 28, 28, 0 },
    { "8 bytes of a datagram without payload", 28, 4, QUOTE_8, NONE, 28, 28, 0 },
    { "128", 1400, 4, QUOTE_128, NONE, 128, 128, 0 },
    { "128 of a short one", 44, 4, QUOTE_128, NONE, 44, 44, 0 },
    { "576 in all", 1400, 4, QUOTE_576, NONE, 548, 548, 0 },
    { "all", 1400, 4, QUOTE_ALL, NONE, 1400, 1400, 0 },
    { "all that fits", 1500, 4, QUOTE_ALL, NONE, 1472, 1472, 0 },
    { "8 bytes, labels", 1400, 4, QUOTE_8, LABELS, 28, 128, 12 },
    { "a whole one, labels", 130, 4, QUOTE_ALL, LABELS, 130, 132, 12 },
    { "576 in all, labels", 1400, 4, QUOTE_576, LABELS, 536, 536, 12 },
    { "576 in all, both", 1400, 4, QUOTE_576, BOTH, 508, 508, 40 },
    { "all, labels: 255 words", 1500, 4, QUOTE_ALL, LABELS, 1020, 1020, 12 },
    { "all, no length", 1500, 4, QUOTE_ALL, BOTH_UNTOLD, 128, 128, 40 },
    { "8 bytes, no length", 1500, 4, QUOTE_8, BOTH_UNTOLD, 28, 128, 40 },
    { "IPv6, 8 bytes", 1400, 6, QUOTE_8, NONE, 48, 48, 0 },
    { "IPv6, 128", 1400, 6, QUOTE_128, NONE, 128, 128, 0 },
    { "IPv6, 576: 1280 in all", 1400, 6, QUOTE_576, NONE, 1232, 1232, 0 },
    { "IPv6, all that fits", 1400, 6, QUOTE_ALL, NONE, 1232, 1232, 0 },
    { "IPv6, 8 bytes, interface", 1400, 6, QUOTE_8, INTERFACE, 48, 128, 44 },
    { "IPv6, a whole one, labels", 129, 6, QUOTE_ALL, LABELS, 129, 136, 12 },
    { "IPv6, all that fits, labels", 1400, 6, QUOTE_ALL, LABELS, 1216, 1216, 12 },
    { "IPv6, 576: 128 of the packet, both", 1400, 6, QUOTE_576, BOTH, 128, 128, 52 },
    { "IPv6, all, no length", 1400, 6, QUOTE_ALL, BOTH_UNTOLD, 128, 128, 52 },
};

static size_t interface_object_len(const struct built *built)
{
    return built->bytes[0] >> 4 == 6 ? 40 : 28;
}

/* Labels first, then the interface; nothing else. */
static void check_objects(const char *name, enum objects objects, struct tf_ext_iter it,
                          const struct built *built)
{
    struct tf_ext_obj obj;
    struct tf_mpls_stack stack = { 0 };

    if (objects != INTERFACE) {
        check(tf_ext_next(&it, &obj) == TF_OK && tf_mpls_append(&stack, &obj) == TF_OK,
              "%s: labels", name);
        check(stack.depth == 1 && stack.entry[0].label == 16012 && stack.entry[0].tc == 5 &&
                  stack.entry[0].bottom && stack.entry[0].ttl == 1,
              "%s: label", name);
    }
    if (objects != LABELS) {
        check(tf_ext_next(&it, &obj) == TF_OK, "%s: interface", name);
        check(obj.class_num == 2 && obj.c_type == 0x0f, "%s: interface", name);
        check(obj.payload_len + 4 == interface_object_len(built), "%s: interface", name);
    }
    check(tf_ext_next(&it, &obj) == TF_END, "%s: no more objects", name);
}

static void check_extensions(const struct length_case *c, const struct tf_packet *packet,
                             const struct built *built)
{
    const struct tf_icmp *icmp = &packet->datagram.icmp;
    const size_t claimed = c->version == 6 ? icmp->header[4] * 8U : icmp->header[5] * 4U;
    const bool told = c->objects != NONE && c->objects != BOTH_UNTOLD;
    struct tf_ext_iter it;
    size_t offset = 0;

    check(claimed == (told ? c->body : 0), "%s: length field", c->name);
    if (c->objects == NONE) {
        check(packet->ext == TF_EXT_NONE, "%s: no extensions", c->name);
        return;
    }
    check(tf_ext_find(&it, &offset, icmp->body, icmp->body_len, claimed) ==
              (told ? TF_EXT_BY_LENGTH : TF_EXT_COMPAT),
          "%s: how it is found", c->name);
    check(offset == c->body, "%s: where", c->name);
    check(tf_checksum(icmp->body + offset, icmp->body_len - offset) == 0, "%s: checksum", c->name);
    check_objects(c->name, c->objects, it, built);
}

static void check_decoded(const struct length_case *c, const struct built *built,
                          const struct packet *quoted)
{
    const uint8_t *at = guarded(built->bytes, built->len);
    const uint8_t *quote = at + (c->version == 6 ? 48 : 28);
    struct tf_packet packet;

    check(tf_packet_decode(&packet, TF_LINKTYPE_RAW, at, built->len) == TF_OK, "%s: decodes",
          c->name);
    check(packet.has_quote && packet.quote.udp.src_port == 33483, "%s: quote", c->name);
    check(packet.datagram.icmp.body_len == c->body + c->ext, "%s: body", c->name);
    check(memcmp(quote, quoted->bytes, c->quote) == 0, "%s: quoted bytes", c->name);
    for (size_t i = c->quote; i < c->body; i++)
        check(quote[i] == 0, "%s: padding, byte %zu", c->name, i);
    check(is_sealed(at, built->len), "%s: checksums", c->name);
    check_extensions(c, &packet, built);
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(length_cases); i++) {
        const struct length_case *c = &length_cases[i];
        const struct packet packet = expiring_datagram(c->version, c->packet_len);
        const struct quoting quoting = quoting_of(c->len, c->objects);
        const struct icmp_error error = error_of(c->version, time_exceeded_type(c->version),
                                                 &quoting);
        const struct built built = build_error(&error, packet.bytes, packet.len);

        check(built.len == (c->version == 6 ? 48U : 28U) + c->body + c->ext, "%s: %zu bytes",
              c->name, built.len);
        check(built.bytes[built.len] == 0xa5, "%s: nothing behind it", c->name);
        check_decoded(c, &built, &packet);
    }
}

/* The packet's first bytes, then zeros: payloads have none. */
static bool is_padded_quote(const uint8_t *quote, size_t len, const struct packet *packet)
{
    size_t at = 0;

    while (at < len && at < packet->len && quote[at] == packet->bytes[at])
        at++;
    const bool enough = at >= ip_header_len(packet) + 8;
    while (at < len && quote[at] == 0)
        at++;
    return enough && at == len;
}

/* Whatever is asked for: within its limits, and read as it was meant. */
static void check_any(const struct quoting *quoting, uint8_t version, size_t packet_len)
{
    const struct packet packet = expiring_datagram(version, packet_len);
    const struct icmp_error error = error_of(version, time_exceeded_type(version), quoting);
    const struct built built = build_error(&error, packet.bytes, packet.len);
    const size_t max = version == 6 ? 1280 : quoting->len == QUOTE_576 ? 576 : 1500;
    uint8_t ext[EXTENSIONS_MAX];
    const size_t ext_len = extensions_build(ext, quoting, &error.from);
    struct tf_packet decoded;

    check(built.len <= max && is_sealed(built.bytes, built.len), "%zu bytes", packet_len);
    check(tf_packet_decode(&decoded, TF_LINKTYPE_RAW, built.bytes, built.len) == TF_OK,
          "%zu bytes: decodes", packet_len);
    check((decoded.ext != TF_EXT_NONE) == (ext_len > 0), "%zu bytes: found", packet_len);
    check(decoded.mpls.depth == quoting->mpls.depth, "%zu bytes: labels", packet_len);
    const struct tf_icmp *icmp = &decoded.datagram.icmp;
    check(is_padded_quote(icmp->body, icmp->body_len - ext_len, &packet), "%zu bytes: quote",
          packet_len);
    check(memcmp(icmp->body + icmp->body_len - ext_len, ext, ext_len) == 0, "%zu bytes: structure",
          packet_len);
}

static void test_every_combination(void **state)
{
    (void)state;
    for (int len = QUOTE_8; len <= QUOTE_ALL; len++)
        for (int objects = NONE; objects <= BOTH_UNTOLD; objects++)
            for (size_t packet_len = 48; packet_len <= 1500; packet_len++) {
                const struct quoting quoting = quoting_of((enum quote_len)len,
                                                          (enum objects)objects);
                check_any(&quoting, 4, packet_len);
                check_any(&quoting, 6, packet_len);
            }
}

/* The most that a topology can ask for fits into its buffer, which a sanitizer watches. */
static void test_most(void **state)
{
    struct quoting quoting = talkative(QUOTE_ALL);
    const struct packet probe = expiring_probe(6);
    struct tf_packet decoded;

    (void)state;
    memset(quoting.interface.name, 'x', 63);
    quoting.mpls.depth = TF_MPLS_MAX + 1; /* one that was not kept */
    const struct icmp_error error = error_of(6, TF_ICMPV6_DEST_UNREACH, &quoting);
    const struct built built = build_error(&error, probe.bytes, probe.len);
    check(built.len == 48 + 128 + EXTENSIONS_MAX, "%zu bytes", built.len);
    check(tf_packet_decode(&decoded, TF_LINKTYPE_RAW, built.bytes, built.len) == TF_OK, "decodes");
    check(decoded.mpls.depth == TF_MPLS_MAX, "%u labels", decoded.mpls.depth);
}

struct name_case {
    const char *name;
    uint8_t sub_object_len;
};

/* RFC 5837 section 4.3: the length byte, the name, zeros up to whole words. */
static const struct name_case name_cases[] = {
    { "a", 4 },
    { "lo0", 4 },
    { "eth0", 8 },
    { "ge-0/0/0", 12 },
    { "Loopback100", 12 },
    { "the-longest-name-that-fits-is-sixty-three-bytes-long-like-this-", 64 },
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(name_cases); i++) {
        const struct name_case *c = &name_cases[i];
        struct quoting quoting = { .interface = { .present = true } };
        uint8_t ext[EXTENSIONS_MAX];

        strcpy(quoting.interface.name, c->name);
        const size_t len = extensions_build(ext, &quoting, NULL);
        check(len == 8U + c->sub_object_len, "%s: %zu bytes", c->name, len);
        check(ext[7] == 0x02 && ext[8] == c->sub_object_len, "%s: C-Type and length", c->name);
        check(memcmp(ext + 9, c->name, strlen(c->name)) == 0, "%s: name", c->name);
        for (size_t at = 9 + strlen(c->name); at < len; at++)
            check(ext[at] == 0, "%s: padding", c->name);
    }
}

struct type_case {
    const char *name;
    uint8_t version;
    uint8_t type;
    bool extended;
};

static const struct type_case type_cases[] = {
    { "Destination Unreachable", 4, 3, true },
    { "Source Quench", 4, 4, false },
    { "Time Exceeded", 4, 11, true },
    { "Parameter Problem", 4, 12, true },
    { "ICMPv6 Destination Unreachable", 6, 1, true },
    { "ICMPv6 Packet Too Big", 6, 2, false },
    { "ICMPv6 Time Exceeded", 6, 3, true },
    { "ICMPv6 Parameter Problem", 6, 4, false },
};

static void test_types(void **state)
{
    const struct quoting quoting = quoting_of(QUOTE_8, LABELS);

    (void)state;
    for (size_t i = 0; i < COUNT(type_cases); i++) {
        const struct type_case *c = &type_cases[i];
        const struct icmp_error error = error_of(c->version, c->type, &quoting);
        const struct packet probe = expiring_probe(c->version);
        const struct built built = build_error(&error, probe.bytes, probe.len);
        const size_t plain = c->version == 6 ? 96 : 56;

        check((built.len > plain) == c->extended, "%s: %zu bytes", c->name, built.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extension_bytes),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_most),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
