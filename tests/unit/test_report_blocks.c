/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reports beside the usual: nodes, rows without stable paths, protocols, origins. */
#include "asked.h"
#include "report_text.h"
#include "support.h"

#include <string.h>

#include "traceflow/report.h"
#include "traceflow/wire.h"

static void test_nodes(void **state)
{
    static const char *const texts[] = { "a b * D", "a c * D", "a b * D", "a b * D" };
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_vert(out, set, &options);
    const char *nodes = strstr(out->str, "\n\n") + 2;
    check_text("nodes", nodes,
               "1 diamond, up to 2 wide and 3 long; 28.2 % sure that no next hop was missed (least "
               "sure is 10.0.0.1: 40.7 %)\n"
               "Node                   | TTL | Flows | Next hops | Shown by | Sure   |\n"
               "192.0.2.1 (source)     |     | 4     | 1         | 4        | 87.5 % |\n"
               "10.0.0.1               | 1   | 4     | 2         | 4        | 40.7 % |\n"
               "10.0.0.2               | 2   | 3     | 0         | 0        | ?      |\n"
               "10.0.0.3               | 2   | 1     | 0         | 0        | ?      |\n"
               "10.0.0.4 (destination) | 4   | 4     |           |          |        |\n"
               "\n"
               "Findings:\n"
               "  TTL 1, 10.0.0.1: paths part here and meet again at 10.0.0.4: 2 wide, 3 hops\n");
    tf_trace_set_free(set);
}

static const char *find_line(const char *text, const char *begin)
{
    g_autofree char *wanted = g_strconcat("\n", begin, NULL);
    const char *found = strstr(text, wanted);

    return found != NULL ? found + 1 : "";
}

/* Flows that were not asked for somewhere are known to go there, and are told apart. */
static void test_nodes_with_inferred_flows(void **state)
{
    static const char *const texts[] = { "a b C", "a - -", "- b -" };
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_vert(out, set, &options);
    check_text("nodes", find_line(out->str, "192.0.2.1 (source)"),
               "192.0.2.1 (source)     |     | 3      | 1         | 2        | 50.0 % |\n"
               "10.0.0.1               | 1   | 2 (+1) | 1         | 2        | 50.0 % |\n"
               "10.0.0.2               | 2   | 2 (+1) | 1         | 1        | 0.0 %  |\n"
               "10.0.0.3 (destination) | 3   | 1 (+2) |           |          |        |\n");
    tf_trace_set_free(set);
}

/* Seen on a path once, and inferred there again: it is one flow. */
static void test_a_node_seen_and_inferred(void **state)
{
    static const char *const texts[] = { "a b a C", "a b - C" };
    const struct tf_report_options options = { .rows = TF_ROWS_ALL };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_vert(out, set, &options);
    check(strstr(out->str, "| ~10.0.0.1 |") != NULL, "it is inferred: %s", out->str);
    check(g_str_has_prefix(find_line(out->str, "10.0.0.1 "),
                           "10.0.0.1               | 1, 3 | 2     |"),
          "%s", out->str);
    tf_trace_set_free(set);
}

/* A loop's TTLs would fill a line. */
static void test_many_ttls_are_cut(void **state)
{
    static const char *const texts[] = { "a b a c a b a c a b a a", "a" };
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    tf_report_vert(out, set, &options);
    check(strstr(out->str, "\n10.0.0.1           | 1, 3, 5, ..., 11-12 |") != NULL, "a: %s",
          out->str);
    check(strstr(out->str, "\n10.0.0.2           | 2, 6, 10            |") != NULL, "b: %s",
          out->str);
    tf_trace_set_free(set);
}

/* Router a balances by packet: there are no paths, only hops. */
static void test_no_stable_paths(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    for (uint16_t path = 1; path <= 2; path++) {
        asked_repeat(set, &(struct asked){ path, 1, 0, 0 }, 1, "a");
        asked_repeat(set, &(struct asked){ path, 2, 0, 10 }, 10, path == 1 ? "cbc" : "c");
        asked_repeat(set, &(struct asked){ path, 3, 0, 90 }, 1, "D");
    }
    tf_report_horiz(out, set, &options);
    check(strstr(out->str, "balancing by packet") != NULL, "named: %s", out->str);
    cut_to_table(out);
    check_text("by packet", out->str,
               HEADING("s 33481-33482") "TTL: | Any path           |\n"
                                        "1    | 10.0.0.1           |\n"
                                        "2    | 10.0.0.2, 10.0.0.3 |\n"
                                        "3    | 10.0.0.4           |\n"
                                        "2 flows, no stable path, 3 hops, all reach the "
                                        "destination\n");
    tf_trace_set_free(set);
}

/* The path of flow 1 changed; flow 2 was asked before, flow 3 after, both on one way. */
static void test_a_change(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    for (uint16_t path = 1; path <= 3; path++) {
        const char *first = path == 1 ? "aaaaabbbbb" : path == 2 ? "a" : "b";
        const char *second = path == 1 ? "cccccddddd" : path == 2 ? "c" : "d";
        const int64_t begin_ms = path == 3 ? 200 : 0;
        asked_repeat(set, &(struct asked){ path, 1, 0, begin_ms }, 10, first);
        asked_repeat(set, &(struct asked){ path, 2, 0, begin_ms + 1 }, 10, second);
        asked_repeat(set, &(struct asked){ path, 3, 0, begin_ms + 2 }, 1, "E");
    }
    tf_report_vert(out, set, &options);
    check(strstr(out->str, "the path changed between 41.000 ms and 50.000 ms of the run") != NULL,
          "when: %s", out->str);
    cut_to_table(out);
    check_text(
        "a change", out->str,
        HEADING(
            "s 33481-33483") "TTL:      | 1                  | 2                  | 3        |\n"
                             "Path ID 2 | 10.0.0.1           | 10.0.0.3           | 10.0.0.5 |\n"
                             "Path ID 3 | 10.0.0.2           | 10.0.0.4           | 10.0.0.5 |\n"
                             "Any path  | 10.0.0.1, 10.0.0.2 | 10.0.0.3, 10.0.0.4 | 10.0.0.5 |\n"
                             "3 paths, 2 distinct, 1 changed during the run, 3 hops, all reach the "
                             "destination\n");
    tf_trace_set_free(set);
}

/* The first paths changed, as in test_a_change; what the line below the table says of that. */
struct changed_case {
    uint16_t n_changed;
    uint16_t n_paths;
    const char *line;
};

static const struct changed_case changed_cases[] = {
    { 1, 1, "\n1 path, it changed during the run, 3 hops, reaches the destination\n" },
    { 2, 2, "\n2 paths, all changed during the run, 3 hops, all reach the destination\n" },
    { 2, 3,
      "\n3 paths, 1 distinct, 2 changed during the run, 3 hops, all reach the destination\n" },
};

static void test_changed_paths(void **state)
{
    const struct tf_report_options options = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(changed_cases); i++) {
        const struct changed_case *c = &changed_cases[i];
        struct tf_trace_set *set = tf_trace_set_new();
        g_autoptr(GString) out = g_string_new(NULL);

        for (uint16_t path = 1; path <= c->n_paths; path++) {
            const bool changed = path <= c->n_changed;
            asked_repeat(set, &(struct asked){ path, 1, 0, 0 }, changed ? 10 : 1,
                         changed ? "aaaaabbbbb" : "a");
            asked_repeat(set, &(struct asked){ path, 2, 0, 1 }, changed ? 10 : 1,
                         changed ? "cccccddddd" : "c");
            asked_repeat(set, &(struct asked){ path, 3, 0, 2 }, 1, "E");
        }
        tf_report_vert(out, set, &options);
        check(strstr(out->str, c->line) != NULL, "%s", out->str);
        tf_trace_set_free(set);
    }
}

struct protocol_case {
    uint16_t protocol;
    const char *dst;
    const char *heading;
};

static const struct protocol_case protocol_cases[] = {
    { TF_IP_PROTO_TCP, "198.51.100.9", "TCP, source port 33481, destination port 33480" },
    { TF_IP_PROTO_ICMP, "198.51.100.9", "ICMP echo, identifier 33481, run" },
    { TF_IP_PROTO_ICMPV6, "2001:db8::9", "ICMPv6 echo, identifier 33481, run" },
};

static void test_protocols(void **state)
{
    const struct tf_report_options options = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(protocol_cases); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        struct tf_observation probe = scene_probe(1, 1);
        g_autoptr(GString) out = g_string_new(NULL);

        probe.flow.protocol = protocol_cases[i].protocol;
        probe.flow.dst = addr(protocol_cases[i].dst);
        tf_trace_set_add(set, &probe);
        tf_report_vert(out, set, &options);
        check(strstr(out->str, protocol_cases[i].heading) != NULL, "%s", out->str);
        check(strstr(out->str, protocol_cases[i].dst) != NULL, "%s", out->str);
        tf_trace_set_free(set);
    }
}

static guint hash_addr(gconstpointer key)
{
    return ((const struct tf_addr *)key)->bytes[3];
}

static gboolean equal_addr(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}

static void test_origins_beside_names(void **state)
{
    static const char *const texts[] = { "a B", "a" };
    struct tf_addr known = addr("10.0.0.1");
    struct tf_addr inferred = addr("10.0.0.2");
    struct tf_asn asn = { .number = 64500 };
    char name[] = "a.example";
    g_autoptr(GHashTable) names = g_hash_table_new(hash_addr, equal_addr);
    g_autoptr(GHashTable) asns = g_hash_table_new(hash_addr, equal_addr);
    const struct tf_report_options options = { .names = names, .asns = asns, .rows = TF_ROWS_ALL };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    g_hash_table_insert(names, &known, name);
    g_hash_table_insert(asns, &known, &asn);
    g_hash_table_insert(asns, &inferred, &asn);
    tf_report_vert(out, set, &options);
    check(strstr(out->str, "| a.example (10.0.0.1) [AS64500] | 10.0.0.2 [AS64500] ") != NULL, "%s",
          out->str);
    check(strstr(out->str, "| ~10.0.0.2 [AS64500] |") != NULL, "%s", out->str);
    check(strstr(out->str, "\na.example (10.0.0.1) [AS64500]") != NULL, "nodes: %s", out->str);
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_nodes_with_inferred_flows),
        cmocka_unit_test(test_a_node_seen_and_inferred),
        cmocka_unit_test(test_many_ttls_are_cut),
        cmocka_unit_test(test_no_stable_paths),
        cmocka_unit_test(test_a_change),
        cmocka_unit_test(test_changed_paths),
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_origins_beside_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
