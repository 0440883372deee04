/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulator in larger networks: which address a router answers from, several hosts, a generated
 * network. */
#include "lab_scene.h"

#include <string.h>

struct from_case {
    const char *name;
    const char *answer_from;
    bool by_link; /* the two ways to it give two addresses */
    bool by_flow; /* flows differ, and each stays */
    bool random;  /* one flow varies */
};

static const struct from_case from_cases[] = {
    { "the first", "first", false, false, false },
    { "the incoming one", "incoming", true, false, false },
    { "by flow", "flow", false, true, false },
    { "any", "random", false, false, true },
};

/* Addresses of the router behind a diamond, by flow, and whether each flow's stays. */
static void survey(struct lab *lab, unsigned via, unsigned seen[2], bool *stays)
{
    for (uint16_t i = 0; i < 64; i++) {
        const struct lab_probe before = { .dst = LAB_HOST4,
                                          .ttl = 2,
                                          .src_port = (uint16_t)(33481 + i) };
        const struct lab_probe probe = { .dst = LAB_HOST4,
                                         .ttl = 3,
                                         .src_port = (uint16_t)(33481 + i) };
        unsigned first = 0;
        if (strncmp(lab_ask(lab, &before), via == 0 ? "10.0.1.1" : "10.0.2.1", 8) != 0)
            continue;
        for (unsigned j = 0; j < 8; j++) {
            const unsigned which = strncmp(lab_ask(lab, &probe), "10.0.3.1/", 9) == 0 ? 0 : 1;
            if (j == 0)
                first = which;
            *stays = *stays && which == first;
            seen[which]++;
        }
    }
}

static void test_answer_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(from_cases); i++) {
        const struct from_case *c = &from_cases[i];
        g_autofree char *text = g_strconcat("[router a]\naddress=10.0.0.1\nnext=b c\n"
                                            "[router b]\naddress=10.0.1.1\nnext=d\n"
                                            "[router c]\naddress=10.0.2.1\nnext=d\n"
                                            "[router d]\naddress=10.0.3.1 10.0.3.2\nnext=h\n"
                                            "answer-from=",
                                            c->answer_from, "\n[host h]\naddress=198.51.100.1\n",
                                            NULL);
        struct lab *lab = lab_open(text, 1);
        unsigned seen[2][2] = { { 0 } };
        bool stays = true;

        for (unsigned via = 0; via < 2; via++)
            survey(lab, via, seen[via], &stays);
        check(stays == !c->random, "%s: each flow has its address", c->name);
        const bool by_link = (seen[0][0] == 0 || seen[0][1] == 0) &&
                             (seen[1][0] == 0 || seen[1][1] == 0) && seen[0][0] * seen[1][0] == 0;
        check(by_link == c->by_link, "%s: by link", c->name);
        const bool varies = seen[0][0] * seen[0][1] > 0;
        check(varies == (c->by_flow || c->random), "%s: varies", c->name);
        lab_close(lab);
    }
}

/* The first of the first router's links is the source's. */
static void test_incoming_at_first(void **state)
{
    struct lab *lab = lab_open("[router a]\naddress=10.0.0.1 10.0.0.2\nnext=b\n"
                               "answer-from=incoming\n"
                               "[router b]\naddress=10.0.1.1\nnext=a\n",
                               1);
    static const char *const want[] = { "10.0.0.1/255 ", "10.0.1.1/254 ", "10.0.0.2/253 " };

    (void)state;
    for (size_t i = 0; i < COUNT(want); i++) {
        const char *got = lab_ask(lab,
                                  &(struct lab_probe){ .dst = LAB_HOST4, .ttl = (uint8_t)(i + 1) });
        check(g_str_has_prefix(got, want[i]), "TTL %zu: %s", i + 1, got);
    }
    lab_close(lab);
}

/* Several hosts, and an answer of each from its own address. */
static void test_several_hosts(void **state)
{
    struct lab *lab = lab_open("[router a]\naddress=10.0.0.1\nnext=h1 h2 h3\n"
                               "[host h1]\naddress=198.51.100.1\n"
                               "[host h2]\naddress=198.51.100.2, 198.51.100.22\n"
                               "[host h3]\naddress=198.51.100.3\nreply-ttl=128\n",
                               1);
    static const char *const hosts[][2] = { { "198.51.100.1", "198.51.100.1/63 echo reply 7" },
                                            { "198.51.100.2", "198.51.100.2/63 echo reply 7" },
                                            { "198.51.100.22", "198.51.100.22/63 echo reply 7" },
                                            { "198.51.100.3", "198.51.100.3/127 echo reply 7" } };

    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        const struct lab_probe probe = { .dst = hosts[i][0], .protocol = 1, .src_port = 7 };
        const char *got = lab_ask(lab, &probe);
        check(strcmp(got, hosts[i][1]) == 0, "%s: %s, not %s", hosts[i][0], got, hosts[i][1]);
    }
    lab_close(lab);
}

/* TTL by TTL through a generated network: the same routers for one flow, its host at the end. */
static void test_generated(void **state)
{
    struct lab *lab = lab_open("[router a]\naddress=192.0.2.254\nnext=generate\n"
                               "[generate]\ndestinations=5000\nsilent=5%\nlossy=10%\nloss=20%\n",
                               1);
    uint32_t seed = 4;
    unsigned answers = 0;

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        const uint32_t number = next_random(&seed) % 5000;
        g_autofree char *dst = g_strdup_printf("198.18.%u.%u", number / 256, number % 256);
        g_autofree char *begin = g_strdup_printf("%s/", dst);
        for (uint8_t ttl = 1; ttl <= 64; ttl++) {
            const struct lab_probe probe = { .dst = dst, .ttl = ttl };
            const char *got = lab_ask(lab, &probe);
            const bool is_end = strstr(got, "icmp 3/3") != NULL;
            answers += strcmp(got, "nothing") != 0;
            check(is_end == g_str_has_prefix(got, begin), "%s, TTL %u: %s", dst, ttl, got);
            if (is_end)
                break;
            check(ttl < 64, "%s is not reached", dst);
        }
    }
    check(answers > 1000, "%u answers", answers);
    lab_close(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_from),
        cmocka_unit_test(test_incoming_at_first),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_generated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
