/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Destinations as they are written: literals of both versions, zones, and exact refusals. */
#include "support.h"

#include <string.h>

#include "resolve.h"
#include "traceflow/error.h"

struct good_case {
    const char *text;
    uint8_t version; /* asked for */
    const char *addr;
    const char *zone;
};

static const struct good_case good[] = {
    { "192.0.2.1", 0, "192.0.2.1", "" },
    { "192.0.2.1", 4, "192.0.2.1", "" },
    { "127.0.0.1", 0, "127.0.0.1", "" },
    { "2001:db8::1", 0, "2001:db8::1", "" },
    { "2001:DB8:0:0::1", 6, "2001:db8::1", "" },
    { "::1", 0, "::1", "" },
    { "fe80::1%lo", 0, "fe80::1", "lo" },
    { "fe80::1%1", 6, "fe80::1", "lo" }, /* every namespace's first interface is its loopback */
    { "febf::9%lo", 0, "febf::9", "lo" },
    { "fe80::1", 0, "fe80::1", "" }, /* -i may name the interface */
};

static void test_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        const struct tf_addr want = addr(good[i].addr);
        struct destination got;
        g_autoptr(GError) error = NULL;

        check(resolve_destination(good[i].text, good[i].version, &got, &error), "%s: %s",
              good[i].text, error == NULL ? "" : error->message);
        check(tf_addr_equal(&got.addr, &want) && !got.is_name, "%s: address", good[i].text);
        check(strcmp(got.zone, good[i].zone) == 0, "%s: zone %s", good[i].text, got.zone);
    }
}

struct bad_case {
    const char *text;
    uint8_t version;
    const char *why;
};

static const struct bad_case bad[] = {
    { "192.0.2.1", 6, "not an IPv6 address" },
    { "2001:db8::1", 4, "not an IPv4 address" },
    { "0.0.0.0", 0, "not the address of one host" },
    { "224.0.0.1", 0, "not the address of one host" },
    { "239.255.255.255", 0, "not the address of one host" },
    { "255.255.255.255", 0, "not the address of one host" },
    { "::", 0, "not the address of one host" },
    { "ff02::1", 0, "not the address of one host" },
    { "::ffff:192.0.2.1", 0, "stands for an IPv4 address: give that" },
    { "2001:db8::1%lo", 0, "only a link-local address has a zone" },
    { "192.0.2.1%lo", 0, "only a link-local address has a zone" },
    { "fe80::1%", 0, "no such interface" },
    { "fe80::1%nosuch0", 0, "no such interface" },
    { "fe80::1%4294967296", 0, "no such interface" },
    { "fe80::1%-1", 0, "no such interface" },
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct destination got;
        g_autoptr(GError) error = NULL;
        g_autofree char *want = g_strdup_printf("%s: %s", bad[i].text, bad[i].why);

        check(!resolve_destination(bad[i].text, bad[i].version, &got, &error), "%s", bad[i].text);
        check(strcmp(error->message, want) == 0, "%s: got %s", bad[i].text, error->message);
        check(g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: exit status", bad[i].text);
    }
}

/* The one name that is resolved without asking anybody (RFC 6761 section 6.3). */
static void test_localhost(void **state)
{
    const struct tf_addr want = addr("127.0.0.1");
    struct destination got;

    (void)state;
    assert_true(resolve_destination("localhost", 4, &got, NULL));
    assert_true(got.is_name && tf_addr_equal(&got.addr, &want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_localhost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
