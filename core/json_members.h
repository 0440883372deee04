/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects, in one line each. */
#ifndef TRACEFLOW_CORE_JSON_MEMBERS_H
#define TRACEFLOW_CORE_JSON_MEMBERS_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "traceflow/report.h"

void json_add_int(JsonBuilder *json, const char *name, gint64 value);
void json_add_int_or_null(JsonBuilder *json, const char *name, bool has, gint64 value);
void json_add_number_or_null(JsonBuilder *json, const char *name, bool has, double value);
void json_add_bool(JsonBuilder *json, const char *name, bool value);

/** A NULL text is null. */
void json_add_text(JsonBuilder *json, const char *name, const char *text);
void json_add_addr(JsonBuilder *json, const char *name, const struct tf_addr *addr);

/** "asn", null for NULL. */
void json_add_asn(JsonBuilder *json, const struct tf_asn *asn);

/** Begin an object or array; json_builder_end_object and json_builder_end_array end them. */
void json_begin(JsonBuilder *json, const char *name);
void json_begin_array(JsonBuilder *json, const char *name);

#endif
