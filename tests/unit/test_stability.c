/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What repeated probes of one path and TTL tell: balancing by flow or by packet, or a change. */
#include "asked.h"
#include "support.h"

#include "graph.h"

enum { CELLS_MAX = 12 };

/* The attempts of one path and TTL: 10 ms apart, from start_ms on. */
struct cell_case {
    uint16_t path_id;
    uint8_t ttl;
    int64_t start_ms;
    const char *responders;
};

struct stability_case {
    const char *name;
    struct cell_case cells[CELLS_MAX];
    guint n_zones;
    uint8_t first, last; /* of the first zone */
    enum zone_kind kind;
    guint n_links;
    unsigned whole; /* paths, as a set of bits: 1 << path ID */
};

static const struct stability_case cases[] = {
    { "no repeats", { { 1, 1, 0, "a" }, { 1, 2, 0, "b" } }, 0, 0, 0, 0, 1, 2 },
    { "repeats agree", { { 1, 1, 0, "aaaa" }, { 1, 2, 0, "bbbb" } }, 0, 0, 0, 0, 1, 2 },
    { "there and back, and else the same: not by packet",
      { { 1, 1, 0, "a" },
        { 1, 2, 0, "bbbbbbbbbbbbbbbcbbbbbbbbbbbbbbb" },
        { 2, 2, 0, "bbbbbbbbbbbbbbb" } },
      1,
      2,
      2,
      ZONE_UNSETTLED,
      0,
      0 },
    { "… not so often: perhaps by packet",
      { { 1, 1, 0, "a" },
        { 1, 2, 0, "bbbbbbbbbbbbbbbcbbbbbbbbbbbbbbb" },
        { 2, 2, 0, "bbbbbbbbbbbbbb" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      0,
      0 },
    { "there and back: who is alone before and behind is not sure by so few answers",
      { { 1, 1, 0, "a" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "d" },
        { 2, 1, 0, "a" },
        { 2, 2, 0, "b" },
        { 2, 3, 0, "d" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      0,
      0 },
    { "there and back, between two that are alone: all links are sure",
      { { 1, 1, 0, "aaaa" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "ddddd" },
        { 2, 1, 0, "aaaa" },
        { 2, 2, 0, "b" },
        { 2, 3, 0, "ddddd" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      2,
      0 },
    { "behind where all meet, flows that kept to their ways",
      { { 1, 1, 0, "aaaa" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "ddddd" },
        { 1, 4, 0, "eeee" },
        { 1, 5, 0, "gggg" },
        { 2, 1, 0, "aaaa" },
        { 2, 2, 0, "*" },
        { 2, 3, 0, "ddddd" },
        { 2, 4, 0, "ff" },
        { 2, 5, 0, "h" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      4,
      0 },
    { "… or were not asked often enough",
      { { 1, 1, 0, "aaaa" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "ddddd" },
        { 1, 4, 0, "eeee" },
        { 1, 5, 0, "ggg" },
        { 2, 1, 0, "aaaa" },
        { 2, 2, 0, "*" },
        { 2, 3, 0, "ddddd" },
        { 2, 4, 0, "ff" },
        { 2, 5, 0, "h" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      2,
      0 },
    { "behind it one answers alone, but elsewhere, too: ways are of unequal length",
      { { 1, 1, 0, "aaaa" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "dddddddddd" },
        { 1, 4, 0, "d" },
        { 2, 1, 0, "aaaa" },
        { 2, 2, 0, "b" },
        { 2, 3, 0, "d" },
        { 2, 4, 0, "e" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      1,
      0 },
    { "two TTLs wide: what is between them is not known",
      { { 1, 1, 0, "aaaa" },
        { 1, 2, 0, "bcb" },
        { 1, 3, 0, "e" },
        { 1, 4, 0, "gggggggggggggggg" },
        { 2, 1, 0, "aaaa" },
        { 2, 2, 0, "c" },
        { 2, 3, 0, "f" },
        { 2, 4, 0, "gggggggggggggggg" } },
      1,
      2,
      3,
      ZONE_BY_PACKET,
      3,
      0 },
    { "the destination, and then a router behind it, on two paths",
      { { 1, 1, 0, "a" },
        { 1, 2, 0, "B" },
        { 1, 3, 5, "c" },
        { 2, 1, 0, "a" },
        { 2, 2, 0, "B" },
        { 2, 3, 5, "c" } },
      1,
      2,
      2,
      ZONE_UNSETTLED,
      0,
      0 },
    { "… on one path alone: it may be out of place",
      { { 1, 1, 0, "a" }, { 1, 2, 0, "B" }, { 1, 3, 5, "c" }, { 2, 1, 0, "a" }, { 2, 2, 0, "B" } },
      0,
      0,
      0,
      0,
      1,
      6 },
    { "the zone begins behind a silent hop: who comes before is not known",
      { { 1, 1, 0, "a" },
        { 1, 2, 0, "bcb" },
        { 2, 1, 0, "*" },
        { 2, 2, 0, "b" },
        { 3, 1, 0, "aaaaaaaa" },
        { 3, 2, 0, "b" } },
      1,
      2,
      2,
      ZONE_BY_PACKET,
      0,
      0 },
    { "one change is not enough to tell",
      { { 1, 1, 0, "a" }, { 1, 2, 0, "bc" } },
      1,
      2,
      2,
      ZONE_UNSETTLED,
      0,
      0 },
    { "one change and no way back",
      { { 1, 1, 0, "a" }, { 1, 2, 0, "bbbbbccccc" } },
      1,
      2,
      2,
      ZONE_CHANGED,
      0,
      0 },
    { "changes at one time, in several cells",
      { { 1, 1, 0, "a" }, { 1, 2, 0, "bbbccc" }, { 1, 3, 5, "dddeee" }, { 1, 4, 0, "g" } },
      1,
      2,
      3,
      ZONE_CHANGED,
      0,
      0 },
    { "changes, but at different times",
      { { 1, 1, 0, "a" }, { 1, 2, 0, "bbbbcc" }, { 1, 3, 0, "ddeeee" } },
      1,
      2,
      3,
      ZONE_BY_PACKET,
      0,
      0 },
    { "paths of before and of after are whole; their links are true",
      { { 1, 2, 0, "bbbbbccccc" },
        { 1, 3, 0, "dddddeeeee" },
        { 2, 2, 0, "b" },
        { 2, 3, 1, "d" },
        { 3, 2, 60, "c" },
        { 3, 3, 70, "e" },
        { 4, 2, 0, "b" },
        { 4, 3, 80, "e" } },
      1,
      2,
      3,
      ZONE_CHANGED,
      2,
      1 << 2 | 1 << 3 },
};

static struct tf_trace_set *ask(const struct stability_case *c)
{
    struct tf_trace_set *set = tf_trace_set_new();

    for (size_t i = 0; i < CELLS_MAX && c->cells[i].responders != NULL; i++) {
        const struct cell_case *cell = &c->cells[i];
        const struct asked first = { cell->path_id, cell->ttl, 0, cell->start_ms };
        asked_repeat(set, &first, 10, cell->responders);
    }
    return set;
}

static unsigned whole_paths(const struct stability *stability, const struct tf_trace *trace)
{
    unsigned whole = 0;

    for (size_t i = 0; i < trace->n_paths; i++) {
        const bool is_whole = stability_path_is_whole(stability, trace->paths[i]);
        check(is_whole == !trace->paths[i]->unstable, "path %zu", i);
        whole |= (unsigned)is_whole << trace->paths[i]->path_id;
    }
    return whole;
}

static void test_zones(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct stability_case *c = &cases[i];
        struct tf_trace_set *set = ask(c);
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        struct stability *stability = stability_new(trace);
        struct graph *graph = graph_new(trace, stability);

        check(stability->zones->len == c->n_zones, "%s: %u zones", c->name, stability->zones->len);
        for (guint j = 0; j < c->n_zones; j++) {
            const struct zone *zone = &g_array_index(stability->zones, struct zone, j);
            check(zone->first == c->first && zone->last == c->last, "%s: %u to %u", c->name,
                  zone->first, zone->last);
            check(zone->kind == c->kind, "%s: kind %d", c->name, zone->kind);
        }
        check(graph->links->len == c->n_links, "%s: %u links", c->name, graph->links->len);
        check(whole_paths(stability, trace) == c->whole, "%s: whole %x", c->name,
              whole_paths(stability, trace));
        check(trace->unstable == (c->n_zones > 0 && c->kind != ZONE_CHANGED), "%s", c->name);
        graph_free(graph);
        stability_free(stability);
        tf_trace_set_free(set);
    }
}

/* A repetition that a forger answered, too, is no evidence of balancing. */
static void test_contradictions_prove_nothing(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    const struct asked asked = { 1, 1, 0, 0 };
    const struct tf_observation forged = asked_reply(&asked, 'x');

    (void)state;
    asked_repeat(set, &asked, 10, "aba");
    tf_trace_set_add(set, &forged);
    check(!tf_trace_set_get(set, 0)->unstable, "stable");
    check(tf_trace_set_get(set, 0)->paths[0]->hops[1]->contradicted, "contradicted");
    stability_free(NULL);
    tf_trace_set_free(set);
}

/* An answer to a probe that nobody captured is none either, whether it comes first or last. */
static void test_answers_without_a_probe_prove_nothing(void **state)
{
    (void)state;
    for (unsigned lie_is_last = 0; lie_is_last < 2; lie_is_last++) {
        struct tf_trace_set *set = tf_trace_set_new();
        const struct asked asked = { 1, 1, 0, 0 };
        struct tf_observation lie = asked_reply(&asked, 'x');

        lie.has_probe = false;
        asked_repeat(set, &asked, 0, "a");
        if (lie_is_last == 0)
            tf_trace_set_add(set, &lie);
        asked_repeat(set, &asked, 10, "aa");
        if (lie_is_last == 1)
            tf_trace_set_add(set, &lie);
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        check(!trace->unstable, "%u: stable", lie_is_last);
        check(trace->paths[0]->hops[1]->contradicted, "%u: contradicted", lie_is_last);
        tf_trace_set_free(set);
    }
}

/* If no probe was captured, none of the answers has more to show than the others. */
static void test_answers_alone_contradict_nothing(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    const struct asked asked = { 1, 1, 0, 0 };

    (void)state;
    for (const char *responder = "ab"; *responder != '\0'; responder++) {
        struct tf_observation reply = asked_reply(&asked, *responder);
        reply.has_probe = false;
        tf_trace_set_add(set, &reply);
    }
    check(!tf_trace_set_get(set, 0)->paths[0]->hops[1]->contradicted, "contradicted");
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_answers_without_a_probe_prove_nothing),
        cmocka_unit_test(test_answers_alone_contradict_nothing),
        cmocka_unit_test(test_contradictions_prove_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
