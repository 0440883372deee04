/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Stockholm encoding: known keys, tags there and back, and the balance of whole probes. */
#include "support.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"

struct key_case {
    const char *name;
    uint32_t run_id;
    uint16_t path_id;
    uint8_t attempt;
    uint16_t want; /* computed by a Python implementation of MurmurHash3's finalizer */
};

static const struct key_case key_cases[] = {
    { "run 0", 0, 1, 0, 0x315f },
    { "run 1", 1, 1, 0, 0xb8f5 },
    { "a usual run", 0x1badcafe, 1, 0, 0x3558 },
    { "its next attempt", 0x1badcafe, 1, 1, 0xf1e9 },
    { "its next path", 0x1badcafe, 2, 0, 0xff23 },
    { "all bits set", 0xffffffff, 255, 9, 0x5b12 },
    { "a path ID above 255", 0x12345678, 256, 0, 0xdeb3 },
    { "highest path ID and attempt", 0xdeadbeef, 65535, 255, 0x730c },
    { "fmix32(0) ends in 0000", 0x00000100, 1, 0, 0x5354 },
    { "fmix32 is cb250000", 0x0000e980, 1, 0, 0x5354 },
    { "fmix32 is 0ab1ffff", 0x0004f228, 1, 0, 0x5354 },
    { "fmix32 is 5cc8ffff", 0x0006b42f, 1, 0, 0x5354 },
};

static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(key_cases); i++) {
        const struct key_case *c = &key_cases[i];
        const uint16_t key = tf_key(c->run_id, c->path_id, c->attempt);
        check(key == c->want, "%s: %04x", c->name, key);
    }
}

static void test_identification(void **state)
{
    (void)state;
    check(tf_ident(3, 7) == 0x0307, "path 3, TTL 7");
    check(tf_ident(255, 255) == 0xffff, "path 255, TTL 255");
    check(tf_ident(0x102, 1) == 0x0201, "a path ID above 255 leaves its low byte");
    check(tf_ident_path(0x0307) == 3 && tf_ident_ttl(0x0307) == 7, "read back");
}

struct tag_case {
    const char *name;
    struct bytes in;
    enum tf_status want;
    struct tf_tag tag;
};

static const struct tag_case tag_cases[] = {
    /* version 1, attempt 2, path 3, run 1badcafe, probe ID 0307, balance abcd */
    { "a tag",
      BYTES('T', 'F', 'L', 'W', 1, 2, 0, 3, 0x1b, 0xad, 0xca, 0xfe, 3, 7, 0xab, 0xcd),
      TF_OK,
      { .run_id = 0x1badcafe, .path_id = 3, .attempt = 2, .probe_id = 0x0307, .balance = 0xabcd } },
    { "the highest of everything",
      BYTES('T', 'F', 'L', 'W', 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
      TF_OK,
      { .run_id = 0xffffffff,
        .path_id = 65535,
        .attempt = 255,
        .probe_id = 65535,
        .balance = 65535 } },
    { "a tag with bytes behind it",
      BYTES('T', 'F', 'L', 'W', 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 'x', 'y'),
      TF_OK,
      { .path_id = 1, .probe_id = 0x0101 } },
    { "another tool's payload",
      BYTES('y', 'r', 'p', '6', 1, 7, 0, 3, 0, 0, 0, 9, 0, 0, 0xca, 0xfe),
      TF_NOT_OURS,
      { 0 } },
    { "the magic in lower case",
      BYTES('t', 'f', 'l', 'w', 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0),
      TF_NOT_OURS,
      { 0 } },
    { "the magic's last letter is wrong",
      BYTES('T', 'F', 'L', 'V', 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0),
      TF_NOT_OURS,
      { 0 } },
    { "version 0", BYTES('T', 'F', 'L', 'W', 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0), TF_BAD, { 0 } },
    { "version 2", BYTES('T', 'F', 'L', 'W', 2, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0), TF_BAD, { 0 } },
    { "path ID 0", BYTES('T', 'F', 'L', 'W', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0), TF_BAD, { 0 } },
    { "path ID 256",
      BYTES('T', 'F', 'L', 'W', 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0),
      TF_OK,
      { .path_id = 256, .probe_id = 1 } },
};

static bool tags_equal(const struct tf_tag *a, const struct tf_tag *b)
{
    return a->run_id == b->run_id && a->path_id == b->path_id && a->attempt == b->attempt &&
           a->probe_id == b->probe_id && a->balance == b->balance;
}

static void test_tags(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tag_cases); i++) {
        const struct tag_case *c = &tag_cases[i];
        const struct tf_tag untouched = { .run_id = 0x55555555, .path_id = 0x5555 };
        struct tf_tag tag = untouched;

        check(tf_tag_decode(&tag, guarded(c->in.at, c->in.len), c->in.len) == c->want, "%s: status",
              c->name);
        check(tags_equal(&tag, c->want == TF_OK ? &c->tag : &untouched), "%s: fields", c->name);
        for (size_t n = 0; n < TF_TAG_LEN; n++)
            check(tf_tag_decode(&tag, guarded(c->in.at, n), n) == TF_SHORT, "%s: cut to %zu bytes",
                  c->name, n);
    }
}

static void test_tags_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tag_cases); i++) {
        const struct tag_case *c = &tag_cases[i];
        uint8_t buf[TF_TAG_LEN];
        if (c->want != TF_OK)
            continue;

        tf_tag_encode(buf, &c->tag);
        check(memcmp(buf, c->in.at, sizeof buf) == 0, "%s: encoded", c->name);
    }
}

struct flow_case {
    const char *name;
    const char *src;
    const char *dst;
};

static const struct flow_case flows[] = {
    { "IPv4", "192.0.2.1", "198.51.100.9" },
    { "IPv4, ones", "255.255.255.255", "255.255.255.255" },
    { "IPv4, zeros", "0.0.0.0", "0.0.0.0" },
    { "IPv6", "2001:db8::1", "2001:db8:ffff::9" },
};

/*
 * The UDP segment of a probe with the balance that core computes; its checksum is the key, or the
 * test fails.
 */
static uint16_t balanced(const struct flow_case *flow, const struct tf_tag *without)
{
    const struct tf_addr src = addr(flow->src);
    const struct tf_addr dst = addr(flow->dst);
    const uint16_t key = tf_key(without->run_id, without->path_id, without->attempt);
    struct tf_tag tag = *without;
    uint8_t segment[TF_PROBE_UDP_LENGTH] = { 0 };

    tf_put_u16(segment + TF_UDP_SRC_PORT, (uint16_t)(TF_BASE_PORT + tag.path_id));
    tf_put_u16(segment + TF_UDP_DST_PORT, TF_BASE_PORT);
    tf_put_u16(segment + TF_UDP_LENGTH, sizeof segment);
    tf_tag_encode(segment + TF_UDP_LEN, &tag);
    const uint32_t pseudo = tf_sum_add_pseudo(0, &src, &dst, TF_IP_PROTO_UDP, sizeof segment);
    tag.balance = tf_balance(tf_sum_add(pseudo, segment, sizeof segment), key);
    tf_tag_encode(segment + TF_UDP_LEN, &tag);

    const uint16_t checksum = (uint16_t)~tf_sum_fold(tf_sum_add(pseudo, segment, sizeof segment));
    check(checksum == key, "%s, run %08x, path %u, attempt %u, ID %04x: checksum %04x", flow->name,
          tag.run_id, tag.path_id, tag.attempt, tag.probe_id, checksum);
    return tag.balance;
}

static void test_balance_makes_the_checksum_the_key(void **state)
{
    uint32_t seed = 42;

    (void)state;
    for (size_t i = 0; i < COUNT(flows); i++)
        for (int round = 0; round < 5000; round++) {
            const uint16_t path_id = (uint16_t)(1 + next_random(&seed) % 255);
            const uint8_t ttl = (uint8_t)(1 + next_random(&seed) % 255);
            const struct tf_tag tag = { .run_id = next_random(&seed),
                                        .path_id = path_id,
                                        .attempt = (uint8_t)(next_random(&seed) % 10),
                                        .probe_id = tf_ident(path_id, ttl) };
            balanced(&flows[i], &tag);
        }
}

/* So a probe is patched from TTL to TTL without a look at the rest of it. */
static void test_probe_id_plus_balance_is_constant(void **state)
{
    (void)state;
    for (uint16_t path_id = 1; path_id <= 255; path_id += 127) {
        struct tf_tag tag = { .run_id = 0x1badcafe,
                              .path_id = path_id,
                              .probe_id = tf_ident(path_id, 1) };
        const uint32_t first = (uint32_t)tag.probe_id + balanced(&flows[0], &tag);

        for (unsigned ttl = 2; ttl <= 255; ttl++) {
            tag.probe_id = tf_ident(path_id, (uint8_t)ttl);
            const uint32_t sum = (uint32_t)tag.probe_id + balanced(&flows[0], &tag);
            check(sum % 0xffff == first % 0xffff, "path %u, TTL %u", path_id, ttl);
        }
    }
}

/* docs/WIRE.md: path 3, TTL 7, run 1badcafe, key beef; ports and checksum are free. */
#define SYN_SEQ  0x82, 0xcb, 0x01, 0xbb, 3, 7, 0xbe, 0xef
#define SYN_REST 0x80, 2, 0xff, 0xff, 0x12, 0x34, 0, 0, 1, 1, 8, 10, 0x1b, 0xad, 0xca, 0xfe

struct syn_case {
    const char *name;
    struct bytes in;
    enum tf_status want;
};

static const struct syn_case syn_cases[] = {
    { "a probe", BYTES(SYN_SEQ, 0, 0, 0, 0, SYN_REST, 0, 0, 0, 0), TF_OK },
    { "more behind it", BYTES(SYN_SEQ, 0, 0, 0, 0, SYN_REST, 0, 0, 0, 0, 9), TF_OK },
    { "an acknowledgement number", BYTES(SYN_SEQ, 0, 0, 0, 9, SYN_REST, 0, 0, 0, 0), TF_NOT_OURS },
    { "an echo of a time stamp", BYTES(SYN_SEQ, 0, 0, 0, 0, SYN_REST, 0, 0, 0, 1), TF_NOT_OURS },
    { "a SYN of Linux: MSS, SACK, time stamp, no-operation, window scale",
      BYTES(SYN_SEQ, 0, 0, 0, 0, 0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2,
            3, 4, 0, 0, 0, 0, 1, 3, 3, 7),
      TF_NOT_OURS },
};

static void test_syn_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(syn_cases); i++) {
        const struct syn_case *c = &syn_cases[i];
        struct tf_syn syn = { 0 };

        check(tf_syn_decode(&syn, guarded(c->in.at, c->in.len), c->in.len) == c->want, "%s: status",
              c->name);
        if (c->want == TF_OK)
            check(syn.run_id == 0x1badcafe && syn.probe_id == 0x0307 && syn.key == 0xbeef,
                  "%s: fields", c->name);
        for (size_t n = 0; n < TF_SYN_LEN; n++)
            check(tf_syn_decode(&syn, guarded(c->in.at, n), n) == TF_SHORT, "%s: cut to %zu bytes",
                  c->name, n);
    }
}

static void test_syn_encoded(void **state)
{
    uint8_t options[TF_SYN_OPTIONS_LEN];

    (void)state;
    tf_syn_options_encode(options, 0x1badcafe);
    check(memcmp(options, syn_cases[0].in.at + 20, sizeof options) == 0, "options");
    check(tf_syn_seq(0x0307, 0xbeef) == 0x0307beef, "sequence number");
    check(tf_seq_probe_id(0x0307beef) == 0x0307 && tf_seq_key(0x0307beef) == 0xbeef, "and back");
    check(tf_echo_key(0x1badcafe, 3) == tf_key(0x1badcafe, 3, 0), "echo's key");
}

/* Every byte of the header changed: all but ports, sequence number, TSval and checksum count. */
static void test_syn_shape(void **state)
{
    (void)state;
    for (size_t at = 0; at < TF_SYN_LEN; at++) {
        const bool is_free = at < TF_TCP_ACK || at / 2 == TF_TCP_CHECKSUM / 2 ||
                             at / 4 == (TF_SYN_TIMESTAMP + 2) / 4;
        uint8_t header[TF_SYN_LEN];
        struct tf_syn syn;

        memcpy(header, syn_cases[0].in.at, sizeof header);
        header[at] ^= 0x40;
        check(tf_syn_decode(&syn, header, sizeof header) == (is_free ? TF_OK : TF_NOT_OURS),
              "byte %zu", at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_identification),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_tags_there_and_back),
        cmocka_unit_test(test_balance_makes_the_checksum_the_key),
        cmocka_unit_test(test_probe_id_plus_balance_is_constant),
        cmocka_unit_test(test_syn_headers),
        cmocka_unit_test(test_syn_encoded),
        cmocka_unit_test(test_syn_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
