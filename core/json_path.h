/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths, hops and replies of the JSON report. */
#ifndef TRACEFLOW_CORE_JSON_PATH_H
#define TRACEFLOW_CORE_JSON_PATH_H

#include <json-glib/json-glib.h>

#include "traceflow/report.h"

/** Add a path as an object: an element of "paths". */
void json_add_path(JsonBuilder *json, const struct tf_path *path,
                   const struct tf_report_options *options);

#endif
