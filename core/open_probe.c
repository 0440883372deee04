/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probes are open, and whether it matters which of them is meant. */
#include "open_probe.h"

/* Of a flow, so many groups are looked at: no capture can make it quadratic. */
enum { GROUPS_MAX = 2 * TF_ATTEMPTS_MAX };

static bool is_open(const struct probe *probe, int64_t now_ns)
{
    return !probe->answered && now_ns - probe->time_ns <= TF_OPEN_NS;
}

static bool same_run(const struct claim *a, const struct claim *b)
{
    return a->evidence == b->evidence && a->run_id == b->run_id && a->path_id == b->path_id;
}

static void count(struct open_probes *open, struct probe_group *group, struct probe *probe)
{
    if (open->n++ > 0 &&
        (probe->ttl != open->newest->ttl || !same_run(&group->claim, &open->group->claim)))
        open->differ = true;
    if (open->newest != NULL && probe->time_ns < open->newest->time_ns)
        return;
    open->group = group;
    open->newest = probe;
}

static void count_group(struct open_probes *open, struct probe_group *group, int64_t now_ns,
                        const struct probe *except)
{
    for (unsigned i = 0; i < group->n_probes; i++)
        if (&group->probes[i] != except && is_open(&group->probes[i], now_ns))
            count(open, group, &group->probes[i]);
}

struct open_probes open_in_group(struct probe_group *group, int64_t now_ns,
                                 const struct probe *except)
{
    struct open_probes open = { 0 };

    count_group(&open, group, now_ns, except);
    return open;
}

struct open_probes open_in_flow(struct probe_group *newest, int64_t now_ns,
                                const struct probe *except)
{
    struct open_probes open = { 0 };
    struct probe_group *group = newest;

    for (int n = 0; group != NULL && n < GROUPS_MAX; n++, group = group->older[CHAIN_FLOW])
        count_group(&open, group, now_ns, except);
    return open;
}
