/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rehearsals SECONDS: how many whole traces of 8 paths, each through a network of its own, fit into
 * a second. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rehearsal.h"
#include "traceflow/time.h"

enum { DESTINATIONS = 100000 };

static struct topology *network(unsigned seed)
{
    g_autofree char *text = g_strdup_printf(
        "[router first]\naddress = 10.0.0.1\nnext = generate\n"
        "[generate]\ndestinations = %d\nbalancers = 30%%\nseed = %u\n",
        DESTINATIONS, seed);

    return topology_parse("rehearsals", text, strlen(text), NULL);
}

/* To a destination of its own in each network. Returns the paths that reached it. */
static unsigned trace(unsigned seed)
{
    static const struct plan_options options = { .paths = 8,
                                                 .first_ttl = 1,
                                                 .max_ttl = 64,
                                                 .attempts = 3,
                                                 .gap_limit = 8,
                                                 .timeout_ns = TF_NS_PER_S };
    struct topology *topology = network(seed);
    struct tf_addr dst = topology->generate.hosts4.addr;
    unsigned reached = 0;

    dst.bytes[2] = (uint8_t)(seed >> 8);
    dst.bytes[3] = (uint8_t)seed;
    struct rehearsal rehearsal = rehearse(topology, &dst, &options, seed);
    const struct tf_trace *result = tf_trace_set_get(rehearsal.traces, 0);
    for (size_t i = 0; i < result->n_paths; i++)
        reached += tf_path_reached(result->paths[i]);
    rehearsal_end(&rehearsal);
    topology_free(topology);
    return reached;
}

int main(int argc, char **argv)
{
    const double seconds = argc == 2 ? atof(argv[1]) : 1;
    const int64_t begin_us = g_get_monotonic_time();
    unsigned traces = 0;
    unsigned reached = 0;

    while ((double)(g_get_monotonic_time() - begin_us) < seconds * 1e6)
        reached += trace(++traces);
    printf("%.0f\n", traces / seconds);
    return reached == traces * 8 ? 0 : 1;
}
