/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace table: which observations make runs, paths and hops, and where paths end. */
#include "scene.h"
#include "support.h"

#include "traceflow/wire.h"

static const struct tf_path *path_of(const struct tf_trace_set *set, uint16_t path_id)
{
    const struct tf_trace *trace = tf_trace_set_get(set, 0);

    for (size_t i = 0; i < trace->n_paths; i++)
        if (trace->paths[i]->path_id == path_id)
            return trace->paths[i];
    return NULL;
}

struct end_case {
    const char *name;
    const char *text;
    uint8_t end;
    bool reached;
    uint8_t last_ttl;
    uint8_t length;
};

static const struct end_case end_cases[] = {
    { "reached", "a b C", 3, true, 3, 3 },
    { "the destination answers further probes, too", "a b C C C", 3, true, 3, 3 },
    { "reached through silence", "a * C", 3, true, 3, 3 },
    { "silence at the end", "a b * *", 0, false, 4, 2 },
    { "no answer at all", "* * *", 0, false, 3, 0 },
    { "not answered further than probed", "a b", 0, false, 2, 2 },
    { "host unreachable ends a path, but does not reach", "a b!1 *", 2, false, 2, 2 },
    { "net unreachable", "a!0", 1, false, 1, 1 },
    { "fragmentation needed does not end it", "a b!4 c", 0, false, 3, 3 },
    { "prohibited, but another answer and the next TTL say that it goes on", "a b,c!13 d", 0, false,
      3, 3 },
    { "prohibited, and nothing but another answer denies it", "a b,c!13 *", 2, false, 2, 2 },
    { "first TTL 3", "- - a B", 4, true, 4, 4 },
    { "the lowest end counts", "a B!3 C", 2, true, 2, 2 },
};

static void test_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(end_cases); i++) {
        const struct end_case *c = &end_cases[i];
        struct tf_trace_set *set = scene(&c->text, 1);
        const struct tf_path *path = path_of(set, 1);

        check(tf_path_end(path) == c->end, "%s: end %u", c->name, tf_path_end(path));
        check(tf_path_reached(path) == c->reached, "%s: reached", c->name);
        check(tf_path_last_ttl(path) == c->last_ttl, "%s: last TTL %u", c->name,
              tf_path_last_ttl(path));
        check(tf_path_length(path) == c->length, "%s: length %u", c->name, tf_path_length(path));
        tf_trace_set_free(set);
    }
}

/* That the way goes on behind the destination takes more than an answer to a probe which nobody
 * captured; one to the same probe will do. */
static void test_what_denies_an_end(void **state)
{
    (void)state;
    for (unsigned has_probe = 0; has_probe < 2; has_probe++) {
        struct tf_trace_set *set = tf_trace_set_new();
        struct tf_observation denial = scene_reply(1, 2, 'x');

        denial.has_probe = has_probe;
        scene_add(set, 1, "a B B");
        tf_trace_set_add(set, &denial);
        check(tf_path_hop(path_of(set, 1), 2)->contradicted, "%u: contradicted", has_probe);
        check(tf_path_end(path_of(set, 1)) == 2 + has_probe, "%u: end", has_probe);
        tf_trace_set_free(set);
    }
}

struct range_case {
    const char *name;
    const char *texts[3];
    uint8_t first;
    uint8_t last;
};

static const struct range_case range_cases[] = {
    { "even", { "a b C", "a d C" }, 1, 3 },
    { "uneven", { "a B", "a c d B" }, 1, 4 },
    { "first TTL 3", { "- - a B", "- - c B" }, 3, 4 },
    { "one path begins later", { "- a B", "- - c B" }, 2, 4 },
    { "what is probed behind the end is not shown", { "a B * *" }, 1, 2 },
};

static void test_ttl_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(range_cases); i++) {
        const struct range_case *c = &range_cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        const struct tf_ttl_range ttls = tf_trace_ttls(tf_trace_set_get(set, 0));

        check(ttls.first == c->first && ttls.last == c->last, "%s: %u to %u", c->name, ttls.first,
              ttls.last);
        tf_trace_set_free(set);
    }
}

static void test_ttl_range_without_paths(void **state)
{
    const struct tf_trace trace = { .n_paths = 0 };
    const struct tf_ttl_range ttls = tf_trace_ttls(&trace);

    (void)state;
    check(ttls.first == 1 && ttls.last == 0, "%u to %u", ttls.first, ttls.last);
}

static void test_hops(void **state)
{
    static const char *const text = "- a * b,c";
    struct tf_trace_set *set = scene(&text, 1);
    const struct tf_path *path = path_of(set, 1);

    (void)state;
    check(tf_path_hop(path, 1) == NULL, "TTL 1 was not probed");
    check(tf_path_hop(path, 2)->n_replies == 1 && tf_path_hop(path, 2)->sent == 1, "TTL 2");
    check(tf_path_hop(path, 3)->n_replies == 0 && tf_path_hop(path, 3)->sent == 1,
          "TTL 3 is silent");
    check(tf_path_hop(path, 4)->n_replies == 2, "TTL 4");
    check(tf_path_hop(path, 5) == NULL && tf_path_hop(path, 255) == NULL, "beyond");
    tf_trace_set_free(set);
}

static void test_paths_are_sorted(void **state)
{
    static const uint16_t order[] = { 7, 300, 1, 255, 2, 7 };
    static const uint16_t want[] = { 1, 2, 7, 255, 300 };
    struct tf_trace_set *set = tf_trace_set_new();

    (void)state;
    for (size_t i = 0; i < COUNT(order); i++)
        scene_add(set, order[i], "a b");
    const struct tf_trace *trace = tf_trace_set_get(set, 0);
    assert_int_equal(trace->n_paths, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++)
        check(trace->paths[i]->path_id == want[i], "place %zu", i);
    tf_trace_set_free(set);
}

static void test_replies_beyond_the_most(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    const struct tf_observation reply = scene_reply(1, 2, 'b');

    (void)state;
    scene_add(set, 1, "a *");
    for (int i = 0; i < TF_HOP_REPLIES_MAX + 10; i++)
        tf_trace_set_add(set, &reply);
    const struct tf_hop *hop = tf_path_hop(path_of(set, 1), 2);
    assert_int_equal(hop->n_replies, TF_HOP_REPLIES_MAX);
    assert_int_equal(hop->omitted, 10);
    tf_trace_set_free(set);
}

static void test_repeated_probes_count_once(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation probe = scene_probe(1, 1);

    (void)state;
    tf_trace_set_add(set, &probe);
    probe.duplicate = true;
    tf_trace_set_add(set, &probe);
    probe.duplicate = false;
    probe.attempt = 1;
    tf_trace_set_add(set, &probe);
    assert_int_equal(tf_path_hop(path_of(set, 1), 1)->sent, 2);
    tf_trace_set_free(set);
}

static void test_replies_of_unknown_ttl(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation reply = scene_reply(1, 2, 'b');

    (void)state;
    scene_add(set, 1, "a *");
    reply.has_ttl = false;
    tf_trace_set_add(set, &reply);
    assert_int_equal(path_of(set, 1)->unplaced, 1);
    assert_int_equal(tf_path_hop(path_of(set, 1), 2)->n_replies, 0);
    tf_trace_set_free(set);
}

/*
 * One letter an observation of path 1 (P, R) or 2 (p, r), run A; of another run: Q a probe, S a
 * reply.
 */
struct any_probe_case {
    const char *name;
    const char *sequence;
    size_t n_traces;
    size_t n_paths; /* of the first trace */
    unsigned unmatched;
};

static const struct any_probe_case any_probe_cases[] = {
    { "nothing", "", 0, 0, 0 },
    { "replies alone are taken at their word", "RrS", 2, 2, 0 },
    { "probes and replies", "PRpr", 1, 2, 0 },
    { "a reply of a path without a probe", "PRr", 1, 1, 1 },
    { "a reply of a run without a probe", "PRS", 1, 1, 1 },
    { "two runs", "PQRS", 2, 1, 0 },
    { "a reply before its run's only probe, of another path", "rP", 1, 1, 1 },
    { "the first probe ends what replies alone made", "SP", 1, 1, 1 },
};

static struct tf_observation observation_of(char letter)
{
    const uint16_t path_id = letter == 'p' || letter == 'r' ? 2 : 1;
    const bool is_probe = letter == 'P' || letter == 'p' || letter == 'Q';
    struct tf_observation obs = is_probe ? scene_probe(path_id, 1) : scene_reply(path_id, 1, 'a');

    if (letter == 'Q' || letter == 'S')
        obs.run_id = 0xb;
    return obs;
}

/*
 * trace.h: "In a capture that holds probes, only what was probed is believed to exist: a reply
 * whose run or path has no probe before it makes none, it is counted".
 */
static void test_only_what_was_probed_exists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(any_probe_cases); i++) {
        const struct any_probe_case *c = &any_probe_cases[i];
        struct tf_trace_set *set = tf_trace_set_new();

        for (const char *letter = c->sequence; *letter != '\0'; letter++) {
            const struct tf_observation obs = observation_of(*letter);
            tf_trace_set_add(set, &obs);
        }
        check(tf_trace_set_count(set) == c->n_traces, "%s: %zu traces", c->name,
              tf_trace_set_count(set));
        if (c->n_traces > 0)
            check(tf_trace_set_get(set, 0)->n_paths == c->n_paths, "%s: %zu paths", c->name,
                  tf_trace_set_get(set, 0)->n_paths);
        check(tf_trace_set_unmatched(set) == c->unmatched, "%s: %u unmatched", c->name,
              tf_trace_set_unmatched(set));
        tf_trace_set_free(set);
    }
}

/* The path is probed, but not this TTL of it, as far as the capture goes: the cell is filled. */
static void test_a_reply_to_a_lost_probe(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    const struct tf_observation probe = scene_probe(1, 1);
    struct tf_observation reply = scene_reply(1, 2, 'b');

    (void)state;
    reply.has_probe = false;
    tf_trace_set_add(set, &probe);
    tf_trace_set_add(set, &reply);
    const struct tf_path *path = path_of(set, 1);
    const struct tf_hop *hop = tf_path_hop(path, 2);
    assert_true(hop != NULL && hop->sent == 0 && hop->n_replies == 1);
    assert_int_equal(tf_path_last_ttl(path), 2);
    assert_int_equal(path->unplaced + tf_trace_set_unmatched(set), 0);
    tf_trace_set_free(set);
}

static void test_what_makes_a_run(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation probe = scene_probe(1, 1);

    (void)state;
    tf_trace_set_add(set, &probe);
    probe.flow.src_port++; /* the path's, not the run's */
    tf_trace_set_add(set, &probe);
    assert_int_equal(tf_trace_set_count(set), 1);
    probe.flow.dst_port++;
    tf_trace_set_add(set, &probe);
    probe.flow.dst = addr("198.51.100.10");
    tf_trace_set_add(set, &probe);
    probe.has_run_id = false;
    tf_trace_set_add(set, &probe);
    probe.run_id = 0; /* means nothing without has_run_id */
    tf_trace_set_add(set, &probe);
    assert_int_equal(tf_trace_set_count(set), 4);
    tf_trace_set_free(set);
}

static struct tf_observation probe_of_run(uint32_t run_id)
{
    struct tf_observation probe = scene_probe(1, 1);

    probe.run_id = run_id;
    return probe;
}

static void test_runs_are_found_and_removed(void **state)
{
    static const uint32_t runs[] = { 7, 0, 9 };
    struct tf_trace_set *set = tf_trace_set_new();
    const struct tf_observation late = scene_reply(1, 1, 'a');

    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++) {
        const struct tf_observation probe = probe_of_run(runs[i]);
        tf_trace_set_add(set, &probe);
    }
    for (size_t i = 0; i < COUNT(runs); i++)
        check(tf_trace_set_find(set, runs[i]) == tf_trace_set_get(set, i), "run %zu", i);
    check(tf_trace_set_find(set, 8) == NULL, "a run that is none");

    tf_trace_set_remove(set, tf_trace_set_find(set, 0));
    check(tf_trace_set_count(set) == 2 && tf_trace_set_find(set, 0) == NULL, "removed");
    check(tf_trace_set_get(set, 1) == tf_trace_set_find(set, 9), "the others stay in order");
    struct tf_observation reply = late;
    reply.run_id = 0;
    tf_trace_set_add(set, &reply);
    check(tf_trace_set_count(set) == 2 && tf_trace_set_unmatched(set) == 1, "later replies count");
    tf_trace_set_free(set);
}

/* Two runs towards two destinations may have drawn, or been forged to have, one ID. */
static void test_one_id_two_runs(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation probe = scene_probe(1, 1);

    (void)state;
    tf_trace_set_add(set, &probe);
    probe.flow.dst = addr("198.51.100.10");
    tf_trace_set_add(set, &probe);
    tf_trace_set_remove(set, tf_trace_set_get(set, 1));
    check(tf_trace_set_find(set, SCENE_RUN_ID) == tf_trace_set_get(set, 0), "the first stays");
    tf_trace_set_remove(set, tf_trace_set_get(set, 0));
    check(tf_trace_set_find(set, SCENE_RUN_ID) == NULL, "none");
    tf_trace_set_free(set);
}

static void test_probes_are_kept(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();

    (void)state;
    for (uint8_t attempt = 0; attempt < 5; attempt++) {
        struct tf_observation probe = scene_probe(1, 3);
        probe.attempt = attempt;
        probe.frame += attempt;
        tf_trace_set_add(set, &probe);
    }
    const struct tf_hop *hop = tf_path_hop(path_of(set, 1), 3);
    for (uint8_t attempt = 0; attempt < 5; attempt++)
        check(hop->probes[attempt].attempt == attempt &&
                  hop->probes[attempt].frame == scene_probe(1, 3).frame + attempt,
              "attempt %u", attempt);
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_what_denies_an_end),
        cmocka_unit_test(test_ttl_ranges),
        cmocka_unit_test(test_ttl_range_without_paths),
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_paths_are_sorted),
        cmocka_unit_test(test_replies_beyond_the_most),
        cmocka_unit_test(test_repeated_probes_count_once),
        cmocka_unit_test(test_replies_of_unknown_ttl),
        cmocka_unit_test(test_only_what_was_probed_exists),
        cmocka_unit_test(test_a_reply_to_a_lost_probe),
        cmocka_unit_test(test_what_makes_a_run),
        cmocka_unit_test(test_runs_are_found_and_removed),
        cmocka_unit_test(test_one_id_two_runs),
        cmocka_unit_test(test_probes_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
