/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reports, golden: stars, marks, labels, several responders, and the closing line. */
#include "report_text.h"
#include "scene.h"
#include "support.h"

#include <string.h>

#include "traceflow/report.h"
#include "traceflow/wire.h"

struct report_case {
    const char *name;
    const char *texts[6];
    struct tf_report_options options;
    const char *vert;
};

static const struct report_case cases[] = {
    { "one path",
      { "a b C" },
      { 0 },
      HEADING(" 33481") "TTL:      | 1        | 2        | 3        |\n"
                        "Path ID 1 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                        "1 path, 1 distinct, 3 hops, reaches the destination\n" },
    { "uneven paths: blank past the end, a star for silence",
      { "a B", "a * c B" },
      { 0 },
      HEADING("s 33481-33482") "TTL:      | 1        | 2        | 3        | 4        |\n"
                               "Path ID 1 | 10.0.0.1 | 10.0.0.2 |          |          |\n"
                               "Path ID 2 | 10.0.0.1 | *        | 10.0.0.3 | 10.0.0.2 |\n"
                               "2 paths, 2 distinct, 2 to 4 hops, all reach the destination\n" },
    { "no answer",
      { "* *", "* *" },
      { 0 },
      HEADING("s 33481-33482") "TTL:      | 1 | 2 |\n"
                               "Path ID 1 | * | * |\n"
                               "Path ID 2 | * | * |\n"
                               "2 paths, 1 distinct, no answer, the destination did not answer\n" },
    { "one of two reaches it; host, net and prohibited",
      { "a!10 *", "a b C", "a b!1" },
      { 0 },
      HEADING(
          "s 33481-33483") "TTL:      | 1           | 2           | 3        |\n"
                           "Path ID 1 | 10.0.0.1 !X |             |          |\n"
                           "Path ID 2 | 10.0.0.1    | 10.0.0.2    | 10.0.0.3 |\n"
                           "Path ID 3 | 10.0.0.1    | 10.0.0.2 !H |          |\n"
                           "3 paths, 3 distinct, 1 to 3 hops, 1 of 3 reaches the destination\n" },
    { "several answers to one probe contradict; one that repeats itself is named once",
      { "a,b,a,b C" },
      { 0 },
      HEADING(" 33481") "TTL:      | 1                     | 2        |\n"
                        "Path ID 1 | 10.0.0.1, 10.0.0.2 !! | 10.0.0.3 |\n"
                        "1 path, 1 distinct, 2 hops, reaches the destination\n" },
    { "distinct rows: each group's most complete path, and how many others",
      { "a * C", "a b C", "a * C" },
      { .rows = TF_ROWS_DISTINCT },
      HEADING("s 33481-33483") "TTL:           | 1        | 2        | 3        |\n"
                               "Path ID 2 (+2) | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "3 paths, 1 distinct, 3 hops, all reach the destination\n" },
    { "distinct rows: one that fits several has a row of its own",
      { "a * C", "a b C", "a d C" },
      { .rows = TF_ROWS_DISTINCT },
      HEADING("s 33481-33483") "TTL:      | 1        | 2        | 3        |\n"
                               "Path ID 1 | 10.0.0.1 | *        | 10.0.0.3 |\n"
                               "Path ID 2 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "Path ID 3 | 10.0.0.1 | 10.0.0.4 | 10.0.0.3 |\n"
                               "3 paths, 2 distinct, 3 hops, all reach the destination\n" },
    { "nothing inferred, and five: all rows, however alike",
      { "a B", "a B", "a B", "a B", "a B" },
      { 0 },
      HEADING("s 33481-33485") "TTL:      | 1        | 2        |\n"
                               "Path ID 1 | 10.0.0.1 | 10.0.0.2 |\n"
                               "Path ID 2 | 10.0.0.1 | 10.0.0.2 |\n"
                               "Path ID 3 | 10.0.0.1 | 10.0.0.2 |\n"
                               "Path ID 4 | 10.0.0.1 | 10.0.0.2 |\n"
                               "Path ID 5 | 10.0.0.1 | 10.0.0.2 |\n"
                               "5 paths, 1 distinct, 2 hops, all reach the destination\n" },
    { "round-trip times",
      { "a B" },
      { .rtt = true },
      HEADING(" 33481") "TTL:      | 1                 | 2                 |\n"
                        "Path ID 1 | 10.0.0.1 1.000 ms | 10.0.0.2 2.000 ms |\n"
                        "1 path, 1 distinct, 2 hops, reaches the destination\n" },
    { "the name that the user gave",
      { "A" },
      { .destination_name = "www.example.com" },
      "traceflow to www.example.com (198.51.100.9) from 192.0.2.1: UDP, source port 33481, "
      "destination port 33480, run 1badcafe\n"
      "TTL:      | 1        |\n"
      "Path ID 1 | 10.0.0.1 |\n"
      "1 path, 1 distinct, 1 hop, reaches the destination\n" },
    { "first TTL 3",
      { "- - a B" },
      { 0 },
      HEADING(" 33481") "TTL:      | 3        | 4        |\n"
                        "Path ID 1 | 10.0.0.1 | 10.0.0.2 |\n"
                        "1 path, 1 distinct, 4 hops, reaches the destination\n" },
    { "what was not probed is inferred, up to the end; two ways on leave it open",
      { "a b C", "a -", "- b" },
      { .rows = TF_ROWS_ALL },
      HEADING("s 33481-33483") "TTL:      | 1         | 2         | 3         |\n"
                               "Path ID 1 | 10.0.0.1  | 10.0.0.2  | 10.0.0.3  |\n"
                               "Path ID 2 | 10.0.0.1  | ~10.0.0.2 | ~10.0.0.3 |\n"
                               "Path ID 3 | ~10.0.0.1 | 10.0.0.2  | ~10.0.0.3 |\n"
                               "3 paths, 1 distinct, 3 hops, all reach the destination (2 "
                               "inferred)\n" },
    { "six that are all alike, silence too, are one row",
      { "a * C", "a * C", "a * C", "a * C", "a * C", "a * C" },
      { 0 },
      HEADING("s 33481-33486") "TTL:           | 1        | 2 | 3        |\n"
                               "Path ID 1 (+5) | 10.0.0.1 | * | 10.0.0.3 |\n"
                               "6 paths, 1 distinct, 3 hops, all reach the destination\n" },
    { "six of which one is silent somewhere are six rows",
      { "a b C", "a b C", "a * C", "a b C", "a b C", "a b C" },
      { 0 },
      HEADING("s 33481-33486") "TTL:      | 1        | 2        | 3        |\n"
                               "Path ID 1 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "Path ID 2 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "Path ID 3 | 10.0.0.1 | *        | 10.0.0.3 |\n"
                               "Path ID 4 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "Path ID 5 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "Path ID 6 | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "6 paths, 1 distinct, 3 hops, all reach the destination\n" },
    { "where something is inferred, distinct rows",
      { "a b C", "a -", "- b" },
      { 0 },
      HEADING("s 33481-33483") "TTL:           | 1        | 2        | 3        |\n"
                               "Path ID 1 (+2) | 10.0.0.1 | 10.0.0.2 | 10.0.0.3 |\n"
                               "3 paths, 1 distinct, 3 hops, all reach the destination (2 "
                               "inferred)\n" },
    { "a TTL that was not probed, and of which nothing is known",
      { "a - C" },
      { 0 },
      HEADING(" 33481") "TTL:      | 1        | 2 | 3        |\n"
                        "Path ID 1 | 10.0.0.1 | ? | 10.0.0.3 |\n"
                        "1 path, 1 distinct, 3 hops, reaches the destination\n" },
};

static void test_vert(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tf_trace_set *set = scene(cases[i].texts, COUNT(cases[i].texts));
        g_autoptr(GString) out = g_string_new(NULL);

        tf_report_vert(out, set, &cases[i].options);
        cut_to_table(out);
        check_text(cases[i].name, out->str, cases[i].vert);
        tf_trace_set_free(set);
    }
}

static void test_horiz(void **state)
{
    struct tf_trace_set *set = scene(cases[1].texts, COUNT(cases[1].texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_horiz(out, set, &cases[1].options);
    cut_to_table(out);
    check_text(
        "uneven paths", out->str,
        HEADING("s 33481-33482") "TTL: | Path ID 1 | Path ID 2 |\n"
                                 "1    | 10.0.0.1  | 10.0.0.1  |\n"
                                 "2    | 10.0.0.2  | *         |\n"
                                 "3    |           | 10.0.0.3  |\n"
                                 "4    |           | 10.0.0.2  |\n"
                                 "2 paths, 2 distinct, 2 to 4 hops, all reach the destination\n");
    tf_trace_set_free(set);
}

static void test_no_trace_prints_nothing(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_vert(out, set, &options);
    tf_report_horiz(out, set, &options);
    assert_string_equal(out->str, "");
    tf_trace_set_free(set);
}

static struct tf_observation labelled(uint8_t ttl, uint16_t depth)
{
    struct tf_observation reply = scene_reply(1, ttl, 'a');

    reply.mpls.depth = depth;
    for (size_t i = 0; i < tf_mpls_kept(&reply.mpls); i++)
        reply.mpls.entry[i].label = (uint32_t)(100 + i);
    return reply;
}

static void test_labels_duplicates_and_unplaced(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    scene_add(set, 1, "* * *");
    const uint16_t depths[] = { 1, 2, TF_MPLS_MAX + 1 };
    for (uint8_t ttl = 1; ttl <= COUNT(depths); ttl++) {
        struct tf_observation reply = labelled(ttl, depths[ttl - 1]);
        tf_trace_set_add(set, &reply);
        reply.duplicate = true;
        tf_trace_set_add(set, &reply);
    }
    struct tf_observation unplaced = scene_reply(1, 1, 'b');
    unplaced.has_ttl = false;
    tf_trace_set_add(set, &unplaced);
    tf_report_vert(out, set, &options);
    cut_to_table(out);
    check_text("labels", out->str,
               HEADING(" 33481") "TTL:      | 1                   | 2                       | "
                                 "3                                                   |\n"
                                 "Path ID 1 | 10.0.0.1 [MPLS 100] | 10.0.0.1 [MPLS 100/101] | "
                                 "10.0.0.1 [MPLS 100/101/102/103/104/105/106/107/...] |\n"
                                 "1 path, 1 distinct, 3 hops, the destination did not answer, 3 "
                                 "duplicate replies, 1 reply of "
                                 "unknown TTL\n");
    tf_trace_set_free(set);
}

/* What answered, though it is not known at which TTL, is not said to have kept silent. */
static void test_only_unplaced(void **state)
{
    static const struct {
        char responder;
        const char *want;
    } ones[] = {
        { 'b', "1 path, 1 distinct, no known hop, the destination did not answer, "
               "1 reply of unknown TTL\n" },
        { 'B', "1 path, 1 distinct, no known hop, the destination answered at an unknown TTL, "
               "1 reply of unknown TTL\n" },
    };
    const struct tf_report_options options = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(ones); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        struct tf_observation reply = scene_reply(1, 1, ones[i].responder);
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *want = g_strconcat(HEADING(" 33481") "TTL:      | 1 | 2 |\n"
                                                              "Path ID 1 | * | * |\n",
                                            ones[i].want, NULL);

        scene_add(set, 1, "* *");
        reply.has_ttl = false;
        tf_trace_set_add(set, &reply);
        tf_report_vert(out, set, &options);
        cut_to_table(out);
        check_text("unplaced", out->str, want);
        tf_trace_set_free(set);
    }
}

static void test_two_runs(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation other = scene_probe(1, 1);
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    scene_add(set, 1, "A");
    other.has_run_id = false;
    tf_trace_set_add(set, &other);
    tf_report_vert(out, set, &options);
    check_text(
        "two runs", out->str,
        HEADING(" 33481") "TTL:      | 1        |\n"
                          "Path ID 1 | 10.0.0.1 |\n"
                          "1 path, 1 distinct, 1 hop, reaches the destination\n"
                          "\n"
                          "No diamond; 0.0 % sure that no next hop was missed (least sure "
                          "is 192.0.2.1: 0.0 %)\n"
                          "Node                   | TTL | Flows | Next hops | Shown by | Sure  |\n"
                          "192.0.2.1 (source)     |     | 1     | 1         | 1        | 0.0 % |\n"
                          "10.0.0.1 (destination) | 1   | 1     |           |          |       |\n"
                          "\n"
                          "traceflow to 198.51.100.9 from 192.0.2.1: UDP, source port "
                          "33481, destination port 33480\n"
                          "TTL:      | 1 |\n"
                          "Path ID 1 | * |\n"
                          "1 path, 1 distinct, no answer, the destination did not answer\n");
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vert),
        cmocka_unit_test(test_horiz),
        cmocka_unit_test(test_no_trace_prints_nothing),
        cmocka_unit_test(test_labels_duplicates_and_unplaced),
        cmocka_unit_test(test_only_unplaced),
        cmocka_unit_test(test_two_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
