/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes at a time and after a number of packets: who answers before and after. */
#include "lab_scene.h"

#include <string.h>

/* Who answers TTL 2, and when: probes are sent every 100 ms, number 0 at time 0. */
struct change_case {
    const char *name;
    const char *changes; /* of r2, unless they say otherwise */
    unsigned first;      /* the number of the first probe that they concern … */
    const char *want;    /* … and the beginning of its reply */
};

static const struct change_case change_cases[] = {
    { "none", "", 20, "10.0.0.2/" },
    { "at a time", "[change x]\nnode=r2\nat=500ms\nsilent=yes\n", 5, "nothing" },
    { "after a count", "[change x]\nnode=r2\nafter=7\nsilent=yes\n", 7, "nothing" },
    { "from the beginning", "[change x]\nnode=r2\nat=0\nsilent=yes\n", 0, "nothing" },
    { "a router dies", "[change x]\nnode=r1\nat=1s\ndown=yes\n", 10, "nothing" },
    { "a route moves", "[change x]\nnode=r1\nafter=3\nnext=r3\n", 3, "10.0.0.3/" },
    { "a reply's TTL", "[change x]\nnode=r2\nafter=3\nreply-ttl=100\n", 3, "10.0.0.2/99 " },
};

static void test_changes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(change_cases); i++) {
        const struct change_case *c = &change_cases[i];
        g_autofree char *text = lab_row("", c->changes);
        struct lab *lab = lab_open(text, 1);

        for (unsigned j = 0; j < 20; j++) {
            const char *want = j < c->first ? "10.0.0.2/254 " : c->want;
            lab->now_ns = j * 100 * LAB_MS;
            const char *got = lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4, .ttl = 2 });
            check(g_str_has_prefix(got, want), "%s: probe %u: %s", c->name, j, got);
        }
        lab_close(lab);
    }
}

/* Changes that became due while nothing was sent happen in time's order, not in the file's. */
static void test_changes_together(void **state)
{
    static const char *const changes = "[change early]\nnode=r1\nat=2s\nnext=r2\n"
                                       "[change late]\nnode=r1\nat=1s\nnext=r3\n";
    g_autofree char *text = lab_row("", changes);

    (void)state;
    for (int at_once = 0; at_once <= 1; at_once++) {
        struct lab *lab = lab_open(text, 1);
        const struct lab_probe probe = { .dst = LAB_HOST4, .ttl = 2 };
        lab_ask(lab, &probe);
        lab->now_ns = LAB_S + LAB_MS;
        if (!at_once)
            check(g_str_has_prefix(lab_ask(lab, &probe), "10.0.0.3/"), "after a second");
        lab->now_ns = 3 * LAB_S;
        const char *got = lab_ask(lab, &probe);
        check(g_str_has_prefix(got, "10.0.0.2/"), "after three seconds: %s", got);
        lab_close(lab);
    }
}

/* A router that dies while a packet is on its way to it, or its reply on its way back. */
static void test_dies_meanwhile(void **state)
{
    static const char *const dying[] = { "r1", "r2", "r3" };

    (void)state;
    for (size_t i = 0; i < COUNT(dying); i++) {
        g_autofree char *changes = g_strdup_printf("[change x]\nnode=%s\nat=1500us\ndown=yes\n",
                                                   dying[i]);
        g_autofree char *text = lab_row("delay=1ms\n", changes);
        struct lab *lab = lab_open(text, 1);
        const char *got = lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4, .ttl = 2 });
        const bool is_lost = strcmp(got, "nothing") == 0;
        check(is_lost == (i < 2), "%s dies: %s", dying[i], got);
        lab_close(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_changes_together),
        cmocka_unit_test(test_dies_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
