/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matching against the lab's simulator: in every topology that the lab ships, by every protocol,
 * whatever comes back is matched with the probe that caused it.
 */
#include <glib.h>

#include "sim.h"
#include "support.h"
#include "topology.h"
#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/match.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

enum { PATHS = 4, TTL_MAX = 9, PORT = 80, RUN = 0x1badcafe };

/* Longer than any topology's round trip, and than a probe is open. */
#define PAUSE_NS (3 * TF_NS_PER_S)

static const uint8_t protocols[] = { TF_IP_PROTO_UDP, TF_IP_PROTO_ICMP, TF_IP_PROTO_TCP };

struct session {
    const char *topology;
    struct sim *sim;
    struct tf_match *match;
    struct probe_fields fields; /* of the probe that was sent last */
    uint64_t frames;
    int64_t now_ns;
    unsigned replies;
    unsigned from_destination;
};

static enum tf_status capture(struct session *s, const uint8_t *packet, size_t len,
                              struct tf_observation *obs)
{
    const struct tf_frame frame = { ++s->frames, s->now_ns, TF_LINKTYPE_RAW, packet, len };

    return tf_match_frame(s->match, &frame, obs);
}

static void send_probe(struct session *s)
{
    const struct packet probe = build_probe(&s->fields);
    struct tf_observation obs;

    check(capture(s, probe.bytes, probe.len, &obs) == TF_OK && obs.kind == TF_KIND_PROBE,
          "%s, protocol %u: the probe", s->topology, s->fields.protocol);
    sim_send(s->sim, s->now_ns, probe.bytes, probe.len);
}

/* What the prober's kernel says to a SYN/ACK; it is no reply, and no probe. */
static void reset(struct session *s, const uint8_t *packet, size_t len)
{
    struct tf_datagram answer;

    check(tf_datagram_decode(&answer, packet, len) == TF_OK, "%s: the SYN/ACK", s->topology);
    const struct tcp_fields fields = { .src_port = answer.tcp.dst_port,
                                       .dst_port = answer.tcp.src_port,
                                       .seq = answer.tcp.ack,
                                       .flags = TF_TCP_FLAG_RST };
    const struct packet segment = build_tcp(&fields);
    const struct ip_fields ip_fields = {
        .src = answer.ip.dst, .dst = answer.ip.src, .protocol = TF_IP_PROTO_TCP, .ttl = 64
    };
    struct packet ip = build_ip(&ip_fields, &segment);
    struct tf_observation obs;

    tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    check(capture(s, ip.bytes, ip.len, &obs) == TF_NOT_OURS, "%s: the reset", s->topology);
    sim_send(s->sim, s->now_ns, ip.bytes, ip.len);
}

static void take_reply(struct session *s, const uint8_t *packet, size_t len)
{
    const struct probe_fields *sent = &s->fields;
    struct tf_observation obs;

    check(capture(s, packet, len, &obs) == TF_OK, "%s, protocol %u, path %u, TTL %u: refused",
          s->topology, sent->protocol, sent->path_id, sent->ttl);
    check(obs.has_probe && obs.path_id == sent->path_id && obs.ttl == sent->ttl,
          "%s, protocol %u, path %u, TTL %u: given to path %u, TTL %u", s->topology, sent->protocol,
          sent->path_id, sent->ttl, obs.path_id, obs.ttl);
    check(obs.flow.protocol == sent->protocol && tf_addr_equal(&obs.flow.dst, &sent->dst),
          "%s: flow", s->topology);
    s->replies++;
    s->from_destination += obs.kind == TF_KIND_DESTINATION_REPLY;
    if ((obs.tcp_flags & TF_TCP_FLAG_SYN) != 0)
        reset(s, packet, len);
}

static void take_replies(struct session *s)
{
    static uint8_t packet[SIM_PACKET_MAX];
    const int64_t until_ns = s->now_ns + PAUSE_NS;

    for (int64_t due_ns; (due_ns = sim_due_ns(s->sim)) <= until_ns;) {
        size_t len;

        s->now_ns = MAX(s->now_ns, due_ns);
        while ((len = sim_receive(s->sim, s->now_ns, packet)) > 0)
            take_reply(s, packet, len);
    }
    s->now_ns = until_ns;
}

static struct session trace(const char *name, const struct topology *topology, uint8_t protocol,
                            const struct tf_addr *dst)
{
    const struct tf_match_options options = tf_match_defaults();
    const bool ipv6 = dst->version == 6;
    struct session s = {
        .topology = name,
        .sim = sim_new(topology, 1),
        .match = tf_match_new(&options),
        .fields = { .protocol = ipv6 && protocol == TF_IP_PROTO_ICMP ? TF_IP_PROTO_ICMPV6
                                                                     : protocol,
                    .src = ipv6 ? topology->source6 : topology->source4,
                    .dst = *dst,
                    .src_base = TF_BASE_PORT,
                    .dst_base = protocol == TF_IP_PROTO_TCP ? PORT : TF_BASE_PORT,
                    .run_id = RUN },
    };

    for (s.fields.path_id = 1; s.fields.path_id <= PATHS; s.fields.path_id++)
        for (s.fields.ttl = 1; s.fields.ttl <= TTL_MAX; s.fields.ttl++) {
            send_probe(&s);
            take_replies(&s);
        }
    sim_free(s.sim);
    tf_match_free(s.match);
    return s;
}

static unsigned trace_by_all(const char *name, const struct topology *topology,
                             const struct tf_addr *dst)
{
    unsigned from_destination = 0;

    for (size_t i = 0; i < COUNT(protocols); i++) {
        const struct session s = trace(name, topology, protocols[i], dst);
        check(s.replies > 0, "%s, protocol %u: no reply at all", name, protocols[i]);
        from_destination += s.from_destination;
    }
    return from_destination;
}

/* By what the host's name stands for: behind a NAT, its public address. */
static unsigned trace_host(const char *name, const struct topology *topology,
                           const struct node *node)
{
    unsigned from_destination = 0;

    for (size_t i = 0; i < COUNT(node->public_address); i++) {
        const size_t own = i == 0 ? 0 : node->n_address4;
        const size_t n_own = i == 0 ? node->n_address4 : node->n_address6;

        if (node->public_address[i].version != 0)
            from_destination += trace_by_all(name, topology, &node->public_address[i]);
        else if (n_own > 0 && node->public_address[1 - i].version == 0)
            from_destination += trace_by_all(name, topology, &node->address[own]);
    }
    return from_destination;
}

static unsigned trace_topology(const char *name)
{
    g_autofree char *path = g_build_filename(TF_TOPOLOGIES, name, NULL);
    struct topology *topology = topology_load(path, NULL);
    unsigned from_destination = 0;

    check(topology != NULL, "%s", name);
    for (size_t i = 0; i < topology->n_nodes; i++)
        if (topology->nodes[i].kind == NODE_HOST)
            from_destination += trace_host(name, topology, &topology->nodes[i]);
    topology_free(topology);
    return from_destination;
}

static void test_every_topology(void **state)
{
    GDir *dir = g_dir_open(TF_TOPOLOGIES, 0, NULL);
    unsigned topologies = 0;
    unsigned from_destination = 0;

    (void)state;
    assert_non_null(dir);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_suffix(name, ".topo"))
            continue;
        from_destination += trace_topology(name);
        topologies++;
    }
    g_dir_close(dir);
    check(topologies >= 30, "%u topologies", topologies);
    check(from_destination > 1000, "%u answers of destinations", from_destination);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_topology),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
