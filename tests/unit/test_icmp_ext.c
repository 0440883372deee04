/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP extensions: where the structure is found, what its objects hold, and where the walk ends. */
#include "support.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/icmp_ext.h"

enum checksum { CHECKSUM_RIGHT, CHECKSUM_WRONG, CHECKSUM_ZERO };

/* Version 2 and an MPLS object: label 16012, class 0, bottom, TTL 1. */
static const uint8_t structure[] = { 0x20, 0, 0, 0, 0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1 };

/* An ICMP body: so many bytes of quote, then an extension structure. */
static struct packet body_of(size_t quote_len, uint8_t version, enum checksum checksum)
{
    struct packet body = { .len = quote_len };

    append(&body, structure, sizeof structure);
    uint8_t *ext = body.bytes + quote_len;
    ext[0] = (uint8_t)(version << 4);
    if (checksum == CHECKSUM_ZERO)
        return body;
    tf_put_u16(ext + 2, tf_checksum(ext, sizeof structure));
    ext[3] ^= checksum == CHECKSUM_WRONG;
    return body;
}

struct find_case {
    const char *name;
    size_t quote_len;
    uint8_t version;
    enum checksum checksum;
    size_t claimed; /* by the length field, in bytes */
    enum tf_ext_found want;
};

static const struct find_case find_cases[] = {
    { "length right", 128, 2, CHECKSUM_RIGHT, 128, TF_EXT_BY_LENGTH },
    { "length right, a longer quote", 160, 2, CHECKSUM_RIGHT, 160, TF_EXT_BY_LENGTH },
    { "length right, a quote under 128 bytes", 32, 2, CHECKSUM_RIGHT, 32, TF_EXT_BY_LENGTH },
    { "length right, no checksum", 128, 2, CHECKSUM_ZERO, 128, TF_EXT_BY_LENGTH },
    { "length right, checksum wrong", 128, 2, CHECKSUM_WRONG, 128, TF_EXT_NONE },
    { "length right, version 1", 128, 1, CHECKSUM_RIGHT, 128, TF_EXT_NONE },
    { "no length", 128, 2, CHECKSUM_RIGHT, 0, TF_EXT_COMPAT },
    { "no length, no checksum: too little to believe", 128, 2, CHECKSUM_ZERO, 0, TF_EXT_NONE },
    { "no length, checksum wrong", 128, 2, CHECKSUM_WRONG, 0, TF_EXT_NONE },
    { "no length, not at byte 128", 160, 2, CHECKSUM_RIGHT, 0, TF_EXT_NONE },
    { "length too small, structure at byte 128", 128, 2, CHECKSUM_RIGHT, 32, TF_EXT_WRONG_LENGTH },
    { "length too large, structure at byte 128", 128, 2, CHECKSUM_RIGHT, 132, TF_EXT_WRONG_LENGTH },
    { "length beyond the message", 128, 2, CHECKSUM_RIGHT, 1020, TF_EXT_WRONG_LENGTH },
    { "length wrong, no checksum", 128, 2, CHECKSUM_ZERO, 32, TF_EXT_NONE },
    { "length up to the message's last byte", 128, 2, CHECKSUM_RIGHT, 140, TF_EXT_WRONG_LENGTH },
};

static enum tf_ext_found find(const struct find_case *c, size_t len, struct tf_ext_iter *it,
                              size_t *offset)
{
    const struct packet body = body_of(c->quote_len, c->version, c->checksum);

    return tf_ext_find(it, offset, guarded(body.bytes, len), len, c->claimed);
}

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(find_cases); i++) {
        const struct find_case *c = &find_cases[i];
        struct tf_ext_iter it = { NULL, NULL };
        size_t offset = 12345;

        check(find(c, c->quote_len + sizeof structure, &it, &offset) == c->want, "%s", c->name);
        if (c->want == TF_EXT_NONE)
            check(offset == 12345 && it.next == NULL, "%s: nothing is written", c->name);
        else
            check(offset == c->quote_len && it.end - it.next == 8, "%s: place", c->name);
    }
}

/* A checksum covers the whole structure, so a cut one is believed only where there is none. */
static void test_find_in_truncated_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(find_cases); i++) {
        const struct find_case *c = &find_cases[i];
        const bool unchecked = c->want == TF_EXT_BY_LENGTH && c->checksum == CHECKSUM_ZERO;

        for (size_t n = 0; n < c->quote_len + sizeof structure; n++) {
            struct tf_ext_iter it;
            size_t offset = 0;
            const bool want = unchecked && n >= c->quote_len + 4;

            check((find(c, n, &it, &offset) != TF_EXT_NONE) == want, "%s: cut to %zu", c->name, n);
        }
    }
}

struct walk_case {
    const char *name;
    struct bytes objects;
    unsigned n_objects; /* before the end */
    enum tf_status end;
    unsigned n_labels;
    uint32_t first_label;
};

static const struct walk_case walk_cases[] = {
    { "no object", { NULL, 0 }, 0, TF_END, 0, 0 },
    { "one label", BYTES(0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1), 1, TF_END, 1, 16012 },
    { "two labels in one object", BYTES(0, 12, 1, 1, 0x03, 0xe8, 0xc0, 1, 0x03, 0xe8, 0xd1, 1), 1,
      TF_END, 2, 16012 },
    { "two labels in two objects",
      BYTES(0, 8, 1, 1, 0x03, 0xe8, 0xc0, 1, 0, 8, 1, 1, 0x03, 0xe8, 0xd1, 1), 2, TF_END, 2,
      16012 },
    { "an empty stack", BYTES(0, 4, 1, 1), 1, TF_END, 0, 0 },
    { "an unknown class is passed over",
      BYTES(0, 6, 2, 1, 0xff, 0xff, 0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1), 2, TF_END, 1, 16012 },
    { "an MPLS object of another type", BYTES(0, 8, 1, 2, 0x03, 0xe8, 0xc1, 1), 1, TF_END, 0, 0 },
    { "length 0 would loop for ever", BYTES(0, 0, 1, 1, 0x03, 0xe8, 0xc1, 1), 0, TF_BAD, 0, 0 },
    { "length 1", BYTES(0, 1, 1, 1), 0, TF_BAD, 0, 0 },
    { "length 2", BYTES(0, 2, 1, 1), 0, TF_BAD, 0, 0 },
    { "length 3", BYTES(0, 3, 1, 1), 0, TF_BAD, 0, 0 },
    { "beyond the end by one byte", BYTES(0, 9, 1, 1, 0x03, 0xe8, 0xc1, 1), 0, TF_SHORT, 0, 0 },
    { "length 65535", BYTES(0xff, 0xff, 1, 1, 0x03, 0xe8, 0xc1, 1), 0, TF_SHORT, 0, 0 },
    { "three bytes behind the last object", BYTES(0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1, 0, 4, 1), 1,
      TF_SHORT, 1, 16012 },
    { "a good object, then a bad one", BYTES(0, 8, 1, 1, 0x03, 0xe8, 0xc1, 1, 0, 0, 1, 1), 1,
      TF_BAD, 1, 16012 },
};

struct walked {
    unsigned n_objects;
    enum tf_status end;
    struct tf_mpls_stack stack;
};

static struct walked walk(const struct walk_case *c, size_t len)
{
    const uint8_t *objects = guarded(c->objects.at, len);
    struct tf_ext_iter it = { objects, objects + len };
    struct walked walked = { 0 };
    struct tf_ext_obj obj;

    while ((walked.end = tf_ext_next(&it, &obj)) == TF_OK) {
        walked.n_objects++;
        const enum tf_status appended = tf_mpls_append(&walked.stack, &obj);
        check(appended == (obj.class_num == 1 && obj.c_type == 1 ? TF_OK : TF_NOT_OURS),
              "%s: append", c->name);
    }
    const uint8_t *stopped = it.next;
    check(tf_ext_next(&it, &obj) == walked.end && it.next == stopped, "%s: stays where it ended",
          c->name);
    return walked;
}

static void test_walk(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(walk_cases); i++) {
        const struct walk_case *c = &walk_cases[i];
        const struct walked walked = walk(c, c->objects.len);

        check(walked.n_objects == c->n_objects, "%s: %u objects", c->name, walked.n_objects);
        check(walked.end == c->end, "%s: end", c->name);
        check(walked.stack.depth == c->n_labels, "%s: %u labels", c->name, walked.stack.depth);
        check(walked.stack.entry[0].label == c->first_label, "%s: label %u", c->name,
              walked.stack.entry[0].label);
        for (size_t n = 0; n < c->objects.len; n++)
            check(walk(c, n).n_objects <= c->n_objects, "%s: cut to %zu", c->name, n);
    }
}

struct label_case {
    const char *name;
    uint8_t in[4];
    struct tf_mpls want;
};

static const struct label_case label_cases[] = {
    { "zeros", { 0, 0, 0, 0 }, { .label = 0 } },
    { "ones", { 255, 255, 255, 255 }, { .label = 0xfffff, .tc = 7, .ttl = 255, .bottom = true } },
    { "the label's lowest bit", { 0, 0, 0x10, 0 }, { .label = 1 } },
    { "the class's highest bit", { 0, 0, 0x08, 0 }, { .tc = 4 } },
    { "the class's lowest bit", { 0, 0, 0x02, 0 }, { .tc = 1 } },
    { "the bottom bit", { 0, 0, 0x01, 0 }, { .bottom = true } },
    { "a usual entry",
      { 0x03, 0xe8, 0xcb, 64 },
      { .label = 16012, .tc = 5, .ttl = 64, .bottom = true } },
};

static void test_label_entries(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(label_cases); i++) {
        const struct label_case *c = &label_cases[i];
        const struct tf_ext_obj obj = {
            .class_num = 1, .c_type = 1, .payload = c->in, .payload_len = 4
        };
        struct tf_mpls_stack stack = { 0 };

        check(tf_mpls_append(&stack, &obj) == TF_OK, "%s: status", c->name);
        const struct tf_mpls *got = &stack.entry[0];
        check(got->label == c->want.label && got->tc == c->want.tc && got->ttl == c->want.ttl &&
                  got->bottom == c->want.bottom,
              "%s: %u %u %u %d", c->name, got->label, got->tc, got->ttl, got->bottom);
    }
}

static void test_deep_stack(void **state)
{
    uint8_t entries[4 * (TF_MPLS_MAX + 3)] = { 0 };
    struct tf_mpls_stack stack = { 0 };
    const struct tf_ext_obj obj = {
        .class_num = 1, .c_type = 1, .payload = entries, .payload_len = sizeof entries
    };

    (void)state;
    for (size_t i = 0; i < TF_MPLS_MAX + 3; i++)
        entries[4 * i + 3] = (uint8_t)(i + 1);
    assert_int_equal(tf_mpls_append(&stack, &obj), TF_OK);
    assert_int_equal(stack.depth, TF_MPLS_MAX + 3);
    assert_int_equal(tf_mpls_kept(&stack), TF_MPLS_MAX);
    assert_int_equal(stack.entry[0].ttl, 1);
    assert_int_equal(stack.entry[TF_MPLS_MAX - 1].ttl, TF_MPLS_MAX);
}

static void test_part_of_an_entry(void **state)
{
    static const uint8_t entries[8] = { 0x03, 0xe8, 0xc1, 1 };

    (void)state;
    for (size_t n = 0; n <= sizeof entries; n++) {
        const struct tf_ext_obj obj = {
            .class_num = 1, .c_type = 1, .payload = entries, .payload_len = n
        };
        struct tf_mpls_stack stack = { 0 };

        check(tf_mpls_append(&stack, &obj) == (n % 4 == 0 ? TF_OK : TF_BAD), "%zu bytes", n);
        check(stack.depth == (n % 4 == 0 ? n / 4 : 0), "%zu bytes: depth", n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),       cmocka_unit_test(test_find_in_truncated_bodies),
        cmocka_unit_test(test_walk),       cmocka_unit_test(test_label_entries),
        cmocka_unit_test(test_deep_stack), cmocka_unit_test(test_part_of_an_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
