/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON report, parsed again: every member is there, and absent is null. */
#include "scene.h"
#include "support.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "traceflow/report.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* The report of a set, parsed; the caller owns the parser, and the nodes below belong to it. */
static JsonParser *parse(const struct tf_trace_set *set, const struct tf_report_options *options)
{
    JsonParser *parser = json_parser_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    tf_report_json(out, set, options);
    check(out->len > 0 && out->str[out->len - 1] == '\n', "ends with a line end");
    check(json_parser_load_from_data(parser, out->str, (gssize)out->len, &error),
          "not JSON: %s\n%s", error == NULL ? "" : error->message, out->str);
    return parser;
}

/*
 * The value at "traces[0].paths[1].length" as text; of an array "traces[*]" the number of elements.
 */
static char *value_at(JsonParser *parser, const char *path)
{
    g_autofree char *query = g_strconcat("$.", path, NULL);
    g_autoptr(GError) error = NULL;
    JsonNode *found = json_path_query(query, json_parser_get_root(parser), &error);
    check(found != NULL, "%s: %s", path, error == NULL ? "" : error->message);
    JsonArray *matches = json_node_get_array(found);
    const guint n_matches = json_array_get_length(matches);
    check(n_matches > 0 || g_str_has_suffix(path, "[*]"), "%s: no such member", path);
    char *text = g_str_has_suffix(path, "[*]")
                     ? g_strdup_printf("%u", n_matches)
                     : json_to_string(json_array_get_element(matches, 0), FALSE);

    json_node_unref(found);
    return text;
}

struct member_case {
    const char *path;
    const char *want; /* JSON */
};

static void check_members(JsonParser *parser, const struct member_case *cases, size_t n_cases)
{
    for (size_t i = 0; i < n_cases; i++) {
        g_autofree char *got = value_at(parser, cases[i].path);
        check(strcmp(got, cases[i].want) == 0, "%s: got %s, want %s", cases[i].path, got,
              cases[i].want);
    }
}

static const struct member_case usual[] = {
    { "schema", "1" },
    { "traces[0].destination", "{\"name\":\"www.example.com\",\"address\":\"198.51.100.9\"}" },
    { "traces[0].source", "\"192.0.2.1\"" },
    { "traces[0].protocol", "\"udp\"" },
    { "traces[0].run_id", "\"1badcafe\"" },
    { "traces[0].started", "\"1970-01-01T00:00:01.001000000Z\"" },
    { "traces[0].distinct_paths", "2" },
    { "traces[0].paths[0].path_id", "1" },
    { "traces[0].paths[0].src_port", "33481" },
    { "traces[0].paths[0].dst_port", "33480" },
    { "traces[0].paths[0].reached", "true" },
    { "traces[0].paths[0].length", "3" },
    { "traces[0].paths[1].reached", "false" },
    { "traces[0].paths[1].length", "2" },
    { "traces[0].paths[*]", "2" },
    { "traces[0].paths[0].hops[0].ttl", "1" },
    { "traces[0].paths[0].hops[0].sent", "1" },
    { "traces[0].paths[0].hops[0].inferred", "null" },
    { "traces[0].paths[0].hops[0].replies[0].address", "\"10.0.0.1\"" },
    { "traces[0].paths[0].hops[0].replies[0].name", "null" },
    { "traces[0].paths[0].hops[0].replies[0].evidence", "\"tag\"" },
    { "traces[0].paths[0].hops[0].replies[0].destination", "false" },
    { "traces[0].paths[0].hops[0].replies[0].duplicate", "false" },
    { "traces[0].paths[0].hops[0].replies[0].rtt_ms", "1.0" },
    { "traces[0].paths[0].hops[0].replies[0].attempt", "0" },
    { "traces[0].paths[0].hops[0].replies[0].icmp", "{\"type\":11,\"code\":0}" },
    { "traces[0].paths[0].hops[0].replies[0].reply_ttl", "254" },
    { "traces[0].paths[0].hops[0].replies[0].quoted_ttl", "1" },
    { "traces[0].paths[0].hops[0].replies[0].quoted_len", "28" },
    { "traces[0].paths[0].hops[0].replies[0].mpls", "[]" },
    { "traces[0].paths[0].hops[0].replies[0].changed", "[]" },
    { "traces[0].paths[0].hops[0].replies[0].probe_frame", "1001" },
    { "traces[0].paths[0].hops[0].replies[0].reply_frame", "1501" },
    { "traces[0].paths[0].hops[2].replies[0].destination", "true" },
    { "traces[0].paths[1].hops[2].replies", "[]" },
    { "traces[0].nodes[0]",
      "{\"address\":\"10.0.0.1\",\"name\":null,\"asn\":null,\"destination\":false,\"ttls\":[1],"
      "\"flows\":2,\"inferred_flows\":0,\"next_hops\":2,\"told\":2,\"confidence\":0.0}" },
    { "traces[0].nodes[2].destination", "true" },
    { "traces[0].nodes[2].confidence", "null" },
    { "traces[0].origin",
      "{\"flows\":2,\"inferred_flows\":0,\"next_hops\":1,\"told\":2,\"confidence\":0.5}" },
    { "traces[0].stable", "true" },
    { "traces[0].estimated_paths", "3" },
    { "traces[0].confidence", "0.0" },
    { "traces[0].paths[0].stable", "true" },
    { "traces[0].paths[0].reach_inferred", "false" },
    { "traces[0].paths[0].hops[0].replies[0].asn", "null" },
    { "traces[0].paths[0].hops[0].replies[0].contradicted", "false" },
    { "traces[0].links[0]", "{\"from\":\"10.0.0.1\",\"to\":\"10.0.0.2\",\"path_ids\":[1]}" },
    { "traces[0].links[*]", "3" },
    { "traces[*]", "1" },
};

static void test_members(void **state)
{
    static const char *const texts[] = { "a b C", "a d *" };
    const struct tf_report_options options = { .destination_name = "www.example.com" };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(JsonParser) parser = parse(set, &options);

    (void)state;
    check_members(parser, usual, COUNT(usual));
    tf_trace_set_free(set);
}

static const struct member_case absent[] = {
    { "traces[0].destination.name", "null" },
    { "traces[0].run_id", "null" },
    { "traces[0].paths[0].hops[0].ttl", "5" },
    { "traces[0].paths[0].hops[0].sent", "0" },
    { "traces[0].paths[0].hops[0].replies[0].rtt_ms", "null" },
    { "traces[0].paths[0].hops[0].replies[0].attempt", "null" },
    { "traces[0].paths[0].hops[0].replies[0].icmp", "null" },
    { "traces[0].paths[0].hops[0].replies[0].quoted_ttl", "null" },
    { "traces[0].paths[0].hops[0].replies[0].quoted_len", "null" },
    { "traces[0].paths[0].hops[0].replies[0].probe_frame", "null" },
    { "traces[0].paths[0].hops[*]", "1" },
};

static void test_absent_is_null(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation reply = scene_reply(1, 5, 'a');

    (void)state;
    reply.has_run_id = reply.has_attempt = reply.has_icmp = reply.has_quote = reply.has_probe =
        false;
    tf_trace_set_add(set, &reply);
    g_autoptr(JsonParser) parser = parse(set, &options);
    check_members(parser, absent, COUNT(absent));
    tf_trace_set_free(set);
}

static const struct member_case rich[] = {
    { "traces[0].paths[0].hops[0].replies[0].mpls[0]",
      "{\"label\":16012,\"tc\":5,\"bottom\":false,\"ttl\":1}" },
    { "traces[0].paths[0].hops[0].replies[0].mpls[1]",
      "{\"label\":1048575,\"tc\":0,\"bottom\":true,\"ttl\":255}" },
    { "traces[0].paths[0].hops[0].replies[0].mpls[*]", "2" },
    { "traces[0].paths[0].hops[0].replies[0].changed",
      "[\"tos\",\"length\",\"ident\",\"df\",\"src\",\"dst\",\"src_port\",\"dst_port\","
      "\"checksum\",\"flow_label\"]" },
    { "traces[0].paths[0].hops[0].replies[0].rtt_ms", "-0.001" },
    { "traces[0].paths[0].unplaced_replies", "1" },
};

static void test_labels_and_changes(void **state)
{
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation reply = scene_reply(1, 1, 'a');

    (void)state;
    scene_add(set, 1, "*");
    reply.mpls = (struct tf_mpls_stack){
        .depth = 2,
        .entry = { { .label = 16012, .tc = 5, .ttl = 1 },
                   { .label = 0xfffff, .ttl = 255, .bottom = true } },
    };
    reply.changed = (1 << TF_CHANGED_COUNT) - 1;
    reply.rtt_ns = -1000;
    tf_trace_set_add(set, &reply);
    reply.has_ttl = false;
    tf_trace_set_add(set, &reply);
    g_autoptr(JsonParser) parser = parse(set, &options);
    check_members(parser, rich, COUNT(rich));
    tf_trace_set_free(set);
}

static const struct member_case inferred[] = {
    { "traces[0].distinct_paths", "1" },
    { "traces[0].paths[1].reached", "false" },
    { "traces[0].paths[1].reach_inferred", "true" },
    { "traces[0].paths[1].length", "3" },
    { "traces[0].paths[1].hops[*]", "3" },
    { "traces[0].paths[1].hops[0].inferred", "null" },
    { "traces[0].paths[1].hops[1].inferred", "\"10.0.0.2\"" },
    { "traces[0].paths[1].hops[1].sent", "0" },
    { "traces[0].paths[1].hops[1].replies", "[]" },
    { "traces[0].paths[1].hops[2].inferred", "\"10.0.0.3\"" },
    { "traces[0].nodes[1].flows", "1" },
    { "traces[0].links[0].path_ids", "[1]" },
};

static void test_inferred_cells(void **state)
{
    static const char *const texts[] = { "a b C", "a" };
    const struct tf_report_options options = { 0 };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autoptr(JsonParser) parser = parse(set, &options);

    (void)state;
    check_members(parser, inferred, COUNT(inferred));
    tf_trace_set_free(set);
}

static guint hash_addr(gconstpointer key)
{
    return ((const struct tf_addr *)key)->bytes[3];
}

static gboolean equal_addr(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}

/* One line, an element of "traces"; with the origin of the one address that is known. */
static void test_line_with_origins(void **state)
{
    static const char *const text = "a B";
    struct tf_addr known = addr("10.0.0.1");
    struct tf_asn asn = { .number = 4200000000, .prefix = "10.0.0.0/8" };
    g_autoptr(GHashTable) asns = g_hash_table_new(hash_addr, equal_addr);
    const struct tf_report_options options = { .asns = asns };
    struct tf_trace_set *set = scene(&text, 1);
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GString) document = g_string_new("{\"traces\":[");
    g_autoptr(JsonParser) parser = json_parser_new();
    const struct member_case members[] = {
        { "traces[0].paths[0].hops[0].replies[0].asn",
          "{\"number\":4200000000,\"prefix\":\"10.0.0.0/8\",\"name\":null}" },
        { "traces[0].nodes[0].asn.number", "4200000000" },
        { "traces[0].nodes[1].asn", "null" },
        { "traces[0].run_id", "\"1badcafe\"" },
    };

    (void)state;
    g_hash_table_insert(asns, &known, &asn);
    tf_report_ndjson(line, tf_trace_set_get(set, 0), &options);
    check(strchr(line->str, '\n') == line->str + line->len - 1, "one line: %s", line->str);
    g_string_append_printf(document, "%s]}", line->str);
    check(json_parser_load_from_data(parser, document->str, -1, NULL), "%s", document->str);
    check_members(parser, members, COUNT(members));
    tf_trace_set_free(set);
}

/* Names come from the command line, time stamps from files: neither may break the document. */
static void test_hostile_values(void **state)
{
    static const char *const names[] = { "\"", "\\", "a\nb", "\x01", "</script>", "räksmörgås" };
    static const int64_t times[] = { 0, 999999999, TF_SECONDS_MAX * TF_NS_PER_S + 999999999 };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct tf_report_options options = { .destination_name = names[i] };
        struct tf_trace_set *set = tf_trace_set_new();
        struct tf_observation probe = scene_probe(1, 1);

        probe.time_ns = times[i % COUNT(times)];
        tf_trace_set_add(set, &probe);
        g_autoptr(JsonParser) parser = parse(set, &options);
        JsonObject *root = json_node_get_object(json_parser_get_root(parser));
        JsonObject *trace = json_array_get_object_element(
            json_object_get_array_member(root, "traces"), 0);
        JsonObject *destination = json_object_get_object_member(trace, "destination");
        check(strcmp(json_object_get_string_member(destination, "name"), names[i]) == 0, "name %zu",
              i);
        tf_trace_set_free(set);
    }
}

static void test_no_trace(void **state)
{
    const struct tf_report_options options = { 0 };
    const struct member_case none[] = { { "schema", "1" }, { "traces", "[]" } };
    struct tf_trace_set *set = tf_trace_set_new();
    g_autoptr(JsonParser) parser = parse(set, &options);

    (void)state;
    check_members(parser, none, COUNT(none));
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_absent_is_null),
        cmocka_unit_test(test_labels_and_changes),
        cmocka_unit_test(test_inferred_cells),
        cmocka_unit_test(test_line_with_origins),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
