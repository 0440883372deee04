/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As many paths as statistics want: what it costs, what is inferred, and what cannot be. */
#include <string.h>

#include "coverage.h"
#include "rehearsal.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

#define SPREAD                                                                                     \
    "[router r0]\naddress = 10.0.0.1\nnext = a b c d\n"                                            \
    "[router a]\naddress = 10.0.1.1\nnext = m1\n"                                                  \
    "[router b]\naddress = 10.0.1.2\nnext = m1\n"                                                  \
    "[router c]\naddress = 10.0.1.3\nnext = m1\n"                                                  \
    "[router d]\naddress = 10.0.1.4\nnext = m1\n"
#define MERGE                                                                                      \
    "[router m1]\naddress = 10.0.2.1\nnext = e f g\n"                                              \
    "[router e]\naddress = 10.0.3.1\nnext = m2\n"                                                  \
    "[router f]\naddress = 10.0.3.2\nnext = m2\n"                                                  \
    "[router g]\naddress = 10.0.3.3\nnext = m2\n"                                                  \
    "[router m2]\naddress = 10.0.4.1\nnext = dst\n"
#define DST   "[host dst]\naddress = 198.51.100.1\n"
#define EQUAL SPREAD MERGE DST
#define LINE                                                                                       \
    "[router l1]\naddress = 10.0.0.1\nnext = l2\ndelay = 10ms\n"                                   \
    "[router l2]\naddress = 10.0.0.2\nnext = l3\ndelay = 10ms\n"                                   \
    "[router l3]\naddress = 10.0.0.3\nnext = l4\ndelay = 10ms\n"                                   \
    "[router l4]\naddress = 10.0.0.4\nnext = dst\n" DST
#define CHANGE(node, what) "[change " node "]\nnode = " node "\nafter = 0\n" what "\n"

/* Branches of one and two routers, twice; every router answers six at once, then one a second. */
#define LIMIT "\nicmp-rate-per-peer = 1/s\nicmp-burst-per-peer = 6\n"
#define UNEVEN                                                                                     \
    "[router r0]\naddress = 10.0.0.1\nnext = a b c d" LIMIT                                        \
    "[router a]\naddress = 10.0.1.1\nnext = m1" LIMIT                                              \
    "[router b]\naddress = 10.0.1.2\nnext = m1" LIMIT                                              \
    "[router c]\naddress = 10.0.1.3\nnext = c2" LIMIT                                              \
    "[router c2]\naddress = 10.0.1.4\nnext = m1" LIMIT                                             \
    "[router d]\naddress = 10.0.1.5\nnext = d2" LIMIT                                              \
    "[router d2]\naddress = 10.0.1.6\nnext = m1" LIMIT                                             \
    "[router m1]\naddress = 10.0.2.1\nnext = e f g" LIMIT                                          \
    "[router e]\naddress = 10.0.3.1\nnext = m2" LIMIT                                              \
    "[router f]\naddress = 10.0.3.2\nnext = m2" LIMIT                                              \
    "[router g]\naddress = 10.0.3.3\nnext = g2" LIMIT                                              \
    "[router g2]\naddress = 10.0.3.4\nnext = m2" LIMIT                                             \
    "[router m2]\naddress = 10.0.4.1\nnext = dst" LIMIT DST

struct auto_case {
    const char *name;
    const char *topology;
    unsigned probes_at_most;
    unsigned paths_at_most;
    unsigned seconds_at_most;
    bool is_silent; /* some nodes do not answer: links are missed, and cells stay empty */
};

static const struct auto_case cases[] = {
    { "a line", LINE, 5 * 6 + 1, 6, 1, false },
    { "4 branches, then 3", EQUAL, 200, 70, 1, false },
    { "a silent branch", EQUAL CHANGE("b", "silent = yes"), 250, 80, 60, true },
    { "a silent merge router", EQUAL CHANGE("m1", "silent = yes"), 260, 80, 20, true },
    { "a silent destination", LINE CHANGE("dst", "silent = yes"), 4 * 6 + 3 * 6 * 8, 6, 5, true },
    { "one router limits its rate", EQUAL CHANGE("m1", "icmp-rate = 1/s\nicmp-burst = 6"), 250, 70,
      40, false },
    { "every router limits its rate", UNEVEN, 450, 120, 90, false },
    { "half of all packets lost at the end", LINE CHANGE("l4", "loss-back = 30%"), 100, 20, 60,
      false },
};

static struct plan_options automatic(uint16_t paths)
{
    return (struct plan_options){ .paths = paths,
                                  .automatic = true,
                                  .confidence = 95,
                                  .first_ttl = 1,
                                  .max_ttl = 64,
                                  .attempts = 3,
                                  .gap_limit = 8,
                                  .timeout_ns = TF_NS_PER_S };
}

static struct rehearsal trace(const struct topology *topology, const struct plan_options *options,
                              uint64_t seed)
{
    const struct tf_addr dst = addr("198.51.100.1");

    return rehearse(topology, &dst, options, seed);
}

static struct topology *parse(const char *name, const char *text)
{
    GError *error = NULL;
    struct topology *topology = topology_parse(name, text, strlen(text), &error);

    check(topology != NULL, "%s: %s", name, error != NULL ? error->message : "");
    return topology;
}

static void check_case(const struct auto_case *c, uint64_t seed)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP, .dport = TF_BASE_PORT };
    const struct plan_options options = automatic(255);
    struct topology *topology = parse(c->name, c->topology);
    struct rehearsal rehearsal = trace(topology, &options, seed);
    const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
    const struct coverage coverage = coverage_of(topology, &query, result);

    check(rehearsal.done, "%s: the plan ends", c->name);
    check(rehearsal.sent <= c->probes_at_most, "%s: %u probes", c->name, rehearsal.sent);
    check(result->n_paths <= c->paths_at_most, "%s: %zu paths", c->name, result->n_paths);
    check(rehearsal.ended_ns <= c->seconds_at_most * TF_NS_PER_S, "%s: %.3f s", c->name,
          (double)rehearsal.ended_ns / 1e9);
    check(coverage.false_answers == 0, "%s: %u false answers", c->name, coverage.false_answers);
    check(c->is_silent || coverage.holes + coverage.missed == 0, "%s: %u holes, %u missed", c->name,
          coverage.holes, coverage.missed);
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

static void test_costs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_case(&cases[i], seed);
}

#define LOSSY(node) CHANGE(node, "loss = 25%\nloss-back = 25%")

struct loss_case {
    const char *name;
    const char *topology;
    unsigned paths_at_most;
};

static const struct loss_case loss_cases[] = {
    { "half of all packets, at the merge router", EQUAL CHANGE("m1", "loss = 50%\nloss-back = 50%"),
      150 },
    { "a quarter, at every router",
      EQUAL LOSSY("r0") LOSSY("a") LOSSY("b") LOSSY("c") LOSSY("d") LOSSY("m1") LOSSY("e")
          LOSSY("f") LOSSY("g") LOSSY("m2"),
      200 },
};

/* Silence by chance is no router: no flows are spent on it, and all is found. */
static void test_loss(void **state)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP, .dport = TF_BASE_PORT };
    struct plan_options options = automatic(255);

    (void)state;
    options.attempts = 10;
    for (size_t i = 0; i < COUNT(loss_cases); i++) {
        const struct loss_case *c = &loss_cases[i];
        struct topology *topology = parse(c->name, c->topology);

        for (uint64_t seed = 1; seed <= 10; seed++) {
            struct rehearsal rehearsal = trace(topology, &options, seed);
            const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
            const struct coverage coverage = coverage_of(topology, &query, result);

            check(rehearsal.done, "%s, seed %u: the plan ends", c->name, (unsigned)seed);
            check(coverage.missed == 0, "%s, seed %u: %u links are missed", c->name, (unsigned)seed,
                  coverage.missed);
            check(result->n_paths <= c->paths_at_most, "%s, seed %u: %zu paths", c->name,
                  (unsigned)seed, result->n_paths);
            rehearsal_end(&rehearsal);
        }
        topology_free(topology);
    }
}

static unsigned probes_at(const struct tf_trace *trace, uint8_t ttl, unsigned *cells)
{
    unsigned probes = 0;

    *cells = 0;
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_hop *hop = tf_path_hop(trace->paths[i], ttl);
        probes += hop != NULL ? hop->sent : 0;
        *cells += hop != NULL && hop->sent > 0;
    }
    return probes;
}

/* Behind a choice every flow is asked, so that each is followed; elsewhere few are. */
static void test_where_flows_are_asked(void **state)
{
    const struct plan_options options = automatic(255);
    struct topology *topology = parse("equal", EQUAL);
    struct rehearsal rehearsal = trace(topology, &options, 1);
    const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
    unsigned cells = 0;

    (void)state;
    check(result->n_paths >= 30, "30 flows rule out a fifth branch");
    check(probes_at(result, 1, &cells) <= 8, "the first hop is spared: %u", cells);
    check(probes_at(result, 2, &cells) >= result->n_paths + 3 && cells == result->n_paths,
          "TTL 2: all flows, and repetitions");
    probes_at(result, 3, &cells);
    check(cells >= 4 * 6 && cells <= 4 * 7, "TTL 3: %u", cells);
    probes_at(result, 4, &cells);
    check(cells == result->n_paths, "TTL 4: all flows");
    probes_at(result, 6, &cells);
    check(cells <= 8, "TTL 6: %u", cells);
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

static void test_cap(void **state)
{
    const struct plan_options options = automatic(7);
    struct topology *topology = parse("equal", EQUAL);
    struct rehearsal rehearsal = trace(topology, &options, 1);

    (void)state;
    check(rehearsal.done, "the plan ends");
    check(tf_trace_set_get(rehearsal.traces, 0)->n_paths == 7, "at the cap");
    rehearsal_end(&rehearsal);
    topology_free(topology);
}

/* All responders are found, as often as the confidence says (5 misses of 20 are less likely than
 * one in a hundred), and the plan ends far from the cap. */
static void test_balancing_by_packet(void **state)
{
    const struct plan_options options = automatic(255);
    struct topology *topology = parse("by packet", EQUAL CHANGE("r0", "balance = packet"));
    unsigned missed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rehearsal rehearsal = trace(topology, &options, seed);
        const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
        unsigned found = 0;

        for (size_t i = 0; i < result->n_paths; i++) {
            const struct tf_hop *hop = tf_path_hop(result->paths[i], 2);
            for (size_t j = 0; hop != NULL && j < hop->n_replies; j++)
                found |= 1U << hop->replies[j].responder.bytes[3];
        }
        check(rehearsal.done && rehearsal.sent < 250, "seed %u: %u probes", (unsigned)seed,
              rehearsal.sent);
        missed += found != 0x1e;
        rehearsal_end(&rehearsal);
    }
    check(missed < 5, "%u of 20 miss a responder", missed);
    topology_free(topology);
}

/* Branches of unequal length, two stages of them, behind a balancer of packets. */
static void test_uneven_branches_by_packet(void **state)
{
    const struct plan_options options = automatic(255);
    struct topology *topology = parse(
        "uneven by packet",
        "[router r0]\naddress = 10.0.0.1\nnext = a b c\nbalance = packet\ndelay = 1ms\n"
        "[router a]\naddress = 10.0.1.1\nnext = m1\n"
        "[router b]\naddress = 10.0.1.2\nnext = b2\n"
        "[router b2]\naddress = 10.0.1.3\nnext = m1\n"
        "[router c]\naddress = 10.0.1.4\nnext = m1\n" MERGE DST);

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rehearsal rehearsal = trace(topology, &options, seed);

        check(rehearsal.done, "seed %u: the plan ends", (unsigned)seed);
        check(tf_trace_set_get(rehearsal.traces, 0)->n_paths < 255, "seed %u: before the cap",
              (unsigned)seed);
        rehearsal_end(&rehearsal);
    }
    topology_free(topology);
}

/* The network is told by hand: flow and TTL give the last byte of an address. */
typedef uint8_t (*node_at)(uint16_t path_id, uint8_t ttl, uint8_t attempt);

enum { HAND_PATHS = 128, HAND_END = 3, HAND_DST = 99 };

struct by_hand {
    unsigned sent[HAND_PATHS + 1][HAND_END + 9];
    uint8_t last[HAND_PATHS + 1][HAND_END + 9]; /* the last node that answered there */
    bool parts;                                 /* … and it was not always the same */
    unsigned paths;
    unsigned probes;
};

static void answer(struct plan *plan, const struct probe_spec *spec, node_at node,
                   struct by_hand *played)
{
    const bool is_end = spec->ttl >= HAND_END;
    const uint8_t hop = node(spec->path_id, spec->ttl, spec->attempt);
    uint8_t *last = &played->last[spec->path_id][spec->ttl];
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.kind = is_end ? TF_KIND_DESTINATION_REPLY : TF_KIND_HOP_REPLY;
    obs.has_ttl = true;
    obs.path_id = spec->path_id;
    obs.ttl = spec->ttl;
    obs.responder = addr("10.0.0.0");
    obs.responder.bytes[3] = is_end ? HAND_DST : hop;
    played->parts |= *last != 0 && *last != obs.responder.bytes[3];
    *last = obs.responder.bytes[3];
    plan_observe(plan, &obs);
}

static struct by_hand play_options_by_hand(node_at node, const struct plan_options *options)
{
    struct plan *plan = plan_new(options);
    struct by_hand played = { .probes = 0 };
    struct probe_spec spec;
    int64_t now_ns = 0;
    int64_t until_ns = 0;
    enum plan_step step;

    while ((step = plan_next(plan, now_ns, &spec, &until_ns)) != PLAN_DONE) {
        if (step == PLAN_WAIT) {
            now_ns = until_ns;
            continue;
        }
        played.sent[spec.path_id][spec.ttl]++;
        played.probes++;
        answer(plan, &spec, node, &played);
    }
    const struct plan_progress progress = plan_progress(plan);
    played.paths = progress.paths;
    check(progress.sent == played.probes && progress.answered == played.probes &&
              progress.waiting == 0 && progress.silent == 0,
          "progress");
    check(progress.top >= HAND_END, "progress: the highest TTL");
    plan_free(plan);
    return played;
}

static struct by_hand play_by_hand(node_at node, uint32_t seed)
{
    struct plan_options options = automatic(HAND_PATHS);

    options.seed = seed;
    return play_options_by_hand(node, &options);
}

/* The first ten flows hide that the source has two next hops. */
static uint8_t hidden_balancer(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    (void)attempt;
    if (ttl == 1)
        return path_id <= 10 ? 1 : 2;
    return path_id <= 10 ? 10 + path_id % 2 : 20;
}

/*
 * Flows behind the tenth are first inferred to pass node 1. Then a link shows that nobody saw with
 * both its ends: its flow is asked, and with it all the inferences fall.
 */
static void test_contradiction(void **state)
{
    const struct by_hand played = play_by_hand(hidden_balancer, 1);

    (void)state;
    check(played.paths > 10, "more flows than ten: %u", played.paths);
    for (unsigned path_id = 1; path_id <= played.paths; path_id++)
        check(played.sent[path_id][1] > 0, "path %u is asked at TTL 1", path_id);
}

static uint8_t plain(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    (void)attempt;
    return ttl == 1 ? 1 : 10 + path_id % 2;
}

static void test_inference(void **state)
{
    const struct by_hand played = play_by_hand(plain, 1);
    unsigned asked = 0;

    (void)state;
    for (unsigned path_id = 1; path_id <= played.paths; path_id++) {
        asked += played.sent[path_id][1] > 0;
        check(played.sent[path_id][2] > 0, "path %u is asked at TTL 2", path_id);
    }
    check(played.paths == 14, "13 flows rule out a third next hop, and 7 through each a second: %u",
          played.paths);
    check(asked == 7, "one flow more than six at TTL 1, as there is a balancer: %u", asked);
}

/* The route changes once: what was asked before is of the old one. */
static uint8_t changing(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    if (ttl == 1)
        return 1;
    return path_id > 6 || attempt > 0 ? 30 : 10 + path_id % 2;
}

static void test_change_does_not_run_away(void **state)
{
    const struct by_hand played = play_by_hand(changing, 1);

    (void)state;
    check(played.paths < HAND_PATHS, "%u paths", played.paths);
    check(played.probes < 250, "%u probes", played.probes);
}

/* Node 1 sends packets to two next hops in turn, whatever their flow. */
static uint8_t taking_turns(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    static unsigned packets;

    (void)path_id;
    (void)attempt;
    return ttl == 1 ? 1 : (uint8_t)(10 + packets++ % 2);
}

/*
 * Whatever order the probes have, no flow may seem to keep its way. Six probes may all have gone
 * the same way, with a chance of 1/32: 7 of 50 times is less likely than one in a thousand.
 */
static void test_turns_show_themselves(void **state)
{
    unsigned hidden = 0;

    (void)state;
    for (uint32_t seed = 1; seed <= 50; seed++) {
        const struct by_hand played = play_by_hand(taking_turns, seed);

        hidden += !played.parts;
        check(played.parts || played.paths == 6, "seed %u: two next hops, by flow", seed);
        check(played.paths < HAND_PATHS, "seed %u: %u paths", seed, played.paths);
    }
    check(hidden < 7, "%u of 50", hidden);
}

/* … to three; two of them in turn may stay in step with the probes of a fixed number of paths. */
static uint8_t taking_three_turns(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    static unsigned packets;

    (void)path_id;
    (void)attempt;
    return ttl == 1 ? 1 : (uint8_t)(10 + packets++ % 3);
}

/* A fixed number of paths has no repetitions but these: three pairs, at the first balancer. */
static void test_a_fixed_number_repeats_in_pairs(void **state)
{
    struct plan_options options = automatic(8);

    (void)state;
    options.automatic = false;
    const struct by_hand turns = play_options_by_hand(taking_three_turns, &options);
    const struct by_hand still = play_options_by_hand(plain, &options);
    unsigned repeated = 0;
    for (unsigned path_id = 1; path_id <= 8; path_id++) {
        check(still.sent[path_id][1] == 1 && still.sent[path_id][3] == 1, "path %u", path_id);
        repeated += still.sent[path_id][2] - 1;
    }
    check(repeated == 6 && !still.parts, "by flow: %u repeated", repeated);
    check(turns.parts, "packets in turn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_where_flows_are_asked),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_balancing_by_packet),
        cmocka_unit_test(test_uneven_branches_by_packet),
        cmocka_unit_test(test_contradiction),
        cmocka_unit_test(test_inference),
        cmocka_unit_test(test_change_does_not_run_away),
        cmocka_unit_test(test_turns_show_themselves),
        cmocka_unit_test(test_a_fixed_number_repeats_in_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
