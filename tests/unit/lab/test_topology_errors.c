/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong in a topology file, and the line that says so. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "refusals.h"
#include "topology.h"
#include "traceflow/error.h"

#define R "[router r]\naddress=10.0.0.1\n"
#define S "[router s]\naddress=10.0.0.2\n"
#define D "[host d]\naddress=10.9.9.9\n"
#define C "[change c]\nnode=r\nat=1s\n"
#define G "[router far]\naddress=192.168.0.1\n[generate]\ndestinations=100\n"

static const struct refusal of_groups[] = {
    { "", "no [router] group" },
    { D, "no [router] group" },
    { R "[rooter s]\n", "unknown group [rooter s]" },
    { R "[router]\n", "unknown group [router]" },
    { R "[Network]\n", "unknown group [Network]" },
    { R "[network two]\n", "unknown group [network two]" },
    { R "[router a b]\n", "[router a b]: expected a name of 1 to 63 letters, digits, - _ and ." },
    { R "[router ]\n", "[router ]: expected a name of 1 to 63 letters, digits, - _ and ." },
    { R "[host å]\n", "[host å]: expected a name of 1 to 63 letters, digits, - _ and ." },
    { R "[change a*b]\n", "[change a*b]: expected a name of 1 to 63 letters, digits, - _ and ." },
    { R "[host generate]\n", "[host generate]: the name 'generate' has a meaning of its own" },
    { R "[router none]\n", "[router none]: the name 'none' has a meaning of its own" },
    { R "[host r]\n", "[host r]: [router r] has this name as well" },
    { R S R, "[router r]: there is another group of this name" },
    { R "next=s\n" S "next=r\nnext = s\n", "[router s] next: given twice" },
    { R "nxet=r\n", "[router r]: unknown key 'nxet'" },
    { R "route10.0.0.0/8=r\n", "[router r]: unknown key 'route10.0.0.0/8'" },
    { R "name[de]=r\n", "[router r]: unknown key 'name[de]'" },
    { R "Next=r\n", "[router r]: unknown key 'Next'" },
    { R "public-address=10.0.0.9\n", "[router r]: unknown key 'public-address'" },
    { R "udp-open=7\n", "[router r]: unknown key 'udp-open'" },
    { R "at=1s\n", "[router r]: unknown key 'at'" },
    { R D "next=r\n", "[host d]: unknown key 'next'" },
    { R D "route 10.0.0.0/8=r\n", "[host d]: unknown key 'route 10.0.0.0/8'" },
    { R "[network]\ndelay=1ms\n", "[network]: unknown key 'delay'" },
    { G "next=far\n", "[generate]: unknown key 'next'" },
    { C "address=10.0.0.9\ndown=yes\n" R, "[change c]: unknown key 'address'" },
    { R C "udp-open=7\n", "[change c]: unknown key 'udp-open'" },
    { R D "[change c]\nnode=d\nat=1s\nttl=keep\n", "[change c]: unknown key 'ttl'" },
    { "a=b\n" R, "Key file does not start with a group" },
    { R "next\n",
      "Key file contains line “next” which is not a key-value pair, group, or comment" },
    { R "[router x\n",
      "Key file contains line “[router x” which is not a key-value pair, group, or comment" },
    { R "name=a\033[31m\n", "line 3: control character U+001B" },
    { R "name=a\rb\n", "line 3: control character U+000D" },
    { R "name=\302\233\n", "line 3: control character U+009B" },
    { R "\n# \377\n", "line 4: expected UTF-8" },
};

static const struct refusal of_network[] = {
    { "[network]\nsource=\n" R, "[network] source: expected an address, not ''" },
    { "[network]\nsource=here\n" R,
      "[network] source: expected a unicast IPv4 or IPv6 address, not 'here'" },
    { "[network]\nsource=10.0.0.8 10.0.0.9\n" R,
      "[network] source: expected one address of each family, not '10.0.0.8 10.0.0.9'" },
    { "[network]\nsource-name=a..b\n" R,
      "[network] source-name: expected a DNS name without a last dot, not 'a..b'" },
    { "[network]\nfirst=x\n" R, "[network] first: no such router 'x'" },
    { "[network]\nfirst=d\n" R D, "[network] first: no such router 'd'" },
    { "[network]\nmtu=575\n" R, "[network] mtu: expected 576 to 9000, not '575'" },
    { "[network]\nmtu=9001\n" R, "[network] mtu: expected 576 to 9000, not '9001'" },
    { "[network]\nmtu=1279\n" R,
      "[network] mtu: expected at least 1280 with an IPv6 source, not '1279'" },
    { "[network]\nseed=4294967296\n" R,
      "[network] seed: expected 0 to 4294967295, not '4294967296'" },
    { "[network]\nseed=-1\n" R, "[network] seed: expected 0 to 4294967295, not '-1'" },
    { "[network]\nsource=10.0.0.1\n" R, "[router r] address: 10.0.0.1 is also the source's" },
    { "[network]\nsource-name=a.b\n" R "name=A.B\n",
      "[network] source-name: a.b is also [router r]'s" },
    { "[network]\nsource=100.64.1.1\n" G,
      "[network] source: 100.64.1.1 is in 100.64.0.0/10 of [generate]" },
};

static const struct refusal of_nodes[] = {
    { R "[host d]\n", "[host d] address: missing" },
    { "[router r]\n", "[router r]: needs an address, or silent=yes, or ttl=keep" },
    { "[router r]\nttl=label\n", "[router r]: needs an address, or silent=yes, or ttl=keep" },
    { "[router r]\nsilent=yes\n" C "silent=no\n",
      "[change c]: needs an address, or silent=yes, or ttl=keep" },
    { "[router r]\naddress=\n", "[router r] address: expected an address, not ''" },
    { "[router r]\naddress=10.0.0.1 10.0.0\n",
      "[router r] address: expected a unicast IPv4 or IPv6 address, not '10.0.0'" },
    { "[router r]\naddress=10.0.0.1/24\n",
      "[router r] address: expected a unicast IPv4 or IPv6 address, not '10.0.0.1/24'" },
    { "[router r]\naddress=224.0.0.1\n",
      "[router r] address: expected a unicast IPv4 or IPv6 address, not '224.0.0.1'" },
    { "[router r]\naddress=10.0.0.1,10.0.0.1\n", "[router r] address: 10.0.0.1 is given twice" },
    { R "[host d]\naddress=10.0.0.1\n", "[host d] address: 10.0.0.1 is also [router r]'s" },
    { R "[host d]\naddress=192.0.2.1\n", "[host d] address: 192.0.2.1 is also the source's" },
    { R D "public-address=10.0.0.1\n", "[host d] public-address: 10.0.0.1 is also [router r]'s" },
    { R D "public-address=10.9.9.9\n", "[host d] public-address: 10.9.9.9 is also [host d]'s" },
    { R D "public-address=9.9.9.9\n[host e]\naddress=10.8.8.8\npublic-address=9.9.9.9\n",
      "[host e] public-address: 9.9.9.9 is also [host d]'s" },
    { R D "public-address=9.9.9.9 8.8.8.8\n",
      "[host d] public-address: expected one address of each family, not '9.9.9.9 8.8.8.8'" },
    { R "name=a b\n", "[router r] name: expected a DNS name without a last dot, not 'a b'" },
    { R "name=x.example\n" D "name=X.example\n", "[host d] name: X.example is also [router r]'s" },
    { "[router r]\naddress=100.64.0.1\n" G,
      "[router r] address: 100.64.0.1 is in 100.64.0.0/10 of [generate]" },
    { "[host d]\naddress=198.18.0.1\n" G,
      "[host d] address: 198.18.0.1 is in 198.18.0.0/15 of [generate]" },
    { "[host d]\naddress=8.8.8.8\npublic-address=198.18.0.1\n" G,
      "[host d] public-address: 198.18.0.1 is in 198.18.0.0/15 of [generate]" },
    { "[host d]\naddress=8.8.8.8\nname=d17.GENERATED.example\n" G,
      "[host d] name: d17.GENERATED.example is under generated.example of [generate]" },
};

static const struct refusal of_generate[] = {
    { R "[generate]\n", "[generate] destinations: missing" },
    { R "[generate]\ndestinations=0\n", "[generate] destinations: expected 1 to 100000, not '0'" },
    { R "[generate]\ndestinations=100001\n",
      "[generate] destinations: expected 1 to 100000, not '100001'" },
    { G "hosts=198.18.0.1/15\n",
      "[generate] hosts: expected a prefix such as 198.18.0.0/15, not '198.18.0.1/15'" },
    { G "hosts=\n", "[generate] hosts: expected a prefix, not ''" },
    { G "hosts=1.0.0.0/8 2.0.0.0/8\n",
      "[generate] hosts: expected one prefix of each family, not '1.0.0.0/8 2.0.0.0/8'" },
    { G "hosts=198.18.0.0/26\n", "[generate] hosts: 198.18.0.0/26 is too small for 100 addresses" },
    { G "hosts=2001:db8::/122\n",
      "[generate] hosts: 2001:db8::/122 is too small for 100 addresses" },
    { G "routers=10.0.0.0/11\n",
      "[generate] routers: 10.0.0.0/11 is too small for 4194304 addresses" },
    { G "routers=2001:db8::/107\n",
      "[generate] routers: 2001:db8::/107 is too small for 4194304 addresses" },
    { G "hosts=100.65.0.0/16\n",
      "[generate] hosts: 100.65.0.0/16 overlaps 100.64.0.0/10 of routers" },
    { G "depth=0\n",
      "[generate] depth: expected a depth such as 8 or 6-14, from 1 to 24, not '0'" },
    { G "depth=9-8\n",
      "[generate] depth: expected a depth such as 8 or 6-14, from 1 to 24, not '9-8'" },
    { G "width=1\n", "[generate] width: expected 2 to 16, not '1'" },
    { G "width=17\n", "[generate] width: expected 2 to 16, not '17'" },
    { G "length=5\n", "[generate] length: expected 1 to 4, not '5'" },
    { G "loss=5%\n", "[generate] loss: needs lossy" },
    { G "domain=\n", "[generate] domain: expected a DNS name without a last dot, not ''" },
};

static const struct refusal of_changes[] = {
    { R "[change c]\nat=1s\ndown=yes\n", "[change c] node: missing" },
    { R "[change c]\nnode=x\nat=1s\ndown=yes\n", "[change c] node: no such router or host 'x'" },
    { R "[change c]\nnode=r\ndown=yes\n", "[change c]: expected one of the keys 'at' and 'after'" },
    { R C "after=1\ndown=yes\n", "[change c]: expected one of the keys 'at' and 'after'" },
    { R C, "[change c]: changes nothing" },
    { R "[change c]\nnode=r\nat=5\ndown=yes\n",
      "[change c] at: expected a duration up to an hour such as 1.5s, 20ms, 200us or 0, not '5'" },
    { R "[change c]\nnode=r\nafter=1s\ndown=yes\n",
      "[change c] after: expected 0 to 1000000000000, not '1s'" },
};

static void test_groups(void **state)
{
    (void)state;
    check_refusals(of_groups, COUNT(of_groups));
}

static void test_network(void **state)
{
    (void)state;
    check_refusals(of_network, COUNT(of_network));
}

static void test_nodes(void **state)
{
    (void)state;
    check_refusals(of_nodes, COUNT(of_nodes));
}

static void test_generate(void **state)
{
    (void)state;
    check_refusals(of_generate, COUNT(of_generate));
}

static void test_changes(void **state)
{
    (void)state;
    check_refusals(of_changes, COUNT(of_changes));
}

/* A value may have megabytes: the line that refuses it does not, and is whole characters. */
static void test_long_values_are_cut(void **state)
{
    g_autoptr(GString) text = g_string_new(R "next=");
    g_autoptr(GError) error = NULL;

    (void)state;
    for (size_t i = 0; i < 100000; i++)
        g_string_append(text, "å");
    assert_null(topology_parse("file", text->str, text->len, &error));
    assert_in_range(strlen(error->message), 300, 420);
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_true(g_str_has_suffix(error->message, "…"));
}

static void test_limits(void **state)
{
    static const struct {
        const char *head;
        const char *repeated; /* with a number in it, or without */
        size_t times;
        const char *message;
    } cases[] = {
        { R "name=", "x", 4 << 20, "file: expected at most 4 MiB" },
        { R "next=", "r ", 1025, "file: [router r] next: expected at most 1024 next hops" },
        { R "mpls=", "3 ", 9, "file: [router r] mpls: expected at most 8 labels" },
        { R "deny=", "all ", 257, "file: [router r] deny: expected at most 256 words" },
        { R, "route 9.0.0.%zu=r\n", 200, NULL },
        { R, "route 2001:db8::%zu=r\n", 1025, "file: [router r]: expected at most 1024 routes" },
        { "[router r]\naddress=", "2001:db8::%zu ", 65,
          "file: [router r] address: expected at most 64 addresses" },
        { R, "[change c%zu]\nnode=r\nat=0\ndown=yes\n", 1000, NULL },
        { R, "[change c%zu]\nnode=r\nat=0\ndown=yes\n", 1001,
          "file: expected at most 1000 [change] groups" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autoptr(GString) text = g_string_new(cases[i].head);
        g_autoptr(GError) error = NULL;
        struct topology *topology = NULL;

        for (size_t n = 1; n <= cases[i].times; n++) {
            g_auto(GStrv) parts = g_strsplit(cases[i].repeated, "%zu", 2);
            g_string_append(text, parts[0]);
            if (parts[1] != NULL)
                g_string_append_printf(text, "%zu%s", n, parts[1]);
        }
        topology = topology_parse("file", text->str, text->len, &error);
        check((topology != NULL) == (cases[i].message == NULL), "row %zu", i);
        check(g_strcmp0(error == NULL ? NULL : error->message, cases[i].message) == 0,
              "row %zu: %s", i, error == NULL ? "no error" : error->message);
        topology_free(topology);
    }
}

static void test_files(void **state)
{
    static const struct {
        const char *path;
        int code;
        const char *message;
    } cases[] = {
        { "/nonexistent/x.topo", TF_EXIT_IO, "/nonexistent/x.topo: No such file or directory" },
        { "/", TF_EXIT_IO, "/: Is a directory" },
        { "/dev/zero", TF_EXIT_USAGE, "/dev/zero: expected at most 4 MiB" },
        { "/dev/null", TF_EXIT_USAGE, "/dev/null: no [router] group" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autoptr(GError) error = NULL;

        check(topology_load(cases[i].path, &error) == NULL, "%s", cases[i].path);
        check(strcmp(error->message, cases[i].message) == 0, "%s", error->message);
        check(g_error_matches(error, TF_ERROR, cases[i].code), "%s: exit status", cases[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_network),
        cmocka_unit_test(test_nodes),   cmocka_unit_test(test_generate),
        cmocka_unit_test(test_changes), cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
