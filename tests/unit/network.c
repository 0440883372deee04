/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network of a few lines under a simulated clock, to run the plan against. */
#include "network.h"

#include <string.h>

#include "support.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

enum { STEPS_MAX = 200000, ANSWERS_MAX = 8192 };

/* An answer on its way, and the probe that it answers. */
struct answer {
    int64_t at_ns;
    int64_t sent_ns;
    uint16_t path_id;
    uint8_t ttl;
};

/* Each TTL of the network is one router, with one bucket of tokens; the destination has that of
 * TTL 0. */
struct bucket {
    unsigned tokens;
    int64_t filled_ns;
};

struct simulation {
    const struct network *network;
    const struct plan_options *options;
    struct plan *plan;
    struct run *run;
    int64_t now_ns;
    int64_t last_sent_ns;
    struct answer answers[ANSWERS_MAX]; /* by time */
    size_t n_answers;
    struct bucket buckets[NETWORK_TTL_MAX + 1];
    int64_t sent_ns[NETWORK_PATHS_MAX + 1][NETWORK_TTL_MAX + 1]; /* of the last attempt */
};

struct plan_options default_plan(void)
{
    return (struct plan_options){ .paths = 8,
                                  .first_ttl = 1,
                                  .max_ttl = 64,
                                  .attempts = 3,
                                  .gap_limit = 8,
                                  .timeout_ns = TF_NS_PER_S };
}

uint8_t network_end(const struct network *network, uint16_t path_id)
{
    if (path_id == network->dead_end)
        return 2;
    return (uint8_t)(network->length + (path_id % 2 == 1 ? network->more_on_odd : 0));
}

static bool take_token(struct simulation *sim, uint8_t ttl)
{
    const struct network *network = sim->network;
    struct bucket *bucket = &sim->buckets[ttl];
    if (network->bucket == 0)
        return true;

    while (bucket->tokens < network->bucket &&
           sim->now_ns - bucket->filled_ns >= network->token_ns) {
        bucket->tokens++;
        bucket->filled_ns += network->token_ns;
    }
    if (bucket->tokens == network->bucket)
        bucket->filled_ns = sim->now_ns;
    if (bucket->tokens == 0)
        return false;
    bucket->tokens--;
    return true;
}

/* The TTL of what answers a probe, or 0 for silence. */
static uint8_t answering_ttl(struct simulation *sim, const struct probe_spec *spec)
{
    const struct network *network = sim->network;
    const uint8_t end = network_end(network, spec->path_id);
    const uint8_t ttl = end != 0 && spec->ttl > end ? end : spec->ttl;

    if (network->all_silent || (network->silent_from <= ttl && ttl <= network->silent_to))
        return 0;
    if (ttl == end && network->silent_end)
        return 0;
    return take_token(sim, ttl == end ? 0 : ttl) ? ttl : 0;
}

static void insert_answer(struct simulation *sim, const struct answer *answer)
{
    size_t at = sim->n_answers;

    assert_true(sim->n_answers < ANSWERS_MAX);
    for (; at > 0 && sim->answers[at - 1].at_ns > answer->at_ns; at--)
        sim->answers[at] = sim->answers[at - 1];
    sim->answers[at] = *answer;
    sim->n_answers++;
}

static unsigned probes_out(const struct simulation *sim, uint16_t path_id)
{
    unsigned out = 0;

    for (unsigned ttl = 1; ttl <= NETWORK_TTL_MAX; ttl++)
        out += sim->run->attempts[path_id][ttl] > 0 && !sim->run->answered[path_id][ttl] &&
               sim->now_ns - sim->sent_ns[path_id][ttl] < sim->options->timeout_ns / 2;
    return out;
}

static void take_probe(struct simulation *sim, const struct probe_spec *spec)
{
    struct run *run = sim->run;
    uint8_t *attempts = &run->attempts[spec->path_id][spec->ttl];

    check(spec->attempt == *attempts, "path %u, TTL %u: attempt %u is number %u", spec->path_id,
          spec->ttl, spec->attempt, *attempts);
    (*attempts)++;
    if (run->sent > 0 && sim->now_ns - sim->last_sent_ns < run->closest_ns)
        run->closest_ns = sim->now_ns - sim->last_sent_ns;
    run->sent++;
    sim->last_sent_ns = sim->now_ns;
    sim->sent_ns[spec->path_id][spec->ttl] = sim->now_ns;
    const unsigned out = probes_out(sim, spec->path_id);
    if (out > run->most_out)
        run->most_out = out;

    const uint8_t from = answering_ttl(sim, spec);
    const struct answer answer = { .at_ns = sim->now_ns + from * sim->network->delay_ns,
                                   .sent_ns = sim->now_ns,
                                   .path_id = spec->path_id,
                                   .ttl = spec->ttl };
    if (from != 0)
        insert_answer(sim, &answer);
}

static void observe(struct simulation *sim, const struct answer *answer)
{
    const uint8_t end = network_end(sim->network, answer->path_id);
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.kind = TF_KIND_HOP_REPLY;
    obs.path_id = answer->path_id;
    obs.has_ttl = !sim->network->ttl_unknown || probes_out(sim, answer->path_id) <= 1;
    obs.ttl = obs.has_ttl ? answer->ttl : 0;
    obs.has_probe = obs.has_ttl;
    obs.rtt_ns = obs.has_probe ? sim->now_ns - answer->sent_ns : 0;
    obs.has_icmp = true;
    obs.icmp_type = TF_ICMP_TIME_EXCEEDED;
    obs.flow.dst.version = 4;
    obs.responder = addr("10.0.0.0");
    obs.responder.bytes[3] = end != 0 && answer->ttl >= end ? 0 : answer->ttl;
    if (end != 0 && answer->ttl >= end) {
        const bool dead = answer->path_id == sim->network->dead_end;
        obs.kind = dead ? TF_KIND_HOP_REPLY : TF_KIND_DESTINATION_REPLY;
        obs.icmp_type = TF_ICMP_DEST_UNREACH;
        obs.icmp_code = dead ? 1 : TF_ICMP_CODE_PORT_UNREACH;
    }
    if (obs.has_ttl)
        sim->run->answered[answer->path_id][answer->ttl] = true;
    plan_observe(sim->plan, &obs);
}

static void deliver_until(struct simulation *sim, int64_t until_ns)
{
    if (sim->n_answers == 0 || sim->answers[0].at_ns > until_ns) {
        sim->now_ns = until_ns;
        return;
    }
    const struct answer answer = sim->answers[0];
    memmove(sim->answers, sim->answers + 1, --sim->n_answers * sizeof sim->answers[0]);
    sim->now_ns = answer.at_ns;
    observe(sim, &answer);
}

void network_run(const struct network *network, const struct plan_options *options, struct run *run)
{
    static struct simulation sim;

    sim = (struct simulation){ .network = network, .options = options, .run = run };
    *run = (struct run){ .closest_ns = INT64_MAX };
    for (size_t i = 0; i < COUNT(sim.buckets); i++)
        sim.buckets[i].tokens = network->bucket;
    sim.plan = plan_new(options);
    while (!run->done && run->steps++ < STEPS_MAX) {
        struct probe_spec spec;
        int64_t until_ns = 0;

        switch (plan_next(sim.plan, sim.now_ns, &spec, &until_ns)) {
        case PLAN_SEND: take_probe(&sim, &spec); break;
        case PLAN_WAIT:
            run->moved_back = run->moved_back || until_ns <= sim.now_ns;
            deliver_until(&sim, until_ns);
            break;
        case PLAN_DONE: run->done = true; break;
        }
    }
    run->ended_ns = sim.now_ns;
    plan_free(sim.plan);
}
