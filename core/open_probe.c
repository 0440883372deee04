/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probes are open, and whether it matters which of them is meant. */
#include "open_probe.h"

bool probe_is_open(const struct probe *probe, int64_t now_ns)
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
        if (&group->probes[i] != except && probe_is_open(&group->probes[i], now_ns))
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

    for (int n = 0; group != NULL && n < OF_FLOW_MAX; n++, group = group->older[CHAIN_FLOW])
        count_group(&open, group, now_ns, except);
    return open;
}

static bool has_all_ttls_of(const struct probe_group *earlier, const struct probe_group *later)
{
    bool asked[UINT8_MAX + 1] = { false };

    for (unsigned i = 0; i < earlier->n_probes; i++)
        asked[earlier->probes[i].ttl] = true;
    for (unsigned i = 0; i < later->n_probes; i++)
        if (!asked[later->probes[i].ttl])
            return false;
    return true;
}

bool attempts_are_gapless(const struct probe_group *group)
{
    const struct probe_group *later = group;
    const struct probe_group *other = group->older[CHAIN_FLOW];

    for (int n = 1; later->claim.attempt > 0 && other != NULL && n < OF_FLOW_MAX; n++) {
        if (same_run(&other->claim, &later->claim) &&
            other->claim.attempt + 1 == later->claim.attempt) {
            if (!has_all_ttls_of(other, later))
                return false;
            later = other;
        }
        other = other->older[CHAIN_FLOW];
    }
    return later->claim.attempt == 0;
}

static struct open_probes attempts(struct probe_group *newest, uint8_t ttl, int64_t now_ns,
                                   bool open_only)
{
    struct open_probes found = { 0 };
    struct probe_group *group = newest;

    for (int n = 0; group != NULL && n < OF_FLOW_MAX; n++, group = group->older[CHAIN_FLOW]) {
        struct probe *probe = probe_group_find(group, ttl);
        if (probe != NULL && group->header.key == newest->header.key &&
            same_run(&group->claim, &newest->claim) && (!open_only || probe_is_open(probe, now_ns)))
            count(&found, group, probe);
    }
    return found;
}

struct open_probes open_attempts(struct probe_group *newest, uint8_t ttl, int64_t now_ns)
{
    const struct open_probes open = attempts(newest, ttl, now_ns, true);

    return open.n > 0 ? open : attempts(newest, ttl, now_ns, false);
}
