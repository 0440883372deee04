/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diamonds: where they begin and end, how wide and long they are; and odd graphs that have none. */
#include "scene.h"
#include "support.h"

#include <string.h>

#include "diamonds.h"
#include "postdom.h"

struct diamond_case {
    const char *name;
    const char *texts[5];
    const char *want; /* divergence(TTL)>convergence width x shortest-longest; '.' is the source */
};

static const struct diamond_case cases[] = {
    { "none", { "a b C" }, "" },
    { "one", { "a b D", "a c D" }, "a(1)>d 2x2-2 " },
    { "at the source", { "a C", "b C" }, ".(0)>c 2x2-2 " },
    { "uneven", { "a b D", "a c e D" }, "a(1)>d 2x2-3 " },
    { "a way past it", { "a b D", "a D" }, "a(1)>d 2x1-2 " },
    { "two in a row", { "a b c d F", "a g c e F" }, "a(1)>c 2x2-2 c(3)>f 2x2-2 " },
    { "one within another is part of it",
      { "a b c e G", "a b d e G", "a h i e G" },
      "a(1)>e 3x3-3 " },
    { "silence is passed over", { "a b * D", "a c * D" }, "a(1)>d 2x3-3 " },
    { "one that is silent on a path is no branch", { "a b D", "a * D" }, "" },
    { "a path that was lost ends nothing", { "a b D", "a c D", "a b *" }, "a(1)>d 2x2-2 " },
    { "paths that never meet", { "a b!1", "a c!1" }, "" },
    { "a loop", { "a b c b c b" }, "" },
    { "no answer", { "* *" }, "" },
};

static char letter(const struct tf_addr *address)
{
    return address->version == 0 ? '.' : (char)('a' + address->bytes[3] - 1);
}

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct diamond_case *c = &cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        struct diamonds *diamonds = diamonds_new(tf_trace_set_get(set, 0));
        g_autoptr(GString) text = g_string_new(NULL);

        for (guint j = 0; j < diamonds->list->len; j++) {
            const struct diamond *d = &g_array_index(diamonds->list, struct diamond, j);
            g_string_append_printf(text, "%c(%u)>%c %ux%u-%u ", letter(&d->divergence), d->ttl,
                                   letter(&d->convergence), d->width, d->shortest, d->longest);
        }
        check(strcmp(text->str, c->want) == 0, "%s: %s", c->name, text->str);
        diamonds_free(diamonds);
        tf_trace_set_free(set);
    }
    diamonds_free(NULL);
}

static bool can_reach_exit(const struct edge *edges, guint n_edges, guint from, guint without)
{
    guint64 reached = UINT64_C(1) << from;

    for (guint round = 0; round < 64; round++)
        for (guint i = 0; i < n_edges; i++) {
            if (edges[i].from == without || (reached >> edges[i].from & 1) == 0)
                continue;
            if (edges[i].to == POSTDOM_EXIT)
                return true;
            if (edges[i].to != without)
                reached |= UINT64_C(1) << edges[i].to;
        }
    return false;
}

/* By the definition: a node without which the exit cannot be reached, and that all other such nodes
 * lie behind. */
static guint slow_postdom(const struct edge *edges, guint n_edges, guint n_nodes, guint node)
{
    guint found = G_MAXUINT;
    if (!can_reach_exit(edges, n_edges, node, G_MAXUINT - 1))
        return G_MAXUINT;

    for (guint other = 0; other < n_nodes; other++) {
        if (other == node || can_reach_exit(edges, n_edges, node, other))
            continue;
        if (found == G_MAXUINT || !can_reach_exit(edges, n_edges, other, found))
            found = other;
    }
    return found;
}

/* Random graphs, loops and dead ends included, against the definition. */
static void test_post_dominators(void **state)
{
    uint32_t random = 4711;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        const guint n_nodes = 2 + next_random(&random) % 8;
        const guint n_edges = 1 + next_random(&random) % 16;
        struct edge edges[16];

        for (guint i = 0; i < n_edges; i++) {
            const guint to = next_random(&random) % (n_nodes + 1);
            edges[i].from = next_random(&random) % n_nodes;
            edges[i].to = to == n_nodes ? POSTDOM_EXIT : to;
        }
        g_autofree guint *got = postdom_new(edges, n_edges, n_nodes);
        for (guint node = 0; node < n_nodes; node++)
            check(got[node] == slow_postdom(edges, n_edges, n_nodes, node), "graph %u, node %u",
                  round, node);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_post_dominators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
