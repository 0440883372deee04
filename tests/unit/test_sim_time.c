/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulator's clock and chance: delays, jitter, order of arrival, losses within bounds, rate
 * limits, changes, and runs that are equal. Seeds are fixed. */
#include "lab_scene.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define V4 "198.51.100.1"

static char *row(const char *keys2, const char *keys_host)
{
    return g_strconcat("[router r1]\naddress=10.0.0.1\nnext=r2\ndelay=1ms\n"
                       "[router r2]\naddress=10.0.0.2\nnext=r3\n",
                       keys2,
                       "[router r3]\naddress=10.0.0.3\nnext=h\n"
                       "[host h]\naddress=198.51.100.1\n",
                       keys_host, NULL);
}

struct delay_case {
    const char *name;
    const char *keys2;
    const char *keys_host;
    uint8_t ttl;
    int64_t least_us; /* round trip */
    int64_t most_us;
};

static const struct delay_case delay_cases[] = {
    { "the first link, both ways", "", "", 1, 2000, 2000 },
    { "the second adds nothing", "", "", 2, 2000, 2000 },
    { "two links", "delay=2.5ms\n", "", 2, 7000, 7000 },
    { "all links", "delay=2.5ms\n", "delay=100ms\n", 64, 207000, 207000 },
    { "not the links behind", "delay=2.5ms\n", "delay=100ms\n", 3, 7000, 7000 },
    { "a slow error", "icmp-delay=300ms\n", "", 2, 302000, 302000 },
    { "only its own", "icmp-delay=300ms\n", "", 3, 2000, 2000 },
    { "a slow host", "", "icmp-delay=300ms\n", 64, 302000, 302000 },
    { "jitter, each way", "jitter=5ms\n", "", 2, 2000, 12000 },
    { "jitter, further on", "delay=10ms\njitter=5ms\n", "", 64, 22000, 32000 },
};

static void check_delays(const struct delay_case *c, struct lab *lab)
{
    enum { PROBES = 2000 };
    int64_t least_ns = INT64_MAX;
    int64_t most_ns = 0;
    int64_t sum_ns = 0;

    for (unsigned i = 0; i < PROBES; i++) {
        const char *got = lab_ask(lab, &(struct lab_probe){ .dst = V4, .ttl = c->ttl });
        check(lab->len > 0, "%s: %s", c->name, got);
        least_ns = MIN(least_ns, lab->took_ns);
        most_ns = MAX(most_ns, lab->took_ns);
        sum_ns += lab->took_ns;
    }
    const int64_t spread_us = c->most_us - c->least_us;
    const int64_t mean_us = sum_ns / PROBES / 1000;
    check(least_ns >= c->least_us * 1000 && most_ns <= c->most_us * 1000,
          "%s: %" PRId64 " to %" PRId64 " us", c->name, least_ns / 1000, most_ns / 1000);
    check((most_ns - least_ns) / 1000 >= spread_us * 9 / 10, "%s: all of the spread", c->name);
    check(imaxabs(mean_us - (c->least_us + c->most_us) / 2) <= spread_us / 40,
          "%s: mean %" PRId64 " us", c->name, mean_us);
}

static void test_delays(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(delay_cases); i++) {
        g_autofree char *text = row(delay_cases[i].keys2, delay_cases[i].keys_host);
        struct lab *lab = lab_open(text, 1);
        check_delays(&delay_cases[i], lab);
        lab_close(lab);
    }
}

/* What is sent at once comes back by distance; what has one distance, as it was sent. */
static void test_order(void **state)
{
    static const uint8_t ttls[] = { 64, 3, 2, 1, 1, 64, 2 };
    static const char *const want[] = { "10.0.0.1/", "10.0.0.1/", "10.0.0.2/", "10.0.0.2/",
                                        "10.0.0.3/", V4 "/",      V4 "/" };
    static const uint16_t want_port[] = { 3, 4, 2, 6, 1, 0, 5 }; /* of the quote, less 40000 */
    g_autofree char *text = row("delay=1ms\n[change x]\nnode=r3\nafter=0\ndelay=1ms\n",
                                "delay=1ms\n");
    struct lab *lab = lab_open(text, 1);
    int64_t last_ns = 0;

    (void)state;
    for (uint16_t i = 0; i < COUNT(ttls); i++) {
        const struct packet packet = lab_packet(
            &(struct lab_probe){ .dst = V4, .ttl = ttls[i], .src_port = (uint16_t)(40000 + i) });
        lab_send(lab, &packet);
    }
    for (size_t i = 0; i < COUNT(ttls); i++) {
        g_autofree char *port = g_strdup_printf(":%u >", 40000 + want_port[i]);
        check(lab_receive(lab) && lab->now_ns >= last_ns, "reply %zu", i);
        const char *got = lab_words(lab->reply, lab->len);
        check(g_str_has_prefix(got, want[i]) && strstr(got, port) != NULL, "reply %zu: %s", i, got);
        last_ns = lab->now_ns;
    }
    check(!lab_receive(lab) && sim_due_ns(lab->sim) == INT64_MAX, "no more");
    lab_close(lab);
}

/* Nothing comes before it is due, and the time when it is due is told. */
static void test_due(void **state)
{
    g_autofree char *text = row("", "");
    struct lab *lab = lab_open(text, 1);
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = V4, .ttl = 1 });

    (void)state;
    lab->now_ns = INT64_C(1700000000) * LAB_S; /* any origin */
    lab_send(lab, &packet);
    const int64_t due_ns = sim_due_ns(lab->sim);
    check(due_ns == lab->now_ns + LAB_MS, "it arrives at the router");
    check(sim_receive(lab->sim, due_ns, lab->reply) == 0, "nothing is back yet");
    check(sim_due_ns(lab->sim) == due_ns + LAB_MS, "the reply");
    check(sim_receive(lab->sim, due_ns + LAB_MS - 1, lab->reply) == 0, "a moment too early");
    check(sim_receive(lab->sim, due_ns + LAB_MS, lab->reply) > 0, "in time");
    lab_close(lab);
}

struct loss_case {
    const char *name;
    const char *keys2;
    const char *keys_host;
    uint8_t ttl;
    double answered;
};

static const struct loss_case loss_cases[] = {
    { "none", "", "", 64, 1 },
    { "before the lossy link", "loss=20%\nloss-back=30%\n", "", 1, 1 },
    { "forward, its own", "loss=20%\n", "", 2, 0.8 },
    { "forward, behind", "loss=20%\n", "", 3, 0.8 },
    { "back, its own", "loss-back=30%\n", "", 2, 0.7 },
    { "back, behind", "loss-back=30%\n", "", 64, 0.7 },
    { "both ways", "loss=20%\nloss-back=30%\n", "", 3, 0.56 },
    { "a host's", "", "loss=20%\nloss-back=50%\n", 64, 0.4 },
    { "seldom", "loss=0.1%\n", "", 2, 0.999 },
    { "all", "loss=100%\n", "", 3, 0 },
    { "all, back", "loss-back=100%\n", "", 3, 0 },
};

static void test_losses(void **state)
{
    enum { PROBES = 10000 };

    (void)state;
    for (size_t i = 0; i < COUNT(loss_cases); i++) {
        const struct loss_case *c = &loss_cases[i];
        g_autofree char *text = row(c->keys2, c->keys_host);
        struct lab *lab = lab_open(text, 1);
        unsigned answers = 0;

        for (unsigned j = 0; j < PROBES; j++) {
            lab_ask(lab, &(struct lab_probe){ .dst = V4, .ttl = c->ttl });
            answers += lab->len > 0;
        }
        const double deviation = sqrt(PROBES * c->answered * (1 - c->answered));
        check(fabs(answers - PROBES * c->answered) <= 4 * deviation, "%s: %u of %u", c->name,
              answers, PROBES);
        lab_close(lab);
    }
}

struct limit_case {
    const char *name;
    const char *keys2;
    uint8_t ttl;
    unsigned peers;
    unsigned answers; /* to 50 probes within half a second, 10 ms apart */
};

static const struct limit_case limit_cases[] = {
    { "no limit", "", 2, 1, 50 },
    { "ten a second", "icmp-rate=10/s\n", 2, 1, 5 },
    { "ten a second, a burst", "icmp-rate=10/s\nicmp-burst=6\n", 2, 1, 10 },
    { "all peers together", "icmp-rate=10/s\n", 2, 5, 5 },
    { "each peer", "icmp-rate-per-peer=10/s\n", 2, 5, 25 },
    { "both", "icmp-rate=20/s\nicmp-rate-per-peer=10/s\n", 2, 5, 9 },
    { "another router", "icmp-rate=10/s\n", 3, 1, 50 },
};

static void test_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(limit_cases); i++) {
        const struct limit_case *c = &limit_cases[i];
        g_autofree char *text = row(c->keys2, "");
        struct lab *lab = lab_open(text, 1);
        unsigned answers = 0;

        for (unsigned j = 0; j < 50; j++) {
            g_autofree char *src = g_strdup_printf("192.0.2.%u", 1 + j % c->peers);
            lab->now_ns = j * 10 * LAB_MS;
            lab_ask(lab, &(struct lab_probe){ .src = src, .dst = V4, .ttl = c->ttl });
            answers += lab->len > 0;
        }
        check(answers == c->answers, "%s: %u answers, not %u", c->name, answers, c->answers);
        lab_close(lab);
    }
}

/* Echo replies are no errors: no limit holds for them. */
static void test_echo_unlimited(void **state)
{
    g_autofree char *text = row("icmp-rate=1/min\n", "icmp-rate=1/min\n");
    struct lab *lab = lab_open(text, 1);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        lab_ask(lab, &(struct lab_probe){ .dst = i % 2 == 0 ? V4 : "10.0.0.2", .protocol = 1 });
        check(lab->len > 0, "echo %u", i);
    }
    lab_close(lab);
}

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
        g_autofree char *text = row("", c->changes);
        struct lab *lab = lab_open(text, 1);

        for (unsigned j = 0; j < 20; j++) {
            const char *want = j < c->first ? "10.0.0.2/254 " : c->want;
            lab->now_ns = j * 100 * LAB_MS;
            const char *got = lab_ask(lab, &(struct lab_probe){ .dst = V4, .ttl = 2 });
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
    g_autofree char *text = row("", changes);

    (void)state;
    for (int at_once = 0; at_once <= 1; at_once++) {
        struct lab *lab = lab_open(text, 1);
        const struct lab_probe probe = { .dst = V4, .ttl = 2 };
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
        g_autofree char *text = row("delay=1ms\n", changes);
        struct lab *lab = lab_open(text, 1);
        const char *got = lab_ask(lab, &(struct lab_probe){ .dst = V4, .ttl = 2 });
        const bool is_lost = strcmp(got, "nothing") == 0;
        check(is_lost == (i < 2), "%s dies: %s", dying[i], got);
        lab_close(lab);
    }
}

/* All that comes back in a run with much chance in it, times included. */
static GString *run(uint64_t seed)
{
    g_autofree char *text = g_strconcat(
        "[router a]\naddress=172.16.0.1\nnext=b c generate\nbalance=packet\njitter=3ms\n"
        "[router b]\naddress=172.16.1.1 172.16.1.2\nnext=d\nanswer-from=random\n"
        "[router c]\naddress=172.16.2.1\nnext=d\nloss=20%\nloss-back=20%\n"
        "[router d]\naddress=172.16.3.1\nnext=h\nicmp-rate=50/s\n"
        "[host h]\naddress=203.0.113.1\ntcp-open=33480\n"
        "[generate]\ndestinations=100\nlossy=50%\n[change x]\nnode=b\nat=1s\ndown=yes\n",
        NULL);
    struct lab *lab = lab_open(text, seed);
    GString *record = g_string_new(NULL);

    for (unsigned i = 0; i < 1000; i++) {
        const struct packet packet = lab_packet(
            &(struct lab_probe){ .dst = i % 3 == 0 ? "198.18.0.7" : "203.0.113.1",
                                 .protocol = i % 2 == 0 ? 6 : 17,
                                 .src_port = (uint16_t)(33481 + i % 50),
                                 .ttl = (uint8_t)(1 + i % 12) });
        lab->now_ns = i * 2 * LAB_MS;
        lab_send(lab, &packet);
    }
    while (lab_receive(lab)) {
        g_string_append_len(record, (const char *)&lab->now_ns, sizeof lab->now_ns);
        g_string_append_len(record, (const char *)lab->reply, (gssize)lab->len);
    }
    lab_close(lab);
    return record;
}

static void test_equal_runs(void **state)
{
    GString *first = run(7);
    GString *again = run(7);
    GString *other = run(8);

    (void)state;
    check(first->len > 20000, "%zu bytes", first->len);
    check(g_string_equal(first, again), "equal seeds, equal runs");
    check(!g_string_equal(first, other), "other seeds, other runs");
    g_string_free(first, TRUE);
    g_string_free(again, TRUE);
    g_string_free(other, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delays),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_echo_unlimited),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_changes_together),
        cmocka_unit_test(test_dies_meanwhile),
        cmocka_unit_test(test_equal_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
