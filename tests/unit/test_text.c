/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the packet list, put together without printf, and as it would have put them. */
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "traceflow/time.h"

struct number_case {
    uint32_t number;
    const char *plain;
    const char *aligned;
};

static const struct number_case number_cases[] = {
    { 0, "0", " 0" },
    { 9, "9", " 9" },
    { 10, "10", "10" },
    { 100, "100", "100" },
    { 65535, "65535", "65535" },
    { UINT32_MAX, "4294967295", "4294967295" },
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(number_cases); i++) {
        const struct number_case *c = &number_cases[i];
        struct text text;

        text_begin(&text);
        text_add_number(&text, c->number);
        check(strcmp(text.bytes, c->plain) == 0, "%" PRIu32 ": %s", c->number, text.bytes);
        text_begin(&text);
        text_add_aligned(&text, c->number);
        check(strcmp(text.bytes, c->aligned) == 0, "%" PRIu32 " aligned: %s", c->number,
              text.bytes);
    }
}

struct ms_case {
    const char *name;
    int64_t time_ns;
    const char *want;
};

static const struct ms_case ms_cases[] = {
    { "none", 0, "0.000 ms" },
    { "below the last digit", 499, "0.000 ms" },
    { "above half of it", 501, "0.001 ms" },
    { "zeros behind the point", 42000, "0.042 ms" },
    { "rounded up to a millisecond", 999501, "1.000 ms" },
    { "a millisecond", 1000000, "1.00 ms" },
    { "two digits", 3141592, "3.14 ms" },
    { "a tie that is less in binary", 2445000, "2.44 ms" },
    { "a tie that is more in binary", 1235000, "1.24 ms" },
    { "rounded up to ten", 9996000, "10.00 ms" },
    { "ten", 10000000, "10.0 ms" },
    { "one digit", 27182818, "27.2 ms" },
    { "a second", TF_NS_PER_S, "1000.0 ms" },
    { "all the time that there is", TF_SECONDS_MAX *TF_NS_PER_S, "4294967295000.0 ms" },
    { "backwards", -1500000, "-1.500 ms" },
};

static void test_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ms_cases); i++) {
        const struct ms_case *c = &ms_cases[i];
        struct text text;

        text_begin(&text);
        text_add_ms(&text, c->time_ns);
        check(strcmp(text.bytes, c->want) == 0, "%s: %s", c->name, text.bytes);
    }
}

/* 997 is prime to all units: every rest comes up. */
static void test_times_are_as_printf_has_them(void **state)
{
    (void)state;
    for (int64_t time_ns = 0; time_ns < 20 * TF_NS_PER_MS; time_ns += 997) {
        const double time_ms = (double)time_ns / (double)TF_NS_PER_MS;
        char want[64];
        struct text text;

        snprintf(want, sizeof want, "%.*f ms", time_ms < 1 ? 3 : time_ms < 10 ? 2 : 1, time_ms);
        text_begin(&text);
        text_add_ms(&text, time_ns);
        check(strcmp(text.bytes, want) == 0, "%" PRId64 " ns: %s, not %s", time_ns, text.bytes,
              want);
    }
}

static void test_addresses(void **state)
{
    static const char *const cases[] = { "0.0.0.0", "192.0.2.7", "255.255.255.255", "2001:db8::1",
                                         "::" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tf_addr address = addr(cases[i]);
        struct text text;

        text_begin(&text);
        text_add_addr(&text, &address);
        check(strcmp(text.bytes, cases[i]) == 0, "%s: %s", cases[i], text.bytes);
    }
}

/* Whatever is added, the line ends within its bytes. */
static void test_what_does_not_fit_is_left_away(void **state)
{
    struct text text;

    (void)state;
    text_begin(&text);
    for (int i = 0; i < TEXT_MAX - 4; i++)
        text_add(&text, "x");
    text_add(&text, "four");
    text_add_number(&text, 1000);
    assert_int_equal(strlen(text.bytes), TEXT_MAX - 4);
    text_add_number(&text, 100);
    text_add_number(&text, 1);
    text_add(&text, "y");
    assert_int_equal(strlen(text.bytes), TEXT_MAX - 1);
    assert_string_equal(text.bytes + TEXT_MAX - 5, "x100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_times_are_as_printf_has_them),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_what_does_not_fit_is_left_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
