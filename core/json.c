/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON reports: one document, or one line for each trace (docs/trace.schema.json). */
#include <json-glib/json-glib.h>

#include "digest.h"
#include "json_graph.h"
#include "json_members.h"
#include "json_path.h"
#include "summary.h"
#include "traceflow/report.h"
#include "traceflow/time.h"

enum { SCHEMA = 1 };

/* RFC 3339, UTC, to the nanosecond. */
static void add_started(JsonBuilder *json, int64_t started_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(started_ns / TF_NS_PER_S);
    g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    g_autofree char *text = g_strdup_printf("%s.%09" G_GINT64_FORMAT "Z", seconds,
                                            started_ns % TF_NS_PER_S);

    json_add_text(json, "started", text);
}

static void add_run_id(JsonBuilder *json, const struct tf_trace *trace)
{
    g_autofree char *text = trace->has_run_id ? g_strdup_printf("%08x", trace->run_id) : NULL;

    json_add_text(json, "run_id", text);
}

static void add_destination(JsonBuilder *json, const struct tf_trace *trace,
                            const struct tf_report_options *options)
{
    json_begin(json, "destination");
    json_add_text(json, "name", tf_report_destination(options, trace));
    json_add_addr(json, "address", &trace->flow.dst);
    json_builder_end_object(json);
}

static void add_counts(JsonBuilder *json, const struct digest *digest)
{
    const struct graph *graph = digest->graph;

    json_add_bool(json, "stable", !digest->trace->unstable);
    json_add_int(json, "distinct_paths", (gint64)digest->paths.seen);
    json_add_int(json, "estimated_paths", (gint64)digest->paths.estimated);
    json_add_number_or_null(json, "confidence", graph_weakest(graph) != NULL,
                            graph_confidence(graph));
}

static void add_trace(JsonBuilder *json, const struct tf_trace *trace,
                      const struct tf_report_options *options)
{
    struct digest *digest = digest_new(trace);

    json_builder_begin_object(json);
    add_destination(json, trace, options);
    json_add_addr(json, "source", &trace->flow.src);
    json_add_text(json, "protocol", summary_protocol(trace));
    add_run_id(json, trace);
    add_started(json, trace->started_ns);
    add_counts(json, digest);
    json_begin_array(json, "paths");
    for (size_t i = 0; i < trace->n_paths; i++)
        json_add_path(json, trace->paths[i], options);
    json_builder_end_array(json);
    json_add_graph(json, digest, options);
    json_builder_end_object(json);
    digest_free(digest);
}

static void print(GString *out, JsonBuilder *json, gboolean pretty)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    JsonNode *root = json_builder_get_root(json);

    json_generator_set_pretty(generator, pretty);
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
    json_add_int(json, "schema", SCHEMA);
    json_begin_array(json, "traces");
    for (size_t i = 0; i < count; i++)
        add_trace(json, tf_trace_set_get(set, i), options);
    json_builder_end_array(json);
    json_builder_end_object(json);
    print(out, json, TRUE);
}

void tf_report_ndjson(GString *out, const struct tf_trace *trace,
                      const struct tf_report_options *options)
{
    g_autoptr(JsonBuilder) json = json_builder_new();

    add_trace(json, trace, options);
    print(out, json, FALSE);
}
