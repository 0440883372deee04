/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prober's loop without sockets: plan, simulator and matching take turns. */
#include "rehearsal.h"

#include "chance.h"
#include "sim.h"
#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/match.h"

/* So many steps a plan may take: beyond, it will never end. */
enum { STEPS_MAX = 2000000 };

struct stage {
    struct sim *sim;
    struct plan *plan;
    struct tf_match *match;
    struct tf_trace_set *traces;
    struct probe_fields fields;
    uint64_t frames;
    int64_t now_ns;
};

static void capture(struct stage *stage, const uint8_t *packet, size_t len)
{
    const struct tf_frame frame = { .number = ++stage->frames,
                                    .time_ns = stage->now_ns,
                                    .linktype = TF_LINKTYPE_RAW,
                                    .bytes = packet,
                                    .len = len };
    struct tf_observation obs;

    if (tf_match_frame(stage->match, &frame, &obs) != TF_OK)
        return;
    tf_trace_set_add(stage->traces, &obs);
    plan_observe(stage->plan, &obs);
}

static void send_probe(struct stage *stage, const struct probe_spec *spec)
{
    stage->fields.path_id = spec->path_id;
    stage->fields.ttl = spec->ttl;
    stage->fields.attempt = spec->attempt;
    const struct packet probe = build_probe(&stage->fields);

    capture(stage, probe.bytes, probe.len);
    sim_send(stage->sim, stage->now_ns, probe.bytes, probe.len);
}

static void receive_all(struct stage *stage)
{
    uint8_t packet[SIM_PACKET_MAX];
    size_t len;

    while ((len = sim_receive(stage->sim, stage->now_ns, packet)) > 0)
        capture(stage, packet, len);
}

static void play(struct stage *stage, struct rehearsal *rehearsal)
{
    for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
        struct probe_spec spec;
        int64_t until_ns = INT64_MAX;

        receive_all(stage);
        switch (plan_next(stage->plan, stage->now_ns, &spec, &until_ns)) {
        case PLAN_SEND:
            send_probe(stage, &spec);
            rehearsal->sent++;
            break;
        case PLAN_WAIT: stage->now_ns = MIN(until_ns, sim_due_ns(stage->sim)); break;
        case PLAN_DONE: rehearsal->done = true; return;
        }
    }
}

struct rehearsal rehearse(const struct topology *topology, const struct tf_addr *dst,
                          const struct plan_options *options, uint64_t seed)
{
    const struct tf_match_options defaults = tf_match_defaults();
    struct rehearsal rehearsal = { .traces = tf_trace_set_new() };
    struct stage stage = {
        .sim = sim_new(topology, seed),
        .plan = plan_new(options),
        .match = tf_match_new(&defaults),
        .traces = rehearsal.traces,
        .fields = { .src = dst->version == 4 ? topology->source4 : topology->source6,
                    .dst = *dst,
                    .src_base = TF_BASE_PORT,
                    .dst_base = TF_BASE_PORT,
                    .run_id = (uint32_t)chance_mix(seed + 1) },
    };

    play(&stage, &rehearsal);
    rehearsal.ended_ns = stage.now_ns;
    sim_free(stage.sim);
    plan_free(stage.plan);
    tf_match_free(stage.match);
    return rehearsal;
}

void rehearsal_end(struct rehearsal *rehearsal)
{
    tf_trace_set_free(rehearsal->traces);
}
