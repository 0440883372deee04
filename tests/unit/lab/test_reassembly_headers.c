/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly: what belongs together, sizes, the headers of the whole, and whose note comes with it.
 */
#include "pieces.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/ip.h"
#include "traceflow/wire.h"

/* A fragment without data tells nothing, not even an end. */
static void test_empty(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct reassembly *reassembly = reassembly_new(g_free);
        const struct piece pieces[] = { { version, .more = true },
                                        { version, .start = 8 },
                                        { version, .len = 8, .more = true },
                                        { version, .start = 8, .len = 8 } };
        struct reassembled whole;

        for (size_t i = 0; i < COUNT(pieces); i++)
            check(add_piece(reassembly, 0, &pieces[i], &whole) == (i == 3), "IPv%u, %zu", version,
                  i);
        reassembly_free(reassembly);
    }
}

static void add_options(struct packet *packet)
{
    static const uint8_t options[] = { 1, 1, 1, 0 };

    memmove(packet->bytes + 24, packet->bytes + 20, packet->len - 20);
    memcpy(packet->bytes + 20, options, sizeof options);
    packet->len += sizeof options;
    packet->bytes[0] = 0x46;
    tf_put_u16(packet->bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)packet->len);
}

struct largest_case {
    const char *name;
    size_t data_len;
    uint8_t version;
    bool has_options; /* the first fragment */
    bool want;
};

static const struct largest_case largest_cases[] = {
    { "the largest", SIM_PACKET_MAX - 20, 4, false, true },
    { "one more", SIM_PACKET_MAX - 20 + 1, 4, false, false },
    { "too large with the first one's options", SIM_PACKET_MAX - 20, 4, true, false },
    { "IPv6, the largest", SIM_PACKET_MAX - 40, 6, false, true },
    { "IPv6, one more", SIM_PACKET_MAX - 40 + 1, 6, false, false },
};

/* The first one comes last. */
static bool add_all(struct reassembly *reassembly, const struct largest_case *c,
                    struct reassembled *whole)
{
    const size_t step = 1448;
    struct piece piece = { .version = c->version, .start = step };

    for (; piece.start < c->data_len; piece.start += step) {
        piece.len = MIN(step, c->data_len - piece.start);
        piece.more = piece.start + piece.len < c->data_len;
        check(!add_piece(reassembly, 0, &piece, whole), "%s: at %zu", c->name, piece.start);
    }
    piece = (struct piece){ c->version, .len = step, .more = true };
    struct packet first = piece_of(&piece);
    if (c->has_options)
        add_options(&first);
    return add_packet(reassembly, 0, &first, NULL, whole);
}

static void test_largest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(largest_cases); i++) {
        const struct largest_case *c = &largest_cases[i];
        struct reassembly *reassembly = reassembly_new(g_free);
        struct reassembled whole;

        check(add_all(reassembly, c, &whole) == c->want, "%s", c->name);
        if (c->want)
            check_reassembled(c->name, &whole, c->version, c->data_len);
        reassembly_free(reassembly);
    }
}

/* A last fragment of which one byte differs from the first one's. */
struct key_case {
    const char *name;
    uint8_t version;
    uint8_t at;
    bool want;
};

static const struct key_case key_cases[] = {
    { "TOS", 4, TF_IPV4_TOS, true },
    { "TTL", 4, TF_IPV4_TTL, true },
    { "Identification", 4, TF_IPV4_IDENT + 1, false },
    { "protocol", 4, TF_IPV4_PROTOCOL, false },
    { "source", 4, TF_IPV4_SRC + 3, false },
    { "destination", 4, TF_IPV4_DST + 3, false },
    { "IPv6, hop limit", 6, TF_IPV6_HOP_LIMIT, true },
    { "IPv6, source", 6, TF_IPV6_SRC + 15, false },
    { "IPv6, destination", 6, TF_IPV6_DST + 15, false },
    { "IPv6, Next Header of a later one", 6, 40, true },
    { "IPv6, Identification's first byte", 6, 44, false },
    { "IPv6, Identification's last byte", 6, 47, false },
};

static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(key_cases); i++) {
        const struct key_case *c = &key_cases[i];
        struct reassembly *reassembly = reassembly_new(g_free);
        struct packet last = piece_of(&(struct piece){ c->version, .start = 8, .len = 8 });
        struct reassembled whole;

        last.bytes[c->at] ^= 0x10;
        add_piece(reassembly, 0, &(struct piece){ c->version, .len = 8, .more = true }, &whole);
        check(add_packet(reassembly, 0, &last, NULL, &whole) == c->want, "%s", c->name);
        if (c->want) /* all such fields are the first one's */
            check_reassembled(c->name, &whole, c->version, 16);
        reassembly_free(reassembly);
    }
}

/* Options of the first one stay. */
static void test_options(void **state)
{
    struct reassembly *reassembly = reassembly_new(g_free);
    struct packet first = piece_of(&(struct piece){ 4, .len = 8, .more = true });
    const struct packet last = piece_of(&(struct piece){ 4, .start = 8, .len = 8 });
    struct reassembled whole;
    struct tf_ip ip;

    (void)state;
    add_options(&first);
    assert_false(add_packet(reassembly, 0, &first, NULL, &whole));
    assert_true(add_packet(reassembly, 0, &last, NULL, &whole));
    assert_int_equal(tf_ip_decode(&ip, whole.packet, whole.len), TF_OK);
    assert_int_equal(ip.header_len, 24);
    assert_int_equal(ip.total_len, 24 + 16);
    assert_int_equal(tf_checksum(whole.packet, 24), 0);
    assert_memory_equal(ip.payload, first.bytes + 24, 8);
    assert_memory_equal(ip.payload + 8, last.bytes + 20, 8);
    reassembly_free(reassembly);
}

/* What is before the fragment header stays, and points to what was behind it. */
static void test_extension_headers(void **state)
{
    static const uint8_t headers[] = { 44, 0, 1, 4, 0, 0, 0, 0,   /* hop-by-hop options */
                                       60, 0, 0, 1, 0, 0, 0, 9,   /* the first fragment */
                                       17, 0, 1, 4, 7, 7, 7, 7 }; /* destination options */
    static const uint8_t want[] = { 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 7, 7, 7, 7, 'd' };
    const struct ip_fields fields = {
        .src = addr("2001:db8::1"), .dst = addr("2001:db8::9"), .protocol = 0, .ttl = 9
    };
    struct reassembly *reassembly = reassembly_new(g_free);
    struct packet payload = { .len = 0 };
    struct reassembled whole;

    (void)state;
    append(&payload, headers, sizeof headers);
    const struct packet first = build_ip(&fields, &payload);
    payload.bytes[8 + 3] = 8; /* the last */
    payload.bytes[16] = 'd';
    payload.len = 17;
    const struct packet last = build_ip(&fields, &payload);
    assert_false(add_packet(reassembly, 0, &last, NULL, &whole));
    assert_true(add_packet(reassembly, 0, &first, NULL, &whole));
    assert_int_equal(whole.len, 40 + sizeof want);
    assert_int_equal(tf_get_u16(whole.packet + TF_IPV6_PAYLOAD_LENGTH), sizeof want);
    assert_int_equal(whole.packet[TF_IPV6_NEXT_HEADER], 0);
    assert_memory_equal(whole.packet + 40, want, sizeof want);
    reassembly_free(reassembly);
}

static unsigned freed;

static void count_freed(gpointer note)
{
    freed += note != NULL;
}

/* The first one's comes back, whenever it came; all others are freed, once. */
static void test_notes(void **state)
{
    struct reassembly *reassembly = reassembly_new(count_freed);
    const struct packet first = piece_of(&(struct piece){ 4, .len = 8, .more = true });
    const struct packet last = piece_of(&(struct piece){ 4, .start = 8, .len = 8 });
    struct reassembled whole;
    char notes[3];

    (void)state;
    freed = 0;
    add_packet(reassembly, 0, &first, &notes[0], &whole);
    add_packet(reassembly, 0, &first, &notes[1], &whole);
    assert_int_equal(freed, 1);
    assert_true(add_packet(reassembly, 0, &last, &notes[2], &whole));
    assert_ptr_equal(whole.note, &notes[0]);
    assert_int_equal(freed, 2);

    add_packet(reassembly, 0, &last, &notes[2], &whole);
    assert_int_equal(freed, 3);
    assert_true(add_packet(reassembly, 0, &first, &notes[1], &whole));
    assert_ptr_equal(whole.note, &notes[1]);
    assert_int_equal(freed, 3);

    add_packet(reassembly, 0, &first, &notes[0], &whole);
    assert_int_equal(freed, 3);
    reassembly_free(reassembly);
    assert_int_equal(freed, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
