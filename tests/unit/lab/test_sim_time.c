/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulator's clock: delays, jitter, order of arrival; and runs with one seed, which are equal.
 */
#include "lab_scene.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
        const char *got = lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4, .ttl = c->ttl });
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
        g_autofree char *text = lab_row(delay_cases[i].keys2, delay_cases[i].keys_host);
        struct lab *lab = lab_open(text, 1);
        check_delays(&delay_cases[i], lab);
        lab_close(lab);
    }
}

/* What is sent at once comes back by distance; what has one distance, as it was sent. */
static void test_order(void **state)
{
    static const uint8_t ttls[] = { 64, 3, 2, 1, 1, 64, 2 };
    static const char *const want[] = { "10.0.0.1/", "10.0.0.1/",   "10.0.0.2/",  "10.0.0.2/",
                                        "10.0.0.3/", LAB_HOST4 "/", LAB_HOST4 "/" };
    static const uint16_t want_port[] = { 3, 4, 2, 6, 1, 0, 5 }; /* of the quote, less 40000 */
    g_autofree char *text = lab_row("delay=1ms\n[change x]\nnode=r3\nafter=0\ndelay=1ms\n",
                                    "delay=1ms\n");
    struct lab *lab = lab_open(text, 1);
    int64_t last_ns = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(ttls); i++) {
        const struct packet packet = lab_packet(&(struct lab_probe){
            .dst = LAB_HOST4, .ttl = ttls[i], .src_port = (uint16_t)(40000 + i) });
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
    g_autofree char *text = lab_row("", "");
    struct lab *lab = lab_open(text, 1);
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = LAB_HOST4, .ttl = 1 });

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

/* Much chance, and state: a change, a rate limit. */
static const char chances[] =
    "[router a]\naddress=172.16.0.1\nnext=b c generate\nbalance=packet\njitter=3ms\n"
    "[router b]\naddress=172.16.1.1 172.16.1.2\nnext=d\nanswer-from=random\n"
    "[router c]\naddress=172.16.2.1\nnext=d\nloss=20%\nloss-back=20%\n"
    "[router d]\naddress=172.16.3.1\nnext=h\nicmp-rate=50/s\n"
    "[host h]\naddress=203.0.113.1\ntcp-open=33480\n"
    "[generate]\ndestinations=100\nlossy=50%\n[change x]\nnode=b\nat=1s\ndown=yes\n";

static void record_replies(struct lab *lab, int64_t until_ns, GString *record)
{
    size_t len;

    for (int64_t due_ns; (due_ns = sim_due_ns(lab->sim)) <= until_ns && due_ns != INT64_MAX;)
        while ((len = sim_receive(lab->sim, due_ns, lab->reply)) > 0) {
            g_string_append_len(record, (const char *)&due_ns, sizeof due_ns);
            g_string_append_len(record, (const char *)lab->reply, (gssize)len);
        }
}

/* All that comes back in a run, times included. polls: whether it is asked for in between. */
static GString *run(uint64_t seed, bool polls)
{
    struct lab *lab = lab_open(chances, seed);
    GString *record = g_string_new(NULL);

    for (unsigned i = 0; i < 1000; i++) {
        const struct packet packet = lab_packet(
            &(struct lab_probe){ .dst = i % 3 == 0 ? "198.18.0.7" : "203.0.113.1",
                                 .protocol = i % 2 == 0 ? 6 : 17,
                                 .src_port = (uint16_t)(33481 + i % 50),
                                 .ttl = (uint8_t)(1 + i % 12) });
        lab->now_ns = i * 2 * LAB_MS;
        if (polls)
            record_replies(lab, lab->now_ns, record);
        lab_send(lab, &packet);
    }
    record_replies(lab, INT64_MAX, record);
    lab_close(lab);
    return record;
}

static void test_equal_runs(void **state)
{
    GString *first = run(7, false);
    GString *again = run(7, false);
    GString *polled = run(7, true);
    GString *other = run(8, false);

    (void)state;
    check(first->len > 20000, "%zu bytes", first->len);
    check(g_string_equal(first, again), "equal seeds, equal runs");
    check(!g_string_equal(first, other), "other seeds, other runs");
    check(g_string_equal(first, polled), "no matter when it is asked for what comes back");
    g_string_free(first, TRUE);
    g_string_free(again, TRUE);
    g_string_free(polled, TRUE);
    g_string_free(other, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delays),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_equal_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
