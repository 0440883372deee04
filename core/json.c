/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON report: traces, paths, hops and replies, nodes and links (docs/trace.schema.json). */
#include <json-glib/json-glib.h>

#include "graph.h"
#include "traceflow/report.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

enum { SCHEMA = 1 };

static void add_int(JsonBuilder *json, const char *name, gint64 value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, value);
}

static void add_int_or_null(JsonBuilder *json, const char *name, bool has, gint64 value)
{
    json_builder_set_member_name(json, name);
    if (has)
        json_builder_add_int_value(json, value);
    else
        json_builder_add_null_value(json);
}

static void add_bool(JsonBuilder *json, const char *name, bool value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_boolean_value(json, value);
}

/* A NULL text is null. */
static void add_text(JsonBuilder *json, const char *name, const char *text)
{
    json_builder_set_member_name(json, name);
    if (text != NULL)
        json_builder_add_string_value(json, text);
    else
        json_builder_add_null_value(json);
}

static void add_addr(JsonBuilder *json, const char *name, const struct tf_addr *addr)
{
    char text[TF_ADDR_TEXT_LEN];

    add_text(json, name, tf_addr_text(addr, text));
}

static void begin(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_object(json);
}

static void begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

static void add_icmp(JsonBuilder *json, const struct tf_observation *reply)
{
    if (!reply->has_icmp) {
        add_text(json, "icmp", NULL);
        return;
    }
    begin(json, "icmp");
    add_int(json, "type", reply->icmp_type);
    add_int(json, "code", reply->icmp_code);
    json_builder_end_object(json);
}

static void add_mpls(JsonBuilder *json, const struct tf_mpls_stack *stack)
{
    begin_array(json, "mpls");
    for (size_t i = 0; i < tf_mpls_kept(stack); i++) {
        const struct tf_mpls *entry = &stack->entry[i];
        json_builder_begin_object(json);
        add_int(json, "label", entry->label);
        add_int(json, "tc", entry->tc);
        add_bool(json, "bottom", entry->bottom);
        add_int(json, "ttl", entry->ttl);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_changed(JsonBuilder *json, uint16_t changed)
{
    begin_array(json, "changed");
    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (changed & 1U << bit)
            json_builder_add_string_value(json, tf_changed_name(bit));
    json_builder_end_array(json);
}

static void add_rtt(JsonBuilder *json, const struct tf_observation *reply)
{
    json_builder_set_member_name(json, "rtt_ms");
    if (reply->has_probe)
        json_builder_add_double_value(json, (double)reply->rtt_ns / (double)TF_NS_PER_MS);
    else
        json_builder_add_null_value(json);
}

static void add_reply(JsonBuilder *json, const struct tf_observation *reply,
                      const struct tf_report_options *options)
{
    json_builder_begin_object(json);
    add_addr(json, "address", &reply->responder);
    add_text(json, "name", tf_report_name(options, &reply->responder));
    add_text(json, "evidence", tf_evidence_name(reply->evidence));
    add_bool(json, "destination", reply->kind == TF_KIND_DESTINATION_REPLY);
    add_bool(json, "duplicate", reply->duplicate);
    add_rtt(json, reply);
    add_int_or_null(json, "attempt", reply->has_attempt, reply->attempt);
    add_icmp(json, reply);
    add_int(json, "reply_ttl", reply->reply_ttl);
    add_int_or_null(json, "quoted_ttl", reply->has_quote, reply->quoted_ttl);
    add_int_or_null(json, "quoted_len", reply->has_quote, reply->quoted_len);
    add_mpls(json, &reply->mpls);
    add_changed(json, reply->changed);
    add_int_or_null(json, "probe_frame", reply->has_probe, (gint64)reply->probe_frame);
    add_int(json, "reply_frame", (gint64)reply->frame);
    json_builder_end_object(json);
}

static void add_hop(JsonBuilder *json, uint8_t ttl, const struct tf_hop *hop,
                    const struct tf_report_options *options)
{
    json_builder_begin_object(json);
    add_int(json, "ttl", ttl);
    add_int(json, "sent", hop->sent);
    add_text(json, "inferred", NULL);
    begin_array(json, "replies");
    for (size_t i = 0; i < hop->n_replies; i++)
        add_reply(json, &hop->replies[i], options);
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static void add_path(JsonBuilder *json, const struct tf_path *path,
                     const struct tf_report_options *options)
{
    const uint8_t last = tf_path_last_ttl(path);

    json_builder_begin_object(json);
    add_int(json, "path_id", path->path_id);
    add_int(json, "src_port", path->flow.src_port);
    add_int(json, "dst_port", path->flow.dst_port);
    add_bool(json, "reached", tf_path_reached(path));
    add_int(json, "length", tf_path_length(path));
    add_int(json, "unplaced_replies", path->unplaced);
    begin_array(json, "hops");
    for (size_t ttl = 1; ttl <= last; ttl++) {
        const struct tf_hop *hop = tf_path_hop(path, (uint8_t)ttl);
        if (hop != NULL)
            add_hop(json, (uint8_t)ttl, hop, options);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static void add_nodes(JsonBuilder *json, const GArray *nodes,
                      const struct tf_report_options *options)
{
    begin_array(json, "nodes");
    for (guint i = 0; i < nodes->len; i++) {
        const struct node *node = &g_array_index(nodes, struct node, i);
        json_builder_begin_object(json);
        add_addr(json, "address", &node->addr);
        add_text(json, "name", tf_report_name(options, &node->addr));
        add_int(json, "flows", node->flows);
        add_int(json, "next_hops", node->next_hops);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_links(JsonBuilder *json, const GArray *links)
{
    begin_array(json, "links");
    for (guint i = 0; i < links->len; i++) {
        const struct link *link = &g_array_index(links, struct link, i);
        json_builder_begin_object(json);
        add_addr(json, "from", &link->from);
        add_addr(json, "to", &link->to);
        begin_array(json, "path_ids");
        for (guint j = 0; j < link->path_ids->len; j++)
            json_builder_add_int_value(json, g_array_index(link->path_ids, uint16_t, j));
        json_builder_end_array(json);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

/* RFC 3339, UTC, to the nanosecond. */
static void add_started(JsonBuilder *json, int64_t started_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(started_ns / TF_NS_PER_S);
    g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    g_autofree char *text = g_strdup_printf("%s.%09" G_GINT64_FORMAT "Z", seconds,
                                            started_ns % TF_NS_PER_S);

    add_text(json, "started", text);
}

static void add_run_id(JsonBuilder *json, const struct tf_trace *trace)
{
    g_autofree char *text = trace->has_run_id ? g_strdup_printf("%08x", trace->run_id) : NULL;

    add_text(json, "run_id", text);
}

static void add_trace(JsonBuilder *json, const struct tf_trace *trace,
                      const struct tf_report_options *options)
{
    g_autofree size_t *representative = g_new(size_t, trace->n_paths);
    struct graph *graph = graph_new(trace);

    json_builder_begin_object(json);
    begin(json, "destination");
    add_text(json, "name", tf_report_destination(options, trace));
    add_addr(json, "address", &trace->flow.dst);
    json_builder_end_object(json);
    add_addr(json, "source", &trace->flow.src);
    add_text(json, "protocol", trace->flow.protocol == TF_IP_PROTO_UDP ? "udp" : NULL);
    add_run_id(json, trace);
    add_started(json, trace->started_ns);
    add_int(json, "distinct_paths", (gint64)tf_trace_distinct(trace, representative));
    begin_array(json, "paths");
    for (size_t i = 0; i < trace->n_paths; i++)
        add_path(json, trace->paths[i], options);
    json_builder_end_array(json);
    add_nodes(json, graph->nodes, options);
    add_links(json, graph->links);
    json_builder_end_object(json);
    graph_free(graph);
}

static void print(GString *out, JsonBuilder *json)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonNode *root = json_builder_get_root(json);

    json_generator_set_pretty(generator, TRUE);
    json_generator_set_root(generator, root);
    json_generator_to_gstring(generator, out);
    g_string_append_c(out, '\n');
    json_node_unref(root);
}

void tf_report_json(GString *out, const struct tf_trace_set *set,
                    const struct tf_report_options *options)
{
    const size_t count = tf_trace_set_count(set);
    g_autoptr(JsonBuilder) json = json_builder_new();

    json_builder_begin_object(json);
    add_int(json, "schema", SCHEMA);
    begin_array(json, "traces");
    for (size_t i = 0; i < count; i++)
        add_trace(json, tf_trace_set_get(set, i), options);
    json_builder_end_array(json);
    json_builder_end_object(json);
    print(out, json);
}
