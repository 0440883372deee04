/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: text against inet_ntop, order and equality. */
#include "support.h"

#include <arpa/inet.h>
#include <string.h>

static const char *const texts[] = {
    "0.0.0.0",
    "192.0.2.1",
    "255.255.255.255",
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "2001:db8:0:1:1:1:1:1",
    "2001:db8:0:0:1::1",
    "2001:0:0:1::1",
    "1:0:0:2:0:0:0:3",
    "1:0:0:2:3:0:0:4",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "fe80::a:0:0:b",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "0:0:1::",
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct tf_addr a = addr(texts[i]);
        char want[INET6_ADDRSTRLEN];
        char got[TF_ADDR_TEXT_LEN];

        inet_ntop(a.version == 6 ? AF_INET6 : AF_INET, a.bytes, want, sizeof want);
        check(strcmp(tf_addr_text(&a, got), want) == 0, "%s: got %s, want %s", texts[i], got, want);
    }
}

static void test_a_single_zero_group_is_not_shortened(void **state)
{
    const struct tf_addr a = addr("2001:db8:0:1:1:1:1:1"); /* RFC 5952 section 4.2.2 */
    char got[TF_ADDR_TEXT_LEN];

    (void)state;
    assert_string_equal(tf_addr_text(&a, got), "2001:db8:0:1:1:1:1:1");
}

static void test_order(void **state)
{
    static const char *const ascending[] = { "0.0.0.0", "9.9.9.9",     "10.0.0.1",   "10.0.0.2",
                                             "::",      "2001:db8::1", "2001:db8::2" };

    (void)state;
    for (size_t i = 0; i < COUNT(ascending); i++)
        for (size_t j = 0; j < COUNT(ascending); j++) {
            const struct tf_addr a = addr(ascending[i]);
            const struct tf_addr b = addr(ascending[j]);
            const int order = tf_addr_compare(&a, &b);

            check((order < 0) == (i < j) && (order > 0) == (i > j), "%s and %s", ascending[i],
                  ascending[j]);
            check(tf_addr_equal(&a, &b) == (i == j), "%s equals %s", ascending[i], ascending[j]);
        }
}

static void test_bytes_beyond_the_address_do_not_count(void **state)
{
    struct tf_addr a = addr("192.0.2.1");
    const struct tf_addr b = a;

    (void)state;
    a.bytes[4] = 1;
    check(tf_addr_equal(&a, &b), "an IPv4 address has 4 bytes");
    check(tf_addr_len(&a) == 4, "length");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_a_single_zero_group_is_not_shortened),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bytes_beyond_the_address_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
