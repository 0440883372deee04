/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from a trace's observations and is kept in it. */
#include "settle.h"

#include "infer.h"
#include "stability.h"

void settle(struct tf_trace *trace)
{
    struct stability *stability = stability_new(trace);

    trace->unstable = stability->by_packet;
    for (size_t i = 0; i < trace->n_paths; i++)
        trace->paths[i]->unstable = !stability_path_is_whole(stability, trace->paths[i]);
    infer(trace, stability);
    stability_free(stability);
}
