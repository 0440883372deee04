/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects, in one line each. */
#include "json_members.h"

void json_add_int(JsonBuilder *json, const char *name, gint64 value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, value);
}

void json_add_int_or_null(JsonBuilder *json, const char *name, bool has, gint64 value)
{
    json_builder_set_member_name(json, name);
    if (has)
        json_builder_add_int_value(json, value);
    else
        json_builder_add_null_value(json);
}

void json_add_bool(JsonBuilder *json, const char *name, bool value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_boolean_value(json, value);
}

void json_add_text(JsonBuilder *json, const char *name, const char *text)
{
    json_builder_set_member_name(json, name);
    if (text != NULL)
        json_builder_add_string_value(json, text);
    else
        json_builder_add_null_value(json);
}

void json_add_addr(JsonBuilder *json, const char *name, const struct tf_addr *addr)
{
    char text[TF_ADDR_TEXT_LEN];

    json_add_text(json, name, tf_addr_text(addr, text));
}

void json_begin(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_object(json);
}

void json_begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

void json_add_number_or_null(JsonBuilder *json, const char *name, bool has, double value)
{
    json_builder_set_member_name(json, name);
    if (has)
        json_builder_add_double_value(json, value);
    else
        json_builder_add_null_value(json);
}

void json_add_asn(JsonBuilder *json, const struct tf_asn *asn)
{
    if (asn == NULL) {
        json_add_text(json, "asn", NULL);
        return;
    }
    json_begin(json, "asn");
    json_add_int(json, "number", asn->number);
    json_add_text(json, "prefix", asn->prefix);
    json_add_text(json, "name", asn->name);
    json_builder_end_object(json);
}
