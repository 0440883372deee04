/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prober's loop without sockets: plan, simulator and matching take turns. */
#include "rehearsal.h"

#include "chance.h"
#include "lab_packets.h"
#include "sim.h"
#include "support.h"
#include "traceflow/bytes.h"
#include "traceflow/datagram.h"
#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/match.h"
#include "traceflow/wire.h"

/* So many steps a plan may take: beyond, it will never end. */
enum { STEPS_MAX = 2000000, TCP_PORT = 443 };

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

/*
 * The kernel knows nothing of the prober's connections: it resets whatever acknowledges (RFC 9293
 * section 3.5.2, group 1).
 */
static void answer_as_kernel(struct stage *stage, const uint8_t *packet, size_t len)
{
    struct packet tcp = { .len = TF_TCP_MIN_LEN };
    struct tf_datagram in;
    if (tf_datagram_decode(&in, packet, len) != TF_OK || in.transport != TF_TRANSPORT_TCP ||
        (in.tcp.flags & TF_TCP_FLAG_RST) || !(in.tcp.flags & TF_TCP_FLAG_ACK))
        return;

    tf_put_u16(tcp.bytes + TF_TCP_SRC_PORT, in.tcp.dst_port);
    tf_put_u16(tcp.bytes + TF_TCP_DST_PORT, in.tcp.src_port);
    tf_put_u32(tcp.bytes + TF_TCP_SEQ, in.tcp.ack);
    tcp.bytes[TF_TCP_DATA_OFFSET] = TF_TCP_MIN_LEN / 4 << 4;
    tcp.bytes[TF_TCP_FLAGS] = TF_TCP_FLAG_RST;
    const struct ip_fields fields = {
        .src = in.ip.dst, .dst = in.ip.src, .protocol = TF_IP_PROTO_TCP, .ttl = 64
    };
    struct packet reset = build_ip(&fields, &tcp);
    lab_seal(&reset);
    sim_send(stage->sim, stage->now_ns, reset.bytes, reset.len);
}

static void receive_all(struct stage *stage)
{
    uint8_t packet[SIM_PACKET_MAX];
    size_t len;

    while ((len = sim_receive(stage->sim, stage->now_ns, packet)) > 0) {
        capture(stage, packet, len);
        answer_as_kernel(stage, packet, len);
    }
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

static uint16_t first_port(const struct rehearsal_to *to)
{
    return to->protocol == TF_IP_PROTO_TCP ? TCP_PORT : TF_BASE_PORT;
}

struct rehearsal rehearse_to(const struct topology *topology, const struct rehearsal_to *to,
                             const struct plan_options *options, uint64_t seed)
{
    const struct tf_match_options defaults = tf_match_defaults();
    struct rehearsal rehearsal = { .traces = tf_trace_set_new() };
    const uint32_t run_id = (uint32_t)chance_mix(seed + 1);
    struct plan_options seeded = *options;
    seeded.seed = run_id;
    struct stage stage = {
        .sim = sim_new(topology, seed),
        .plan = plan_new(&seeded),
        .match = tf_match_new(&defaults),
        .traces = rehearsal.traces,
        .fields = { .protocol = to->protocol,
                    .src = to->addr.version == 4 ? topology->source4 : topology->source6,
                    .dst = to->addr,
                    .src_base = TF_BASE_PORT,
                    .dst_base = first_port(to),
                    .run_id = run_id },
    };

    play(&stage, &rehearsal);
    rehearsal.ended_ns = stage.now_ns;
    sim_free(stage.sim);
    plan_free(stage.plan);
    tf_match_free(stage.match);
    return rehearsal;
}

struct rehearsal rehearse(const struct topology *topology, const struct tf_addr *dst,
                          const struct plan_options *options, uint64_t seed)
{
    const struct rehearsal_to to = { .addr = *dst, .protocol = TF_IP_PROTO_UDP };

    return rehearse_to(topology, &to, options, seed);
}

void rehearsal_end(struct rehearsal *rehearsal)
{
    tf_trace_set_free(rehearsal->traces);
}
