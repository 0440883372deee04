/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drawing of a topology, line by line. */
#include "support.h"

#include <string.h>

#include "dot.h"

struct drawing {
    const char *name;
    const char *topology;
    const char *want;
};

#define HEAD   "digraph topology {\n    rankdir=LR;\n"
#define SOURCE "    \"the source\" [shape=plaintext, label=\"source\\n192.0.2.1\"];\n"

static const struct drawing drawings[] = {
    { "the smallest", "[router r]\naddress=10.0.0.1\n",
      HEAD SOURCE "    \"r\" [shape=box, label=\"r\\n10.0.0.1\"];\n"
                  "    \"the source\" -> \"r\";\n}\n" },
    { "quotes and backslashes",
      "[network]\ndescription=\"a\\b\" \\\nsource=2001:db8::1\n[router r]\nsilent=yes\n",
      HEAD "    label=\"\\\"a\\\\b\\\" \\\\\";\n"
           "    \"the source\" [shape=plaintext, label=\"source\\n2001:db8::1\"];\n"
           "    \"r\" [shape=box, label=\"r\"];\n"
           "    \"the source\" -> \"r\";\n}\n" },
    { "weights and routes: an edge to each node, not to each route",
      "[network]\nfirst=s\n"
      "[router r]\naddress=10.0.0.1\nnext=s*3 d d*2\nroute d=d*2\nroute 9.0.0.0/8=s\n"
      "[router s]\naddress=10.0.0.2\n"
      "[host d]\naddress=10.9.9.9 2001:db8::9\n",
      HEAD SOURCE "    \"r\" [shape=box, label=\"r\\n10.0.0.1\"];\n"
                  "    \"s\" [shape=box, label=\"s\\n10.0.0.2\"];\n"
                  "    \"d\" [shape=oval, label=\"d\\n10.9.9.9\"];\n"
                  "    \"the source\" -> \"s\";\n"
                  "    \"r\" -> \"s\" [label=\"*3\\n9.0.0.0/8\"];\n"
                  "    \"r\" -> \"d\" [label=\"*2\\n2001:db8::9/128 *2\\n10.9.9.9/32 *2\"];\n}\n" },
    { "a generated network is one node",
      "[router r]\naddress=192.168.0.1\nnext=generate*2\n[generate]\ndestinations=7\n",
      HEAD SOURCE "    \"r\" [shape=box, label=\"r\\n192.168.0.1\"];\n"
                  "    \"the generated network\" [shape=oval, style=dashed, label=\"7 generated "
                  "destinations\\n198.18.0.0/15\"];\n"
                  "    \"the source\" -> \"r\";\n"
                  "    \"r\" -> \"the generated network\" [label=\"*2\"];\n}\n" },
};

static void test_drawings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(drawings); i++) {
        const struct drawing *c = &drawings[i];
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) out = g_string_new(NULL);
        struct topology *topology = topology_parse("file", c->topology, strlen(c->topology),
                                                   &error);

        check(topology != NULL, "%s: %s", c->name, error == NULL ? "" : error->message);
        dot_print(topology, out);
        check(strcmp(out->str, c->want) == 0, "%s:\n%s", c->name, out->str);
        topology_free(topology);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_drawings) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
