/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as text and as JSON. */
#include "truth.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "traceflow/error.h"
#include "truth_paths.h"

/* The UDP source ports of path IDs 1 to 4096. */
enum { FIRST_PORT = 33481, LAST_PORT = 37576 };

/* Its first address; a host's is the one that was asked for, which may be a public one. */
static bool address_of(const struct truth *truth, uint32_t node, char text[TF_ADDR_TEXT_LEN])
{
    struct tf_addr addr = truth->dst;

    if (!routing_is_host(truth->routing, node) &&
        !topology_address(truth->topology, node, truth->dst.version, 0, &addr))
        return false;
    tf_addr_text(&addr, text);
    return true;
}

static char *path_text(const struct truth *truth, const GArray *path)
{
    GString *text = g_string_new(NULL);
    char address[TF_ADDR_TEXT_LEN];

    for (guint i = 0; i < path->len; i++) {
        const bool known = address_of(truth, g_array_index(path, uint32_t, i), address);
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", known ? address : "*");
    }
    return g_string_free(text, FALSE);
}

/* A line of text, and what it is made of. */
struct line {
    char *text;
    uint16_t port;
    GArray *path;
};

static void free_line(gpointer data)
{
    struct line *line = data;

    g_free(line->text);
    g_array_unref(line->path);
    g_free(line);
}

static gint compare_lines(gconstpointer a, gconstpointer b)
{
    const struct line *x = *(struct line *const *)a;
    const struct line *y = *(struct line *const *)b;

    return x->port != y->port ? x->port - y->port : strcmp(x->text, y->text);
}

/* The paths of a port that are not among the lines yet; port 0 in a line: no matter which port
 * takes it. */
static void add_lines(struct truth *truth, uint16_t port, GHashTable *seen, GPtrArray *lines)
{
    g_autoptr(GPtrArray) paths = truth_paths(truth, port);

    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *text = path_text(truth, paths->pdata[i]);
        const uint16_t shown = truth->query->has_ports ? port : 0;
        if (!g_hash_table_add(seen, g_strdup_printf("%u %s", shown, text)))
            continue;
        struct line *line = g_new(struct line, 1);
        *line = (struct line){ g_steal_pointer(&text), shown, g_array_ref(paths->pdata[i]) };
        g_ptr_array_add(lines, line);
    }
}

static GPtrArray *collect_lines(struct truth *truth)
{
    const struct truth_query *query = truth->query;
    const uint32_t first = query->has_ports ? query->first_port : FIRST_PORT;
    const uint32_t last = query->has_ports ? query->last_port : LAST_PORT;
    GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (uint32_t port = first; port <= last; port++)
        add_lines(truth, (uint16_t)port, seen, lines);
    g_ptr_array_sort(lines, compare_lines);
    return lines;
}

static void add_hop(const struct truth *truth, JsonBuilder *json, uint32_t node)
{
    char address[TF_ADDR_TEXT_LEN];

    json_builder_begin_object(json);
    json_builder_set_member_name(json, "node");
    if (node & NODE_GENERATED)
        json_builder_add_null_value(json);
    else
        json_builder_add_string_value(json, truth->topology->nodes[node].id);
    json_builder_set_member_name(json, "address");
    if (address_of(truth, node, address))
        json_builder_add_string_value(json, address);
    else
        json_builder_add_null_value(json);
    json_builder_end_object(json);
}

static void add_line(const struct truth *truth, JsonBuilder *json, const struct line *line)
{
    json_builder_begin_object(json);
    if (truth->query->has_ports) {
        json_builder_set_member_name(json, "src_port");
        json_builder_add_int_value(json, line->port);
    }
    json_builder_set_member_name(json, "hops");
    json_builder_begin_array(json);
    for (guint i = 0; i < line->path->len; i++)
        add_hop(truth, json, g_array_index(line->path, uint32_t, i));
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static void print_json(const struct truth *truth, const GPtrArray *lines, GString *out)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    char address[TF_ADDR_TEXT_LEN];

    json_builder_begin_object(json);
    json_builder_set_member_name(json, "destination");
    json_builder_add_string_value(json, tf_addr_text(&truth->dst, address));
    json_builder_set_member_name(json, "paths");
    json_builder_begin_array(json);
    for (guint i = 0; i < lines->len; i++)
        add_line(truth, json, lines->pdata[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);

    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *text = json_to_string(root, TRUE);
    g_string_append_printf(out, "%s\n", text);
}

static void print_text(const struct truth *truth, const GPtrArray *lines, GString *out)
{
    for (guint i = 0; i < lines->len; i++) {
        const struct line *line = lines->pdata[i];
        if (truth->query->has_ports)
            g_string_append_printf(out, "%u: ", line->port);
        g_string_append_printf(out, "%s\n", line->text);
    }
}

bool truth_print(const struct topology *topology, const struct truth_query *query, GString *out,
                 GError **error)
{
    struct truth truth;
    if (!truth_begin(&truth, topology, query, error))
        return false;

    g_autoptr(GPtrArray) lines = collect_lines(&truth);
    if (truth.is_cut)
        tf_note("too many branches that balance per packet: not all paths are listed");
    if (query->json)
        print_json(&truth, lines, out);
    else
        print_text(&truth, lines, out);
    truth_end(&truth);
    return true;
}
