/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: the text of a topology file. It is refused with one line, or can be used. */
#include <string.h>

#include "dot.h"
#include "fuzz.h"
#include "sim.h"
#include "topology.h"
#include "traceflow/wire.h"
#include "truth.h"

static void use(const struct topology *topology)
{
    const struct truth_query query = { .protocol = TF_IP_PROTO_UDP,
                                       .has_ports = true,
                                       .first_port = 33481,
                                       .last_port = 33482,
                                       .dport = 33480 };
    GString *out = g_string_new(NULL);

    truth_print(topology, &query, out, NULL);
    dot_print(topology, out);
    must(strstr(out->str, "digraph") != NULL);
    g_string_free(out, TRUE);
    sim_free(sim_new(topology, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GError *error = NULL;
    struct topology *topology = topology_parse("fuzz", (const char *)data, size, &error);

    must((topology == NULL) == (error != NULL));
    if (topology != NULL)
        use(topology);
    else
        must(strchr(error->message, '\n') == NULL);
    g_clear_error(&error);
    topology_free(topology);
    return 0;
}
