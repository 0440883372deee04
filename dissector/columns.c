/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet list's Protocol and Info columns. */
/*
 * Other dissectors fence text off, so that nobody overwrites it: TCP does with what its analysis
 * found, and of a probe that is that it is like the one before it. The fence falls, for that is
 * what our text says.
 */
#include "columns.h"

#include "summary.h"

/*
 * From 4.3 on, the columns are fields as well, for filters and for tshark's -e. They are written
 * before post-dissectors are called; hence again.
 */
#if TF_COLUMNS_ARE_FIELDS
static void set_field(proto_tree *tree, const char *name, const char *text)
{
    const int hf = proto_registrar_get_id_byname(name);
    GPtrArray *fields = hf < 0 ? NULL : proto_get_finfo_ptr_array(tree, hf);

    for (guint i = 0; fields != NULL && i < fields->len; i++)
        fvalue_set_string(((field_info *)g_ptr_array_index(fields, i))->value, text);
}

static void set_fields(proto_tree *tree, column_info *columns)
{
    static int proto_columns = -1;

    if (proto_columns < 0)
        proto_columns = proto_get_id_by_filter_name("_ws.col");
    if (tree == NULL || columns == NULL || !proto_field_is_referenced(tree, proto_columns))
        return;
    set_field(tree, "_ws.col.protocol", col_get_text(columns, COL_PROTOCOL));
    set_field(tree, "_ws.col.info", col_get_text(columns, COL_INFO));
}
#else
static void set_fields(proto_tree *tree _U_, column_info *columns _U_)
{
}
#endif

static void set_text(packet_info *pinfo, const struct sighting *sighting)
{
    struct text info;

    if (sighting->forged) {
        col_append_str(pinfo->cinfo, COL_INFO, " [traceflow: forged?]");
        return;
    }
    col_clear_fence(pinfo->cinfo, COL_PROTOCOL);
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "Traceflow");
    if (!col_get_writable(pinfo->cinfo, COL_INFO))
        return;
    col_clear_fence(pinfo->cinfo, COL_INFO);
    summary_info(&info, sighting);
    col_add_str(pinfo->cinfo, COL_INFO, info.bytes);
}

void columns_set(packet_info *pinfo, proto_tree *tree, const struct sighting *sighting)
{
    set_text(pinfo, sighting);
    set_fields(tree, pinfo->cinfo);
}
