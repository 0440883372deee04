/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP: probes of one flow that reach the destination together spoil each other, and lengths are
 * right all the same. */
#include <string.h>

#include "coverage.h"
#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* Branches of 1, 2 and 3 routers; the delay of a link each way. */
#define BRANCHES(delay, more)                                                                      \
    "[router r1]\naddress = 10.0.0.1\nnext = a b c\ndelay = " delay "\n"                           \
    "[router a]\naddress = 10.0.1.1\nnext = m\ndelay = " delay "\n"                                \
    "[router b]\naddress = 10.0.2.1\nnext = b2\ndelay = " delay "\n"                               \
    "[router b2]\naddress = 10.0.2.2\nnext = m\ndelay = " delay "\n"                               \
    "[router c]\naddress = 10.0.3.1\nnext = c2\ndelay = " delay "\n"                               \
    "[router c2]\naddress = 10.0.3.2\nnext = c3\ndelay = " delay "\n"                              \
    "[router c3]\naddress = 10.0.3.3\nnext = m\ndelay = " delay "\n"                               \
    "[router m]\naddress = 10.0.0.2\nnext = dst\ndelay = " delay "\n"                              \
    "[host dst]\naddress = 198.51.100.1\n" more

struct tcp_case {
    const char *name;
    const char *topology;
    uint16_t paths; /* 0: as many as statistics want */
    int64_t at_most_ns;
};

/* A round trip to the destination takes up to 600 ms where links take 50 ms. */
static const struct tcp_case cases[] = {
    { "open port, no delay", BRANCHES("0ms", "tcp-open = 443\n"), 0, TF_NS_PER_S },
    { "open port, 50 ms", BRANCHES("50ms", "tcp-open = 443\n"), 0, 20 * 600 * TF_NS_PER_MS },
    { "open port, 50 ms, 16 paths", BRANCHES("50ms", "tcp-open = 443\n"), 16, 4 * TF_NS_PER_S },
    { "closed port, 50 ms", BRANCHES("50ms", ""), 0, 20 * 600 * TF_NS_PER_MS },
    { "closed port, 50 ms, 16 paths", BRANCHES("50ms", ""), 16, 4 * TF_NS_PER_S },
    { "jitter: probes overtake each other", BRANCHES("5ms\njitter = 20ms", "tcp-open = 443\n"), 0,
      20 * TF_NS_PER_S },
    { "jitter, 16 paths", BRANCHES("5ms\njitter = 20ms", "tcp-open = 443\n"), 16,
      20 * TF_NS_PER_S },
};

static struct plan_options options_of(const struct tcp_case *c)
{
    return (struct plan_options){ .paths = c->paths > 0 ? c->paths : 255,
                                  .automatic = c->paths == 0,
                                  .confidence = 95,
                                  .first_ttl = 1,
                                  .max_ttl = 64,
                                  .attempts = 3,
                                  .gap_limit = 8,
                                  .has_state = true,
                                  .timeout_ns = TF_NS_PER_S };
}

static void trace(const struct tcp_case *c, uint64_t seed)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_TCP, .dport = 443 };
    const struct rehearsal_to to = { .addr = addr("198.51.100.1"), .protocol = TF_IP_PROTO_TCP };
    const struct plan_options options = options_of(c);
    GError *error = NULL;
    struct topology *topology = topology_parse(c->name, c->topology, strlen(c->topology), &error);

    check(topology != NULL, "%s: %s", c->name, error != NULL ? error->message : "");
    struct rehearsal rehearsal = rehearse_to(topology, &to, &options, seed);
    const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
    const struct coverage coverage = coverage_of(topology, &query, result);
    check(rehearsal.done, "%s: the plan ends", c->name);
    check(coverage.false_answers == 0, "%s: %u answers or lengths are wrong", c->name,
          coverage.false_answers);
    check(coverage.missed == 0, "%s: %u links are missed", c->name, coverage.missed);
    check(coverage.holes == 0, "%s: %u cells have no answer", c->name, coverage.holes);
    check(rehearsal.ended_ns <= c->at_most_ns, "%s: takes %.3f s", c->name,
          (double)rehearsal.ended_ns / 1e9);
    for (size_t i = 0; c->paths > 0 && i < result->n_paths; i++)
        check(tf_path_reached(result->paths[i]), "%s: path %zu reaches", c->name, i + 1);
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint64_t seed = 1; seed <= 5; seed++)
            trace(&cases[i], seed);
}

static struct tf_observation reply(uint8_t ttl, enum tf_kind kind)
{
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.kind = kind;
    obs.path_id = 1;
    obs.has_ttl = ttl > 0;
    obs.ttl = ttl;
    obs.responder = addr(kind == TF_KIND_HOP_REPLY ? "10.0.0.1" : "198.51.100.1");
    obs.responder.bytes[3] = kind == TF_KIND_HOP_REPLY ? ttl : 1;
    return obs;
}

/* Sends all that may go out; returns how many, and the TTLs as bits. */
static unsigned send_all(struct plan *plan, int64_t now_ns, uint64_t *ttls)
{
    struct probe_spec spec;
    int64_t until_ns = 0;
    unsigned sent = 0;

    for (*ttls = 0; plan_next(plan, now_ns, &spec, &until_ns) == PLAN_SEND; sent++)
        *ttls |= UINT64_C(1) << spec.ttl;
    return sent;
}

/*
 * TTLs 1 to 3 are routers, and 6 was answered in full, 4 and 5 not at all, but for a bare ACK: then
 * 4 and 5 are asked, one after the other, the lower one first, until the first answer.
 */
static void test_bare_acknowledgement(void **state)
{
    const struct tcp_case one = { .paths = 1 };
    const struct plan_options options = options_of(&one);
    struct plan *plan = plan_new(&options);
    int64_t now_ns = 0;
    uint64_t ttls = 0;

    (void)state;
    send_all(plan, now_ns, &ttls);
    for (uint8_t ttl = 1; ttl <= 3; ttl++) {
        const struct tf_observation hop = reply(ttl, TF_KIND_HOP_REPLY);
        plan_observe(plan, &hop);
    }
    const struct tf_observation full = reply(6, TF_KIND_DESTINATION_REPLY);
    const struct tf_observation bare = reply(0, TF_KIND_DESTINATION_REPLY);
    plan_observe(plan, &full);
    plan_observe(plan, &bare);
    check(send_all(plan, now_ns, &ttls) == 0, "nothing behind the end");
    now_ns += TF_NS_PER_S + 20 * TF_NS_PER_MS;
    check(send_all(plan, now_ns, &ttls) == 1 && ttls == 1U << 4, "TTL 4, alone");
    const struct tf_observation shorter = reply(4, TF_KIND_DESTINATION_REPLY);
    plan_observe(plan, &shorter);
    check(send_all(plan, now_ns, &ttls) == 0, "the length is certain");
    struct probe_spec spec;
    int64_t until_ns = 0;
    check(plan_next(plan, now_ns, &spec, &until_ns) == PLAN_DONE, "done");
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_bare_acknowledgement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
