/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a topology file: each form at its limits, and just beyond them. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "traceflow/time.h"
#include "traceflow/wire.h"
#include "values.h"

#define HOUR_NS (3600 * TF_NS_PER_S)

/* What a refused value must not change. */
#define UNTOUCHED 0x5a5a5a5a

struct scalar_case {
    const char *text;
    bool ok;
    int64_t want;
};

static const struct scalar_case durations[] = {
    { "0", true, 0 },
    { "0s", true, 0 },
    { "5ms", true, 5 * TF_NS_PER_MS },
    { "1.5s", true, 1500 * TF_NS_PER_MS },
    { "200us", true, 200000 },
    { "0.001us", true, 1 },
    { "0.000001s", true, 1000 },
    { "007ms", true, 7 * TF_NS_PER_MS },
    { "3600s", true, HOUR_NS },
    { "3600000ms", true, HOUR_NS },
    { "3600000000us", true, HOUR_NS },
    { "3600.000001s", false, 0 },
    { "3600000000.001us", false, 0 },
    { "3601s", false, 0 },
    { "0.0001us", false, 0 },   /* less than a nanosecond */
    { "0.0000001s", false, 0 }, /* seven decimals */
    { "5", false, 0 },
    { "1", false, 0 },
    { "00", false, 0 },
    { "", false, 0 },
    { "ms", false, 0 },
    { ".5s", false, 0 },
    { "1.s", false, 0 },
    { "1.5.5s", false, 0 },
    { "-1s", false, 0 },
    { "+1s", false, 0 },
    { " 1s", false, 0 },
    { "1 s", false, 0 },
    { "1s ", false, 0 },
    { "1S", false, 0 },
    { "1ns", false, 0 },
    { "1e3s", false, 0 },
    { "0x1s", false, 0 },
    { "99999999999999999999999s", false, 0 },
    { "18446744073709551617us", false, 0 }, /* 2^64 + 1 */
};

static const struct scalar_case percents[] = {
    { "0", true, 0 },          { "0%", true, 0 },
    { "10%", true, 100000 },   { "0.5%", true, 5000 },
    { "0.0001%", true, 1 },    { "99.9999%", true, 999999 },
    { "100%", true, 1000000 }, { "100.0001%", false, 0 },
    { "101%", false, 0 },      { "0.00001%", false, 0 },
    { "10", false, 0 },        { "-1%", false, 0 },
    { "%", false, 0 },         { "10%%", false, 0 },
    { "1 %", false, 0 },       { "42949672970%", false, 0 }, /* 10 * 2^32 + 10 */
};

static const struct scalar_case rates[] = {
    { "1/s", true, TF_NS_PER_S },
    { "100/s", true, 10 * TF_NS_PER_MS },
    { "0.5/s", true, 2 * TF_NS_PER_S },
    { "6/min", true, 10 * TF_NS_PER_S },
    { "3/s", true, 333333333 },
    { "1000000/s", true, 1000 },
    { "60000000/min", true, 1000 },
    { "1001001/s", false, 0 },
    { "10000000000/s", false, 0 },
    { "0.016667/min", true, 3599928001439 },
    { "0.016666/min", false, 0 }, /* more than an hour */
    { "0/s", false, 0 },
    { "0.0000001/s", false, 0 },
    { "1", false, 0 },
    { "1/", false, 0 },
    { "1/h", false, 0 },
    { "/s", false, 0 },
    { "-1/s", false, 0 },
    { "1 /s", false, 0 },
};

static void test_durations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(durations); i++) {
        const struct scalar_case *c = &durations[i];
        int64_t ns = UNTOUCHED;

        check(value_duration(c->text, &ns) == c->ok, "'%s'", c->text);
        check(ns == (c->ok ? c->want : UNTOUCHED), "'%s': %lld ns", c->text, (long long)ns);
    }
}

static void test_percents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(percents); i++) {
        const struct scalar_case *c = &percents[i];
        uint32_t ppm = UNTOUCHED;

        check(value_percent(c->text, &ppm) == c->ok, "'%s'", c->text);
        check(ppm == (c->ok ? c->want : UNTOUCHED), "'%s': %u ppm", c->text, ppm);
    }
}

static void test_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rates); i++) {
        const struct scalar_case *c = &rates[i];
        int64_t token_ns = UNTOUCHED;

        check(value_rate(c->text, &token_ns) == c->ok, "'%s'", c->text);
        check(token_ns == (c->ok ? c->want : UNTOUCHED), "'%s': %lld ns", c->text,
              (long long)token_ns);
    }
}

struct range_case {
    const char *text;
    uint64_t low;
    uint64_t high;
    bool ok;
    uint64_t want[2];
};

static const struct range_case ranges[] = {
    { "1", 1, 24, true, { 1, 1 } },       { "6-14", 1, 24, true, { 6, 14 } },
    { "24-24", 1, 24, true, { 24, 24 } }, { "0", 1, 24, false, { 0 } },
    { "0-3", 1, 24, false, { 0 } },       { "25", 1, 24, false, { 0 } },
    { "6-25", 1, 24, false, { 0 } },      { "14-6", 1, 24, false, { 0 } },
    { "6-", 1, 24, false, { 0 } },        { "-6", 1, 24, false, { 0 } },
    { "6-7-8", 1, 24, false, { 0 } },     { "6 - 7", 1, 24, false, { 0 } },
    { "6x", 1, 24, false, { 0 } },        { "", 0, 24, false, { 0 } },
};

static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        const struct range_case *c = &ranges[i];
        uint64_t range[2] = { 0, 0 };

        check(value_range(c->text, c->low, c->high, range) == c->ok, "'%s'", c->text);
        check(memcmp(range, c->want, sizeof range) == 0, "'%s': limits", c->text);
    }
}

static void test_numbers(void **state)
{
    static const struct range_case numbers[] = {
        { "0", 0, 0, true, { 0 } },
        { "1000000000000000000",
          0,
          UINT64_C(1000000000000000000),
          true,
          { UINT64_C(1000000000000000000) } },
        { "1000000000000000001", 0, UINT64_C(1000000000000000000), false, { 0 } },
        { "4294967296", 0, UINT32_MAX, false, { 0 } },
        { "18446744073709551616", 0, UINT32_MAX, false, { 0 } },
        { "68", 68, 100, true, { 68 } },
        { "67", 68, 100, false, { 0 } },
        { "+68", 68, 100, false, { 0 } },
        { "68.0", 68, 100, false, { 0 } },
        { "68 ", 68, 100, false, { 0 } },
        { "", 0, 100, false, { 0 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const struct range_case *c = &numbers[i];
        uint64_t number = 0;

        check(value_number(c->text, c->low, c->high, &number) == c->ok, "'%s'", c->text);
        check(number == c->want[0], "'%s': value", c->text);
    }
}

struct ports_case {
    const char *text;
    bool ok;
    struct port_range want;
};

static const struct ports_case denied[] = {
    { "all", true, { 0, 0, 65535 } },
    { "icmp", true, { TF_IP_PROTO_ICMP, 0, 65535 } },
    { "udp", true, { TF_IP_PROTO_UDP, 0, 65535 } },
    { "udp:all", true, { TF_IP_PROTO_UDP, 0, 65535 } },
    { "udp:33434-33534", true, { TF_IP_PROTO_UDP, 33434, 33534 } },
    { "tcp:80", true, { TF_IP_PROTO_TCP, 80, 80 } },
    { "tcp:1-65535", true, { TF_IP_PROTO_TCP, 1, 65535 } },
    { "tcp:0", false, { 0 } },
    { "tcp:65536", false, { 0 } },
    { "tcp:", false, { 0 } },
    { "icmp:1", false, { 0 } },
    { "all:80", false, { 0 } },
    { "80", false, { 0 } },
    { ":80", false, { 0 } },
    { "UDP", false, { 0 } },
    { "", false, { 0 } },
};

static void test_denied(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(denied); i++) {
        const struct ports_case *c = &denied[i];
        struct port_range range = { 0 };

        check(value_denied(c->text, &range) == c->ok, "'%s'", c->text);
        check(range.protocol == c->want.protocol && range.first == c->want.first &&
                  range.last == c->want.last,
              "'%s': %u %u-%u", c->text, range.protocol, range.first, range.last);
    }
}

struct label_case {
    const char *text;
    bool ok;
    struct tf_mpls want;
};

static const struct label_case labels[] = {
    { "0", true, { 0, 0, 1, false } },
    { "16001", true, { 16001, 0, 1, false } },
    { "1048575:7:255", true, { 1048575, 7, 255, false } },
    { "16001:3", true, { 16001, 3, 1, false } },
    { "1:0:0", true, { 1, 0, 0, false } },
    { "1048576", false, { 0 } },
    { "1:8", false, { 0 } },
    { "1:0:256", false, { 0 } },
    { "1:", false, { 0 } },
    { "1::1", false, { 0 } },
    { "1:0:", false, { 0 } },
    { "1:0:1:1", false, { 0 } },
    { ":1", false, { 0 } },
    { "one", false, { 0 } },
};

static void test_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        const struct label_case *c = &labels[i];
        struct tf_mpls entry = { 0 };

        check(value_label(c->text, &entry) == c->ok, "'%s'", c->text);
        check(entry.label == c->want.label && entry.tc == c->want.tc && entry.ttl == c->want.ttl,
              "'%s': %u:%u:%u", c->text, entry.label, entry.tc, entry.ttl);
    }
}

static void test_lists(void **state)
{
    static const char *const lists[] = { "a b c", "a,b,c", " a ,\tb,, c, ", "a\tb c" };
    g_auto(GStrv) empty = value_list(" ,\t,");

    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        g_auto(GStrv) words = value_list(lists[i]);
        g_autofree char *joined = g_strjoinv("|", words);
        check(strcmp(joined, "a|b|c") == 0, "'%s': %s", lists[i], joined);
    }
    assert_null(empty[0]);
}

struct name_case {
    const char *text;
    bool is_id;
    bool is_dns_name;
};

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz"

static const struct name_case names[] = {
    { "r0", true, true },
    { "a.b-c_D.9", true, true },
    { LABEL_63, true, true },
    { LABEL_63 "x", false, false },
    { LABEL_63 "." LABEL_63, false, true },
    { LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, false, false }, /* 255 characters */
    { "", false, false },
    { ".", true, false },
    { "a.", true, false },
    { ".a", true, false },
    { "a..b", true, false },
    { "-a", true, false },
    { "a-", true, false },
    { "a b", false, false },
    { "a*2", false, false },
    { "å", false, false },
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        check(value_is_id(names[i].text) == names[i].is_id, "'%s': ID", names[i].text);
        check(value_is_dns_name(names[i].text) == names[i].is_dns_name, "'%s': DNS name",
              names[i].text);
    }
}

static void test_words(void **state)
{
    static const struct word words[] = {
        { "flow", 1 }, { "packet", 2 }, { "all", 3 }, { NULL, 0 }
    };
    g_autofree char *text = value_words_text(words);
    unsigned value = 0;

    (void)state;
    assert_string_equal(text, "flow, packet or all");
    assert_true(value_word("packet", words, &value));
    assert_int_equal(value, 2);
    assert_false(value_word("pack", words, &value));
    assert_false(value_word("", words, &value));
    assert_int_equal(value, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations), cmocka_unit_test(test_percents),
        cmocka_unit_test(test_rates),     cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_denied),
        cmocka_unit_test(test_labels),    cmocka_unit_test(test_lists),
        cmocka_unit_test(test_names),     cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
