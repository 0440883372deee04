/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes, links, diamonds and findings of the JSON report. */
#include "json_graph.h"

#include "json_members.h"

static void add_addr_or_null(JsonBuilder *json, const char *name, const struct tf_addr *addr)
{
    if (addr->version != 0)
        json_add_addr(json, name, addr);
    else
        json_add_text(json, name, NULL);
}

static void add_next_hops(JsonBuilder *json, const struct node *node)
{
    json_add_int(json, "flows", node->flows);
    json_add_int(json, "inferred_flows", node->inferred);
    json_add_int(json, "next_hops", node->next_hops);
    json_add_int(json, "told", node->told);
    json_add_number_or_null(json, "confidence", node_has_confidence(node), node->confidence);
}

static void add_ttls(JsonBuilder *json, const struct node *node)
{
    json_begin_array(json, "ttls");
    for (unsigned ttl = 1; ttl <= UINT8_MAX; ttl++)
        if (node_answers_at(node, (uint8_t)ttl))
            json_builder_add_int_value(json, ttl);
    json_builder_end_array(json);
}

static void add_node(JsonBuilder *json, const struct node *node,
                     const struct tf_report_options *options)
{
    json_builder_begin_object(json);
    json_add_addr(json, "address", &node->addr);
    json_add_text(json, "name", tf_report_name(options, &node->addr));
    json_add_asn(json, tf_report_asn(options, &node->addr));
    json_add_bool(json, "destination", node->is_destination);
    add_ttls(json, node);
    add_next_hops(json, node);
    json_builder_end_object(json);
}

/* The source is the first of the graph's nodes; as no responder, it stands apart. */
static void add_nodes(JsonBuilder *json, const GArray *nodes,
                      const struct tf_report_options *options)
{
    json_begin(json, "origin");
    add_next_hops(json, &g_array_index(nodes, struct node, 0));
    json_builder_end_object(json);
    json_begin_array(json, "nodes");
    for (guint i = 1; i < nodes->len; i++)
        add_node(json, &g_array_index(nodes, struct node, i), options);
    json_builder_end_array(json);
}

static void add_links(JsonBuilder *json, const GArray *links)
{
    json_begin_array(json, "links");
    for (guint i = 0; i < links->len; i++) {
        const struct link *link = &g_array_index(links, struct link, i);
        json_builder_begin_object(json);
        json_add_addr(json, "from", &link->from);
        json_add_addr(json, "to", &link->to);
        json_begin_array(json, "path_ids");
        for (guint j = 0; j < link->path_ids->len; j++)
            json_builder_add_int_value(json, g_array_index(link->path_ids, uint16_t, j));
        json_builder_end_array(json);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_diamonds(JsonBuilder *json, const struct diamonds *diamonds)
{
    json_begin_array(json, "diamonds");
    for (guint i = 0; i < diamonds->list->len; i++) {
        const struct diamond *diamond = &g_array_index(diamonds->list, struct diamond, i);
        json_builder_begin_object(json);
        add_addr_or_null(json, "divergence", &diamond->divergence);
        json_add_addr(json, "convergence", &diamond->convergence);
        json_add_int(json, "ttl", diamond->ttl);
        json_add_int(json, "width", diamond->width);
        json_add_int(json, "shortest", diamond->shortest);
        json_add_int(json, "longest", diamond->longest);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_finding(JsonBuilder *json, const struct tf_finding *finding)
{
    json_builder_begin_object(json);
    json_add_text(json, "kind", tf_finding_kind_name(finding->kind));
    json_add_int_or_null(json, "ttl", finding->ttl != 0, finding->ttl);
    add_addr_or_null(json, "address", &finding->addr);
    json_add_text(json, "text", finding->text);
    json_begin_array(json, "frames");
    for (guint i = 0; i < finding->frames->len; i++)
        json_builder_add_int_value(json, (gint64)g_array_index(finding->frames, guint64, i));
    json_builder_end_array(json);
    json_builder_end_object(json);
}

void json_add_graph(JsonBuilder *json, const struct digest *digest,
                    const struct tf_report_options *options)
{
    add_nodes(json, digest->graph->nodes, options);
    add_links(json, digest->graph->links);
    add_diamonds(json, digest->diamonds);
    json_begin_array(json, "findings");
    for (guint i = 0; i < digest->findings->len; i++)
        add_finding(json, digest->findings->pdata[i]);
    json_builder_end_array(json);
}
