/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph: nodes for every responder, links only where one flow was seen to take them. */
#include "scene.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "graph.h"

struct graph_case {
    const char *name;
    const char *texts[3];
    const char *nodes; /* responder:flows:next hops */
    const char *links; /* from>to:path IDs */
};

static const struct graph_case cases[] = {
    { "a line", { "a b C" }, "a:1:1 b:1:1 c:1:0 ", "a>b:1 b>c:1 " },
    { "a diamond", { "a b D", "a c D" }, "a:2:2 b:1:1 c:1:1 d:2:0 ", "a>b:1 a>c:2 b>d:1 c>d:2 " },
    { "two flows, one way", { "a b C", "a b C" }, "a:2:1 b:2:1 c:2:0 ", "a>b:1,2 b>c:1,2 " },
    { "a star breaks the way", { "a * C" }, "a:1:0 c:1:0 ", "" },
    { "so does an unprobed TTL", { "a - C" }, "a:1:0 c:1:0 ", "" },
    { "two responders: who follows whom is not known",
      { "a b,c D" },
      "a:1:0 b:1:0 c:1:0 d:1:0 ",
      "" },
    { "one responder, twice", { "a b,b C" }, "a:1:1 b:1:1 c:1:0 ", "a>b:1 b>c:1 " },
    { "answers behind the end do not count", { "a B c" }, "a:1:1 b:1:0 ", "a>b:1 " },
    { "a loop", { "a b a b" }, "a:1:1 b:1:1 ", "a>b:1 b>a:1 " },
    { "an address at two TTLs in a row does not follow itself",
      { "a a B" },
      "a:1:1 b:1:0 ",
      "a>b:1 " },
    { "links are never combined from flows",
      { "a b * E", "f * d E" },
      "a:1:1 b:1:0 d:1:1 e:2:0 f:1:0 ",
      "a>b:1 d>e:2 " },
    { "no answer", { "* *" }, "", "" },
};

static char letter(const struct tf_addr *address)
{
    return (char)('a' + address->bytes[3] - 1);
}

static char *nodes_text(const struct graph *graph)
{
    GString *text = g_string_new(NULL);

    for (guint i = 1; i < graph->nodes->len; i++) { /* the source is the first */
        const struct node *node = &g_array_index(graph->nodes, struct node, i);
        g_string_append_printf(text, "%c:%u:%u ", letter(&node->addr), node->flows,
                               node->next_hops);
    }
    return g_string_free(text, FALSE);
}

static char *links_text(const struct graph *graph)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < graph->links->len; i++) {
        const struct link *link = &g_array_index(graph->links, struct link, i);
        g_string_append_printf(text, "%c>%c:", letter(&link->from), letter(&link->to));
        for (guint j = 0; j < link->path_ids->len; j++)
            g_string_append_printf(text, "%s%u", j == 0 ? "" : ",",
                                   g_array_index(link->path_ids, uint16_t, j));
        g_string_append_c(text, ' ');
    }
    return g_string_free(text, FALSE);
}

static void test_graphs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct graph_case *c = &cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        const struct tf_trace *trace = tf_trace_set_get(set, 0);
        struct stability *stability = stability_new(trace);
        struct graph *graph = graph_new(trace, stability);
        g_autofree char *nodes = nodes_text(graph);
        g_autofree char *links = links_text(graph);

        check(strcmp(nodes, c->nodes) == 0, "%s: nodes %s", c->name, nodes);
        check(strcmp(links, c->links) == 0, "%s: links %s", c->name, links);
        graph_free(graph);
        stability_free(stability);
        tf_trace_set_free(set);
    }
}

static void test_freeing_nothing(void **state)
{
    (void)state;
    graph_free(NULL);
    tf_trace_set_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_freeing_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
