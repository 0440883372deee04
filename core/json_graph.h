/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes, links, diamonds and findings of the JSON report. */
#ifndef TRACEFLOW_CORE_JSON_GRAPH_H
#define TRACEFLOW_CORE_JSON_GRAPH_H

#include <json-glib/json-glib.h>

#include "digest.h"
#include "traceflow/report.h"

/** Add "origin", "nodes", "links", "diamonds" and "findings" to the object of a trace. */
void json_add_graph(JsonBuilder *json, const struct digest *digest,
                    const struct tf_report_options *options);

#endif
