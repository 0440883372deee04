/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shapes of lab/kernel, written as topology files. */
#include "shape.h"

#include <glib.h>

#include "chance.h"

struct builder {
    GString *text;
    uint64_t seed;
    unsigned routers;
};

static void begin_router(struct builder *builder, const char *id)
{
    const unsigned number = ++builder->routers;

    g_string_append_printf(
        builder->text, "\n[router %s]\naddress = 10.%u.%u.1\nhash-seed = %u\nnext =", id,
        number >> 8, number & 255, (uint32_t)chance_mix(builder->seed << 16 | number));
}

static void add_branch(struct builder *builder, unsigned stage, unsigned branch, unsigned length)
{
    for (unsigned place = 1; place <= length; place++) {
        g_autofree char *id = g_strdup_printf("s%ub%up%u", stage, branch, place);
        begin_router(builder, id);
        if (place < length)
            g_string_append_printf(builder->text, " s%ub%up%u", stage, branch, place + 1);
        else
            g_string_append_printf(builder->text, " m%u", stage);
    }
}

static void add_stage(struct builder *builder, unsigned stage, const char *lengths)
{
    g_auto(GStrv) branches = g_strsplit(lengths, ",", -1);
    const unsigned count = g_strv_length(branches);

    for (unsigned branch = 1; branch <= count; branch++)
        g_string_append_printf(builder->text, " s%ub%up1", stage, branch);
    for (unsigned branch = 1; branch <= count; branch++)
        add_branch(builder, stage, branch,
                   (unsigned)g_ascii_strtoull(branches[branch - 1], NULL, 10));
    g_autofree char *merge = g_strdup_printf("m%u", stage);
    begin_router(builder, merge);
}

struct topology *shape_network(const char *shape, uint64_t seed)
{
    struct builder builder = { .text = g_string_new(NULL), .seed = seed };
    g_auto(GStrv) stages = g_strsplit(shape, "/", -1);

    begin_router(&builder, "r0");
    for (unsigned stage = 0; stages[stage] != NULL; stage++)
        add_stage(&builder, stage + 1, stages[stage]);
    g_string_append(builder.text, " dst\n[host dst]\naddress = 198.51.100.1\n");
    struct topology *topology = topology_parse("shape", builder.text->str, builder.text->len, NULL);
    g_string_free(builder.text, TRUE);
    return topology;
}
