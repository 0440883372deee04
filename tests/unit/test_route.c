/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes that every host has, and exact refusals; real ones are tested end to end. */
#include "support.h"

#include <string.h>

#include "route.h"
#include "traceflow/error.h"

static void test_loopback(void **state)
{
    static const char *const interfaces[] = { NULL, "lo", ROUTE_ANY_INTERFACE };
    const struct tf_addr loopback = addr("127.0.0.1");

    (void)state;
    for (size_t i = 0; i < COUNT(interfaces); i++) {
        const char *name = interfaces[i] == NULL ? "no interface given" : interfaces[i];
        struct route route;
        g_autoptr(GError) error = NULL;

        check(route_find(&route, &loopback, interfaces[i], NULL, &error), "%s: %s", name,
              error == NULL ? "" : error->message);
        check(strcmp(route.interface, "lo") == 0, "%s: %s", name, route.interface);
        check(tf_addr_equal(&route.src, &loopback), "%s: source", name);
        check(tf_addr_equal(&route.next_hop, &loopback), "%s: next hop", name);
    }
}

struct bad_case {
    const char *dst;
    const char *interface;
    const char *src;
    enum tf_exit status;
    const char *message;
};

static const struct bad_case bad[] = {
    { "127.0.0.1", "nosuch0", NULL, TF_EXIT_IO, "nosuch0: no such interface" },
    { "127.0.0.1", "a-name-longer-than-any", NULL, TF_EXIT_IO,
      "a-name-longer-than-any: no such interface" },
    { "127.0.0.1", NULL, "192.0.2.1", TF_EXIT_IO, "192.0.2.1: not an address of this host" },
    { "127.0.0.1", NULL, "::1", TF_EXIT_USAGE,
      "::1: a source of another IP version than the destination" },
    { "2001:db8::1", NULL, "127.0.0.1", TF_EXIT_USAGE,
      "127.0.0.1: a source of another IP version than the destination" },
    { "fe80::1", NULL, NULL, TF_EXIT_USAGE,
      "fe80::1: link-local: the interface must be given (-i, or %IFACE behind)" },
    { "fe80::1", ROUTE_ANY_INTERFACE, NULL, TF_EXIT_USAGE,
      "fe80::1: link-local: the interface must be given (-i, or %IFACE behind)" },
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const struct tf_addr dst = addr(bad[i].dst);
        const struct tf_addr src = addr(bad[i].src == NULL ? "127.0.0.1" : bad[i].src);
        struct route route;
        g_autoptr(GError) error = NULL;

        check(!route_find(&route, &dst, bad[i].interface, bad[i].src == NULL ? NULL : &src, &error),
              "%s", bad[i].message);
        check(strcmp(error->message, bad[i].message) == 0, "got %s", error->message);
        check(g_error_matches(error, TF_ERROR, (gint)bad[i].status), "%s: exit status",
              bad[i].message);
    }
}

static void test_link_local(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct tf_addr inside = addr(i == 0 ? "fe80::1" : "febf:ffff::1");
        const struct tf_addr outside = addr(i == 0 ? "fec0::1" : "fe7f::1");
        assert_true(route_is_link_local(&inside));
        assert_false(route_is_link_local(&outside));
    }
    const struct tf_addr ipv4 = addr("254.128.0.1");
    assert_false(route_is_link_local(&ipv4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loopback),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_link_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
