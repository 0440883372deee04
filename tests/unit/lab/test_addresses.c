/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and prefixes of a topology file: what one node can have, and what is in what. */
#include "support.h"

#include <string.h>

#include "addresses.h"

struct address_case {
    const char *text;
    bool ok;
};

static const struct address_case addresses[] = {
    { "1.0.0.0", true },
    { "10.0.0.1", true },
    { "126.255.255.255", true },
    { "128.0.0.0", true },
    { "223.255.255.255", true },
    { "2001:db8::1", true },
    { "fe00::1", true },
    { "fec0::1", true },
    { "fdff::1", true },
    { "0:0:0:1::", true },
    /* nobody's */
    { "0.0.0.0", false },
    { "0.255.255.255", false },
    { "127.0.0.1", false },
    { "224.0.0.1", false },
    { "240.0.0.1", false },
    { "255.255.255.255", false },
    { "::", false },
    { "::1", false },
    { "::ffff:10.0.0.1", false },
    { "ff02::1", false },
    { "fe80::1", false },
    { "febf::1", false },
    /* no address */
    { "", false },
    { "10.0.0", false },
    { "10.0.0.256", false },
    { "10.0.0.01", false },
    { "10.0.0.1.", false },
    { "10.0.0.1/32", false },
    { " 10.0.0.1", false },
    { "2001:db8::1%eth0", false },
    { "[2001:db8::1]", false },
    { "2001:db8::1::", false },
    { "10000::1", false },
    { "host", false },
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        const struct address_case *c = &addresses[i];
        struct tf_addr got = { 0 };

        check(value_address(c->text, &got) == c->ok, "'%s'", c->text);
        if (c->ok) {
            const struct tf_addr want = addr(c->text);
            check(tf_addr_equal(&got, &want), "'%s': value", c->text);
        }
        check(c->ok || got.version == 0, "'%s': nothing written", c->text);
    }
}

struct prefix_case {
    const char *text;
    const char *want; /* NULL: refused */
};

static const struct prefix_case prefixes[] = {
    { "0.0.0.0/0", "0.0.0.0/0" },
    { "::/0", "::/0" },
    { "10.0.0.0/8", "10.0.0.0/8" },
    { "10.128.0.0/9", "10.128.0.0/9" },
    { "10.0.0.1", "10.0.0.1/32" },
    { "10.0.0.1/32", "10.0.0.1/32" },
    { "255.255.255.254/31", "255.255.255.254/31" },
    { "2001:db8::/32", "2001:db8::/32" },
    { "2001:db8::1", "2001:db8::1/128" },
    { "224.0.0.0/4", "224.0.0.0/4" },
    { "10.0.0.1/8", NULL },
    { "10.128.0.0/8", NULL },
    { "255.255.255.255/31", NULL },
    { "2001:db8::1/127", NULL },
    { "10.0.0.0/33", NULL },
    { "::/129", NULL },
    { "10.0.0.0/", NULL },
    { "10.0.0.0/-1", NULL },
    { "10.0.0.0/8/8", NULL },
    { "10/8", NULL },
    { "/8", NULL },
    { "", NULL },
};

static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        const struct prefix_case *c = &prefixes[i];
        struct prefix prefix = { 0 };
        char text[PREFIX_TEXT_LEN];

        check(value_prefix(c->text, &prefix) == (c->want != NULL), "'%s'", c->text);
        if (c->want != NULL)
            check(strcmp(prefix_text(&prefix, text), c->want) == 0, "'%s': %s", c->text, text);
    }
}

struct endpoint_case {
    const char *text;
    const char *addr; /* NULL: refused */
    uint16_t port;
};

static const struct endpoint_case endpoints[] = {
    { "10.0.0.1", "10.0.0.1", 0 },
    { "10.0.0.1:80", "10.0.0.1", 80 },
    { "10.0.0.1:65535", "10.0.0.1", 65535 },
    { "2001:db8::1", "2001:db8::1", 0 },
    { "[2001:db8::1]", "2001:db8::1", 0 },
    { "[2001:db8::1]:80", "2001:db8::1", 80 },
    { "10.0.0.1:0", NULL, 0 },
    { "10.0.0.1:65536", NULL, 0 },
    { "10.0.0.1:", NULL, 0 },
    { "10.0.0.1:80:80", NULL, 0 },
    { "[10.0.0.1]:80", NULL, 0 },
    { "[2001:db8::1", NULL, 0 },
    { "[2001:db8::1]80", NULL, 0 },
    { "[2001:db8::1]:", NULL, 0 },
    { "[]", NULL, 0 },
    { "[", NULL, 0 },
    { ":80", NULL, 0 },
    { "", NULL, 0 },
};

static void test_endpoints(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(endpoints); i++) {
        const struct endpoint_case *c = &endpoints[i];
        struct tf_addr got = { 0 };
        uint16_t port = 0;

        check(value_endpoint(c->text, &got, &port) == (c->addr != NULL), "'%s'", c->text);
        check(port == c->port, "'%s': port %u", c->text, port);
        if (c->addr != NULL) {
            const struct tf_addr want = addr(c->addr);
            check(tf_addr_equal(&got, &want), "'%s': address", c->text);
        }
    }
}

struct inside_case {
    const char *prefix;
    const char *addr;
    bool inside;
};

static const struct inside_case insides[] = {
    { "0.0.0.0/0", "255.255.255.255", true },
    { "0.0.0.0/0", "2001:db8::1", false },
    { "::/0", "2001:db8::1", true },
    { "::/0", "10.0.0.1", false },
    { "10.0.0.0/8", "10.255.255.255", true },
    { "10.0.0.0/8", "11.0.0.0", false },
    { "10.0.0.0/9", "10.127.255.255", true },
    { "10.0.0.0/9", "10.128.0.0", false },
    { "10.0.0.8/31", "10.0.0.9", true },
    { "10.0.0.8/31", "10.0.0.10", false },
    { "10.0.0.8/32", "10.0.0.8", true },
    { "10.0.0.8/32", "10.0.0.9", false },
    { "2001:db8::/33", "2001:db8:7fff::1", true },
    { "2001:db8::/33", "2001:db8:8000::1", false },
    { "2001:db8::1/128", "2001:db8::1", true },
    { "2001:db8::1/128", "2001:db8::2", false },
};

static void test_insides(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(insides); i++) {
        const struct inside_case *c = &insides[i];
        const struct tf_addr of = addr(c->addr);
        struct prefix prefix = { 0 };

        check(value_prefix(c->prefix, &prefix), "%s", c->prefix);
        check(prefix_contains(&prefix, &of) == c->inside, "%s in %s", c->addr, c->prefix);
    }
}

struct overlap_case {
    const char *a;
    const char *b;
    bool overlap;
};

static const struct overlap_case overlaps[] = {
    { "10.0.0.0/8", "10.1.0.0/16", true }, { "10.0.0.0/8", "10.0.0.0/8", true },
    { "10.0.0.0/8", "11.0.0.0/8", false }, { "0.0.0.0/0", "::/0", false },
    { "::/0", "2001:db8::1", true },
};

static void test_overlaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(overlaps); i++) {
        const struct overlap_case *c = &overlaps[i];
        struct prefix a = { 0 };
        struct prefix b = { 0 };

        check(value_prefix(c->a, &a) && value_prefix(c->b, &b), "%s and %s", c->a, c->b);
        check(prefix_overlaps(&a, &b) == c->overlap, "%s and %s", c->a, c->b);
        check(prefix_overlaps(&b, &a) == c->overlap, "%s and %s", c->b, c->a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_insides),
        cmocka_unit_test(test_overlaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
