/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses have no origin: the first and last of each special range, and their neighbours.
 */
#include "special.h"
#include "support.h"

static const struct {
    const char *name;
    const char *first;
    const char *last;
    const char *below; /* ordinary neighbours, or NULL */
    const char *above;
} ranges[] = {
    { "this network", "0.0.0.0", "0.255.255.255", NULL, "1.0.0.0" },
    { "private, 24 bits", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0" },
    { "shared", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0" },
    { "loopback", "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0" },
    { "link-local", "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0" },
    { "private, 20 bits", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0" },
    { "protocol assignments", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0" },
    { "documentation 1", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0" },
    { "private, 16 bits", "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0" },
    { "benchmarking", "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0" },
    { "documentation 2", "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0" },
    { "documentation 3", "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0" },
    { "multicast, reserved", "224.0.0.0", "255.255.255.255", "223.255.255.255", NULL },
    { "all below global IPv6", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
    { "IPv6 protocol assignments, Teredo", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
      "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
    { "IPv6 documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
      "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
    { "6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
    { "new IPv6 documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
      "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
    { "all above global IPv6", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
    { "unique local, link-local, NAT64", "fc00::1", "fe80::1", NULL, NULL },
};

static bool is_special(const char *text)
{
    const struct tf_addr at = addr(text);

    return addr_is_special(&at);
}

static void test_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        check(is_special(ranges[i].first), "%s: first", ranges[i].name);
        check(is_special(ranges[i].last), "%s: last", ranges[i].name);
        if (ranges[i].below != NULL)
            check(!is_special(ranges[i].below), "%s: the one below", ranges[i].name);
        if (ranges[i].above != NULL)
            check(!is_special(ranges[i].above), "%s: the one above", ranges[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
