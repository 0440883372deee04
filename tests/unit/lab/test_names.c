/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the lab: forward and back, of nodes, the source and the generated network. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "named.h"
#include "names.h"

struct forward_case {
    const char *name;
    bool known;
    const char *addresses4; /* in order, separated by spaces */
    const char *addresses6;
};

static const struct forward_case forward_cases[] = {
    { "r0.example", true, "10.0.0.1 10.0.0.2", "2001:db8::1 2001:db8::2" },
    { "R0.Example", true, "10.0.0.1 10.0.0.2", "2001:db8::1 2001:db8::2" },
    { "r0.example.", true, "10.0.0.1 10.0.0.2", "2001:db8::1 2001:db8::2" },
    { "r0.example..", false, "", "" },
    { "nat.example", true, "203.0.113.1 203.0.113.2", "" },
    { "www.example", true, "198.51.100.80", "fd00::80" },
    { "laptop.example", true, "192.0.2.1", "2001:db8:a::1" },
    { "LAPTOP.example.", true, "192.0.2.1", "2001:db8:a::1" },
    { "localhost", true, "127.0.0.1", "::1" },
    { "LocalHost.", true, "127.0.0.1", "::1" },
    { "", false, "", "" },
    { ".", false, "", "" },
    { "example", false, "", "" },
    { "r0.example.org", false, "", "" },
    { "10.0.0.1", false, "", "" },
    { "d0.gen.example", true, "100.64.0.0", "2001:db8:6400::" },
    { "d17.gen.example", true, "100.64.0.17", "2001:db8:6400::11" },
    { "D17.GEN.example.", true, "100.64.0.17", "2001:db8:6400::11" },
    { "d999.gen.example", true, "100.64.3.231", "2001:db8:6400::3e7" },
    { "d1000.gen.example", false, "", "" },
    { "r0.gen.example", true, "44.0.0.0", "2001:db8:4400::" },
    { "r16777215.gen.example", false, "", "" },
    { "d017.gen.example", false, "", "" },
    { "d+17.gen.example", false, "", "" },
    { "d 17.gen.example", false, "", "" },
    { "d-1.gen.example", false, "", "" },
    { "d.gen.example", false, "", "" },
    { "d17", false, "", "" },
    { "d17gen.example", false, "", "" },
    { "d17xgen.example", false, "", "" },
    { "d17.example", false, "", "" },
    { "d4294967313.gen.example", false, "", "" },           /* 17 + 2^32 */
    { "d18446744073709551633.gen.example", false, "", "" }, /* 17 + 2^64 */
    { "r2147483648.gen.example", false, "", "" },           /* the bit of generated nodes */
    { "r1073741841.gen.example", false, "", "" },           /* the bit of destinations */
    { "x17.gen.example", false, "", "" },
};

static char *addresses(const struct topology *topology, const struct named *named, uint8_t version)
{
    GString *text = g_string_new("");
    char buf[TF_ADDR_TEXT_LEN];
    struct tf_addr addr;

    for (size_t i = 0; names_address(topology, named, version, i, &addr); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", tf_addr_text(&addr, buf));
    return g_string_free(text, FALSE);
}

static void test_forward(void **state)
{
    struct topology *topology = named_new();

    (void)state;
    for (size_t i = 0; i < COUNT(forward_cases); i++) {
        const struct forward_case *c = &forward_cases[i];
        struct named named;

        check(names_find(topology, c->name, &named) == c->known, "%s", c->name);
        if (!c->known)
            continue;
        g_autofree char *got4 = addresses(topology, &named, 4);
        g_autofree char *got6 = addresses(topology, &named, 6);
        check(strcmp(got4, c->addresses4) == 0, "%s: %s", c->name, got4);
        check(strcmp(got6, c->addresses6) == 0, "%s: %s", c->name, got6);
    }
    named_free(topology);
}

struct reverse_case {
    const char *address;
    const char *name; /* NULL: none */
};

static const struct reverse_case reverse_cases[] = {
    { "10.0.0.1", "R0.example" },
    { "10.0.0.2", "R0.example" },
    { "2001:db8::2", "R0.example" },
    { "10.1.0.100", "many.example" },
    { "203.0.113.1", "nat.example" },
    { "198.51.100.80", "www.example" },
    { "192.168.1.80", "www.example" },
    { "fd00::80", "www.example" },
    { "192.0.2.1", "laptop.example" },
    { "2001:db8:a::1", "laptop.example" },
    { "127.0.0.1", "localhost" },
    { "::1", "localhost" },
    { "10.9.9.9", NULL },
    { "10.0.0.3", NULL },
    { "::", NULL },
    { "0.0.0.0", NULL },
    { "100.64.0.0", "d0.Gen.example" },
    { "100.64.0.17", "d17.Gen.example" },
    { "2001:db8:6400::11", "d17.Gen.example" },
    { "100.64.3.232", NULL },
    { "44.0.0.0", "r0.Gen.example" },
    { "2001:db8:4400::", "r0.Gen.example" },
};

static void test_reverse(void **state)
{
    struct topology *topology = named_new();

    (void)state;
    for (size_t i = 0; i < COUNT(reverse_cases); i++) {
        const struct reverse_case *c = &reverse_cases[i];
        const struct tf_addr address = addr(c->address);
        g_autofree char *name = names_of(topology, &address);

        check(g_strcmp0(name, c->name) == 0, "%s: %s", c->address, name != NULL ? name : "none");
    }
    named_free(topology);
}

/* What an address is called leads back to it, for every generated node. */
static void test_generated(void **state)
{
    struct topology *topology = named_new();
    unsigned routers = 0;

    (void)state;
    for (uint32_t i = 0; i < 1 << 16; i++) {
        const struct tf_addr address = tf_addr_from(
            4, (const uint8_t[]){ 44, 0, (uint8_t)(i >> 8), (uint8_t)i });
        g_autofree char *name = names_of(topology, &address);
        struct named named;
        struct tf_addr back;

        if (name == NULL)
            continue;
        routers++;
        check(names_find(topology, name, &named), "%s", name);
        check(names_address(topology, &named, 4, 0, &back), "%s has an address", name);
        check(tf_addr_equal(&back, &address), "%s leads back", name);
    }
    check(routers > 10, "%u routers", routers);
    named_free(topology);
}

static void test_absent(void **state)
{
    struct topology *topology = named_new();
    const struct tf_addr source = topology->source4;
    const struct tf_addr destination = addr("100.64.0.17");
    struct named named;

    (void)state;
    g_clear_pointer(&topology->source_name, g_free);
    check(names_of(topology, &source) == NULL, "a source without a name");
    check(!names_find(topology, "laptop.example", &named), "nor is it found by one");
    g_clear_pointer(&topology->generate.domain, g_free);
    check(names_of(topology, &destination) == NULL, "a generated network without a domain");
    check(!names_find(topology, "d17.gen.example", &named), "nor by names in it");
    topology->generate.present = false;
    check(!names_find(topology, "d17.gen.example", &named), "no generated network");
    named_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_reverse),
        cmocka_unit_test(test_generated),
        cmocka_unit_test(test_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
