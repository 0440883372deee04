/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prober's engine against the lab's simulator: every row of the table is the way that its flow
 * really has. */
#include <string.h>

#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"
#include "truth_paths.h"

#define LINE                                                                                       \
    "[router r1]\naddress = 10.0.0.1 2001:db8::1\nnext = r2\ndelay = 1ms\n"                        \
    "[router r2]\naddress = 10.0.0.2 2001:db8::2\nnext = dst\n"                                    \
    "[host dst]\naddress = 198.51.100.1 2001:db8:d::1\n"

#define DIAMOND                                                                                    \
    "[router r1]\naddress = 10.0.0.1\nnext = a b c\ndelay = 2ms\n"                                 \
    "[router a]\naddress = 10.0.1.1\nnext = m\n"                                                   \
    "[router b]\naddress = 10.0.2.1\nnext = b2\n"                                                  \
    "[router b2]\naddress = 10.0.2.2\nnext = m\n"                                                  \
    "[router c]\naddress = 10.0.3.1\nnext = m\njitter = 5ms\n"                                     \
    "[router m]\naddress = 10.0.0.2\nnext = dst\n"                                                 \
    "[host dst]\naddress = 198.51.100.1\n"

struct rehearsal_case {
    const char *name;
    const char *topology;
    uint16_t paths;
    uint8_t attempts;
    unsigned probes_at_most; /* 0: no matter */
};

static const struct rehearsal_case cases[] = {
    { "a line", LINE, 4, 3, 4 * 3 + 8 },
    { "a diamond of uneven branches with jitter", DIAMOND, 32, 3, 0 },
    { "a silent router",
      LINE "[router x]\naddress = 10.9.9.9\nnext = dst\n"
           "[change dies]\nnode = r2\nafter = 0\nsilent = yes\n",
      4, 3, 0 },
    { "a rate limit", LINE "[change slow]\nnode = r1\nafter = 0\nicmp-rate = 5/s\nicmp-burst = 2\n",
      8, 3, 0 },
    { "loss both ways", LINE "[change bad]\nnode = r1\nafter = 0\nloss = 20%\nloss-back = 20%\n", 4,
      10, 0 },
};

static struct plan_options plan_of(uint16_t paths, uint8_t attempts)
{
    return (struct plan_options){ .paths = paths,
                                  .first_ttl = 1,
                                  .max_ttl = 64,
                                  .attempts = attempts,
                                  .gap_limit = 8,
                                  .timeout_ns = TF_NS_PER_S };
}

static struct topology *parse(const char *name, const char *text)
{
    GError *error = NULL;
    struct topology *topology = topology_parse(name, text, strlen(text), &error);

    check(topology != NULL, "%s: %s", name, error != NULL ? error->message : "");
    return topology;
}

/* The responders of a hop are the node's address, or none. Returns how many there are. */
static size_t check_hop(const char *name, const struct tf_path *path, uint8_t ttl,
                        const struct tf_addr *addr)
{
    const struct tf_hop *hop = tf_path_hop(path, ttl);
    const size_t n = hop != NULL ? hop->n_replies : 0;

    for (size_t i = 0; i < n; i++)
        check(tf_addr_equal(&hop->replies[i].responder, addr), "%s: path %u, TTL %u: responder",
              name, path->path_id, ttl);
    return n;
}

/* Returns the number of TTLs that were answered. */
static size_t check_path(const char *name, struct truth *truth, const struct tf_path *path)
{
    g_autoptr(GPtrArray) paths = truth_paths(truth, path->flow.src_port);
    const GArray *nodes = paths->pdata[0];
    struct tf_addr addr = { 0 };
    size_t answered = 0;

    check(paths->len == 1, "%s: path %u", name, path->path_id);
    check(tf_path_reached(path) && tf_path_length(path) == nodes->len, "%s: path %u: length", name,
          path->path_id);
    for (guint i = 0; i < nodes->len; i++) {
        assert_true(
            topology_address(truth->topology, g_array_index(nodes, uint32_t, i), 4, 0, &addr));
        answered += check_hop(name, path, (uint8_t)(i + 1), &addr) > 0;
    }
    return answered;
}

/* Trace to a destination (NULL: the first host), and compare each row with the truth. Returns the
 * answered TTLs of all paths. */
static size_t trace_and_check(const char *name, const struct topology *topology, const char *to,
                              const struct plan_options *options, struct rehearsal *rehearsal)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP,
                                       .dport = TF_BASE_PORT,
                                       .to = to };
    struct truth truth;
    size_t answered = 0;

    assert_true(truth_begin(&truth, topology, &query, NULL));
    *rehearsal = rehearse(topology, &truth.dst, options, 1);
    check(rehearsal->done, "%s: the plan ends", name);
    check(tf_trace_set_count(rehearsal->traces) == 1, "%s: one trace", name);
    const struct tf_trace *trace = tf_trace_set_get(rehearsal->traces, 0);
    check(trace->n_paths == options->paths, "%s: all paths", name);
    for (size_t i = 0; i < trace->n_paths; i++)
        answered += check_path(name, &truth, trace->paths[i]);
    truth_end(&truth);
    return answered;
}

static void test_phenomena(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct rehearsal_case *c = &cases[i];
        const struct plan_options options = plan_of(c->paths, c->attempts);
        struct topology *topology = parse(c->name, c->topology);
        struct rehearsal rehearsal;

        trace_and_check(c->name, topology, NULL, &options, &rehearsal);
        if (c->probes_at_most > 0)
            check(rehearsal.sent <= c->probes_at_most, "%s: %u probes", c->name, rehearsal.sent);
        rehearsal_end(&rehearsal);
        topology_free(topology);
    }
}

/* Many networks, each with a shape of its own; all that can answer does. */
static void test_generated_networks(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        const struct plan_options options = plan_of(8, 3);
        g_autofree char *name = g_strdup_printf("network %u", seed);
        g_autofree char *text = g_strdup_printf(
            "[router first]\naddress = 192.0.2.254\nnext = generate\n"
            "[generate]\ndestinations = 1000\ndepth = 3-12\nwidth = 8\nlength = 3\n"
            "balancers = 30%%\nseed = %u\n",
            seed);
        g_autofree char *to = g_strdup_printf("d%u.generated.example", seed * 20);
        struct topology *topology = parse(name, text);
        struct rehearsal rehearsal;

        const size_t answered = trace_and_check(name, topology, to, &options, &rehearsal);
        const struct tf_trace *trace = tf_trace_set_get(rehearsal.traces, 0);
        size_t hops = 0;
        for (size_t i = 0; i < trace->n_paths; i++)
            hops += tf_path_length(trace->paths[i]);
        check(answered == hops, "%s: %zu of %zu TTLs answered", name, answered, hops);
        rehearsal_end(&rehearsal);
        topology_free(topology);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phenomena),
        cmocka_unit_test(test_generated_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
