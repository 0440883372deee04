/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksum: RFC 1071's examples, pseudo headers, both zeros, and RFC 1624 against a slow oracle. */
#include "support.h"

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"

struct sum_case {
    const char *name;
    struct bytes in;
    uint16_t folded;
};

static const struct sum_case sum_cases[] = {
    { "nothing", { NULL, 0 }, 0 },
    { "RFC 1071 section 3", BYTES(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0xddf2 },
    { "one byte is a high byte", BYTES(0x01), 0x0100 },
    { "three bytes, carry", BYTES(0xff, 0xff, 0xff), 0xff00 },
    { "zeros", BYTES(0, 0, 0, 0), 0 },
    { "negative zero", BYTES(0xff, 0xff), 0xffff },
    { "two negative zeros", BYTES(0xff, 0xff, 0xff, 0xff), 0xffff },
    { "carry that carries again", BYTES(0xff, 0xff, 0xff, 0xff, 0x00, 0x01), 0x0001 },
    /* 69.0 len 115, DF, TTL 64, UDP, checksum b861, 192.168.0.1 > 192.168.0.199: adds up to -0 */
    { "an IPv4 header whose checksum is right",
      BYTES(0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8,
            0, 0xc7),
      0xffff },
};

static void test_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sum_cases); i++) {
        const struct sum_case *c = &sum_cases[i];
        const uint8_t *in = guarded(c->in.at, c->in.len);
        const uint16_t checksum = tf_checksum(in, c->in.len);

        check(tf_sum_fold(tf_sum_add(0, in, c->in.len)) == c->folded, "%s: sum", c->name);
        check(checksum + c->folded == 0xffff, "%s: checksum", c->name);
    }
}

struct fold_case {
    const char *name;
    uint32_t in;
    uint16_t want;
};

static const struct fold_case fold_cases[] = {
    { "zero", 0, 0 },
    { "no carry", 0xffff, 0xffff },
    { "carry alone", 0x10000, 1 },
    { "carry makes negative zero", 0x1fffe, 0xffff },
    { "carry makes a carry", 0x1ffff, 1 },
    { "RFC 1071 section 3", 0x2ddf0, 0xddf2 },
    { "the most", 0xffffffff, 0xffff },
};

static void test_fold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(fold_cases); i++)
        check(tf_sum_fold(fold_cases[i].in) == fold_cases[i].want, "%s", fold_cases[i].name);
}

static void test_64_kib_do_not_overflow(void **state)
{
    static uint8_t ones[65536];

    (void)state;
    for (size_t i = 0; i < sizeof ones; i++)
        ones[i] = 0xff;
    check(tf_sum_add(0, ones, sizeof ones) == 0x8000u * 0xffff, "65,536 bytes of ones: sum");
    check(tf_checksum(ones, sizeof ones) == 0, "65,536 bytes of ones: checksum");
}

struct pseudo_case {
    const char *name;
    const char *src;
    const char *dst;
    uint8_t protocol;
    uint16_t length;
    uint32_t want; /* by hand: the words added up */
};

static const struct pseudo_case pseudo_cases[] = {
    /* c000 + 0201 + c633 + 6409 + 11 + 18 */
    { "RFC 768", "192.0.2.1", "198.51.100.9", 17, 24, 0x1ec66 },
    /* 2001 + db8 + 1 + 2001 + db8 + 9 + 3a + 20 */
    { "RFC 8200 section 8.1", "2001:db8::1", "2001:db8::9", 58, 32, 0x5bd6 },
};

static void test_pseudo_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pseudo_cases); i++) {
        const struct pseudo_case *c = &pseudo_cases[i];
        const struct tf_addr src = addr(c->src);
        const struct tf_addr dst = addr(c->dst);

        check(tf_sum_add_pseudo(0, &src, &dst, c->protocol, c->length) == c->want, "%s", c->name);
        check(tf_sum_add_pseudo(7, &src, &dst, c->protocol, c->length) == c->want + 7,
              "%s: adds to what is there", c->name);
    }
}

struct sub_case {
    const char *name;
    uint16_t a, b, want;
};

static const struct sub_case sub_cases[] = {
    { "0 - 0", 0, 0, 0 },
    { "-0 - 0", 0xffff, 0, 0 },
    { "0 - -0", 0, 0xffff, 0 },
    { "-0 - -0", 0xffff, 0xffff, 0 },
    { "5 - 3", 5, 3, 2 },
    { "3 - 5 is -2", 3, 5, 0xfffd },
    { "0 - 1 is -1", 0, 1, 0xfffe },
    { "-0 - 1 is -1", 0xffff, 1, 0xfffe },
    { "1 - 1", 1, 1, 0 },
    { "x - -0 is x", 0x1234, 0xffff, 0x1234 },
};

static void test_sum_sub(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sub_cases); i++)
        check(tf_sum_sub(sub_cases[i].a, sub_cases[i].b) == sub_cases[i].want, "%s",
              sub_cases[i].name);
}

/* Slow and plain: the sum of all words, modulo 0xffff, by division. */
static uint16_t slow_sum(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += (uint64_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    return (uint16_t)(sum % 0xffff);
}

/* RFC 1624: what a field's change does to the sum can be told without the rest of the bytes. */
static void test_change_of_a_word(void **state)
{
    uint32_t seed = 1624;
    uint8_t buf[61];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        const size_t len = 2 + next_random(&seed) % (sizeof buf - 1);
        const size_t at = next_random(&seed) % (len / 2) * 2;
        for (size_t i = 0; i < len; i++)
            buf[i] = (uint8_t)(next_random(&seed) >> 8);
        const uint16_t before = tf_sum_fold(tf_sum_add(0, buf, len));
        const uint16_t old = tf_get_u16(buf + at);
        const uint16_t new = (uint16_t)(round % 16 == 0 ? 0xffff : next_random(&seed));

        check(before % 0xffff == slow_sum(buf, len), "round %d: sum", round);
        tf_put_u16(buf + at, new);
        const uint16_t after = tf_sum_fold((uint32_t)tf_sum_sub(before, old) + new);
        check(after % 0xffff == slow_sum(buf, len), "round %d: sum after the change", round);
        check(tf_sum_sub(after, before) == tf_sum_sub(new, old), "round %d: difference", round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),          cmocka_unit_test(test_fold),
        cmocka_unit_test(test_pseudo_header), cmocka_unit_test(test_64_kib_do_not_overflow),
        cmocka_unit_test(test_sum_sub),       cmocka_unit_test(test_change_of_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
