/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a topology in the DOT language: every string is quoted, whatever it holds. */
#include "dot.h"

#include "addresses.h"

/* Nodes that the file does not name; a space keeps them apart from its IDs. */
static const char *const source_id = "the source";
static const char *const generated_id = "the generated network";

/* All edges from one router to one node are drawn as one. */
struct line {
    uint32_t to;
    GString *label;
};

/* Text inside a quoted string: the quote ends it, the backslash begins an escape. */
static void append_text(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static void append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    append_text(out, text);
    g_string_append_c(out, '"');
}

/* A line of a label that is being written; absent addresses have none. */
static void append_addr(GString *out, const struct tf_addr *addr)
{
    char text[TF_ADDR_TEXT_LEN];

    if (addr->version != 0)
        g_string_append_printf(out, "\\n%s", tf_addr_text(addr, text));
}

static void print_node(const struct node *node, GString *out)
{
    g_string_append(out, "    ");
    append_quoted(out, node->id);
    g_string_append_printf(out, " [shape=%s, label=\"", node->kind == NODE_ROUTER ? "box" : "oval");
    append_text(out, node->id);
    if (node->address != NULL)
        append_addr(out, &node->address[0]);
    g_string_append(out, "\"];\n");
}

static void print_source(const struct topology *topology, GString *out)
{
    const bool is_ipv4 = topology->source4.version != 0;

    g_string_append_printf(out, "    \"%s\" [shape=plaintext, label=\"source", source_id);
    append_addr(out, is_ipv4 ? &topology->source4 : &topology->source6);
    g_string_append(out, "\"];\n");
}

static void print_generated(const struct generate *generate, GString *out)
{
    char prefix[PREFIX_TEXT_LEN];

    if (generate->present)
        g_string_append_printf(out,
                               "    \"%s\" [shape=oval, style=dashed, label=\"%u generated "
                               "destinations\\n%s\"];\n",
                               generated_id, generate->destinations,
                               prefix_text(&generate->hosts4, prefix));
}

static GString *line_to(GArray *lines, uint32_t to)
{
    struct line line = { .to = to };

    for (guint i = 0; i < lines->len; i++)
        if (g_array_index(lines, struct line, i).to == to)
            return g_array_index(lines, struct line, i).label;
    line.label = g_string_new(NULL);
    g_array_append_val(lines, line);
    return line.label;
}

/* Add next hops to the lines of a router; prefix is NULL for those of what has no route. */
static void add_lines(GArray *lines, const struct next_hops *next, const struct prefix *prefix)
{
    char text[PREFIX_TEXT_LEN];

    for (size_t i = 0; i < next->count; i++) {
        const struct next_hop *hop = &next->at[i];
        GString *label = line_to(lines, hop->node);
        const char *separator = label->len > 0 ? "\\n" : "";

        if (prefix != NULL)
            g_string_append_printf(label, "%s%s", separator, prefix_text(prefix, text));
        if (hop->weight != 1)
            g_string_append_printf(label, "%s*%u", prefix == NULL ? separator : " ", hop->weight);
    }
}

static void print_edges(const struct topology *topology, const struct node *node, GString *out)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(struct line));

    add_lines(lines, &node->traits.next, NULL);
    for (size_t i = 0; i < node->traits.n_routes; i++)
        add_lines(lines, &node->traits.routes[i].via, &node->traits.routes[i].to);
    for (guint i = 0; i < lines->len; i++) {
        const struct line *line = &g_array_index(lines, struct line, i);
        const bool is_generated = line->to == NODE_INTO_GENERATED;

        g_string_append(out, "    ");
        append_quoted(out, node->id);
        g_string_append(out, " -> ");
        append_quoted(out, is_generated ? generated_id : topology->nodes[line->to].id);
        if (line->label->len > 0)
            g_string_append_printf(out, " [label=\"%s\"]", line->label->str);
        g_string_append(out, ";\n");
        g_string_free(line->label, TRUE);
    }
}

void dot_print(const struct topology *topology, GString *out)
{
    g_string_append(out, "digraph topology {\n    rankdir=LR;\n");
    if (topology->description != NULL) {
        g_string_append(out, "    label=");
        append_quoted(out, topology->description);
        g_string_append(out, ";\n");
    }
    print_source(topology, out);
    for (size_t i = 0; i < topology->n_nodes; i++)
        print_node(&topology->nodes[i], out);
    print_generated(&topology->generate, out);
    g_string_append_printf(out, "    \"%s\" -> ", source_id);
    append_quoted(out, topology->nodes[topology->first].id);
    g_string_append(out, ";\n");
    for (size_t i = 0; i < topology->n_nodes; i++)
        print_edges(topology, &topology->nodes[i], out);
    g_string_append(out, "}\n");
}
