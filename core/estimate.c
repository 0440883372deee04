/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was perhaps not seen: next hops of a node, and whole paths. */
#include "estimate.h"

#include <glib.h>
#include <math.h>

double estimate_confidence(unsigned next_hops, unsigned flows)
{
    const double k = next_hops;
    if (next_hops == 0)
        return 0;

    return MAX(1 - (k + 1) * pow(k / (k + 1), flows), 0);
}

struct path_count estimate_paths(const struct tf_trace *trace, const size_t *representative)
{
    g_autofree size_t *flows = g_new0(size_t, trace->n_paths);
    struct path_count count = { 0 };
    size_t once = 0;
    size_t twice = 0;

    for (size_t i = 0; i < trace->n_paths; i++)
        if (!trace->paths[i]->unstable)
            flows[representative[i]]++;
    for (size_t i = 0; i < trace->n_paths; i++) {
        count.seen += flows[i] > 0;
        once += flows[i] == 1;
        twice += flows[i] == 2;
    }
    count.estimated = count.seen;
    if (once > 0)
        count.estimated += once * (once - 1) / (2 * (twice + 1));
    return count;
}
