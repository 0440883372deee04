/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does not come back: losses within bounds, at a fixed seed, and rate limits. */
#include "lab_scene.h"

#include <math.h>

#include "traceflow/wire.h"

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
        g_autofree char *text = lab_row(c->keys2, c->keys_host);
        struct lab *lab = lab_open(text, 1);
        unsigned answers = 0;

        for (unsigned j = 0; j < PROBES; j++) {
            lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4, .ttl = c->ttl });
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
        g_autofree char *text = lab_row(c->keys2, "");
        struct lab *lab = lab_open(text, 1);
        unsigned answers = 0;

        for (unsigned j = 0; j < 50; j++) {
            g_autofree char *src = g_strdup_printf("192.0.2.%u", 1 + j % c->peers);
            lab->now_ns = j * 10 * LAB_MS;
            lab_ask(lab, &(struct lab_probe){ .src = src, .dst = LAB_HOST4, .ttl = c->ttl });
            answers += lab->len > 0;
        }
        check(answers == c->answers, "%s: %u answers, not %u", c->name, answers, c->answers);
        lab_close(lab);
    }
}

/* Echo replies are no errors: no limit holds for them. */
static void test_echo_unlimited(void **state)
{
    g_autofree char *text = lab_row("icmp-rate=1/min\n", "icmp-rate=1/min\n");
    struct lab *lab = lab_open(text, 1);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        lab_ask(lab,
                &(struct lab_probe){ .dst = i % 2 == 0 ? LAB_HOST4 : "10.0.0.2", .protocol = 1 });
        check(lab->len > 0, "echo %u", i);
    }
    lab_close(lab);
}

/* No error is sent about an error (RFC 1122 section 3.2.2), so none is counted. */
static void test_unsent_errors_cost_nothing(void **state)
{
    g_autofree char *text = lab_row("icmp-rate=1/min\n", "");
    struct lab *lab = lab_open(text, 1);
    struct packet error = lab_packet(
        &(struct lab_probe){ .dst = LAB_HOST4, .ttl = 2, .protocol = 1 });

    (void)state;
    error.bytes[TF_IPV4_MIN_LEN + TF_ICMP_TYPE] = TF_ICMP_TIME_EXCEEDED;
    lab_seal(&error);
    lab_send(lab, &error);
    check(!lab_receive(lab), "no error about an error");
    lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4, .ttl = 2 });
    check(lab->len > 0, "the token is still there");
    lab_close(lab);
}

/* Memory for packets under way has an end; their ways, which are remembered, count with them. */
static void test_flood(void **state)
{
    enum { ROUTERS = 500, SENT = 40000, WAY_LEN = 4 * ROUTERS, HELD_MAX = 64 << 20 };
    g_autoptr(GString) text = g_string_new("[host h]\naddress=" LAB_HOST4 "\n");
    unsigned answers = 0;

    (void)state;
    for (unsigned i = 1; i < ROUTERS; i++)
        g_string_append_printf(text, "[router r%u]\nttl=keep\nnext=r%u\n", i, i + 1);
    g_string_append_printf(text, "[router r%d]\nttl=keep\nnext=h\ndelay=1s\n", ROUTERS);
    struct lab *lab = lab_open(text->str, 1);
    const struct packet packet = lab_packet(&(struct lab_probe){ .dst = LAB_HOST4 });
    for (unsigned i = 0; i < SENT; i++)
        lab_send(lab, &packet);
    while (lab_receive(lab))
        answers++;
    check(answers > SENT / 2 && answers < HELD_MAX / WAY_LEN, "%u answers", answers);
    lab_ask(lab, &(struct lab_probe){ .dst = LAB_HOST4 });
    check(lab->len > 0, "afterwards there is room again");
    lab_close(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),         cmocka_unit_test(test_limits),
        cmocka_unit_test(test_echo_unlimited), cmocka_unit_test(test_unsent_errors_cost_nothing),
        cmocka_unit_test(test_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
