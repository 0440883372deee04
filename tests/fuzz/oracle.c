/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invariants of matching, by another way than match.c goes: a list of all frames, searched from
 * its start. */
#include "oracle.h"

#include "fuzz.h"
#include "traceflow/encoding.h"
#include "traceflow/packet.h"

static bool same_flow(const struct tf_flow *a, const struct tf_flow *b)
{
    return tf_addr_equal(&a->src, &b->src) && tf_addr_equal(&a->dst, &b->dst) &&
           a->src_port == b->src_port && a->dst_port == b->dst_port && a->protocol == b->protocol;
}

static bool is_probe(const struct given_frame *given)
{
    return given->observed && given->obs.kind == TF_KIND_PROBE;
}

static uint32_t sum_of_addresses(const struct tf_ip *ip)
{
    uint32_t sum = 0;

    for (size_t at = 0; at < tf_addr_len(&ip->src); at += 2)
        sum += (uint32_t)(ip->src.bytes[at] << 8 | ip->src.bytes[at + 1]) +
               (uint32_t)(ip->dst.bytes[at] << 8 | ip->dst.bytes[at + 1]);
    return sum;
}

/* Modulo 0xffff, hence the remainder: 0 and 0xffff are one number. */
static uint16_t conserved_sum(const struct tf_datagram *datagram)
{
    const uint32_t addresses = sum_of_addresses(&datagram->ip);

    switch (datagram->transport) {
    case TF_TRANSPORT_UDP:
        return (uint16_t)((addresses + datagram->udp.checksum + datagram->udp.src_port +
                           datagram->udp.dst_port) %
                          0xffff);
    case TF_TRANSPORT_ICMP:
        return (uint16_t)(((datagram->ip.version == 6 ? addresses : 0) + datagram->icmp.checksum +
                           datagram->icmp.ident) %
                          0xffff);
    default: return 0;
    }
}

static void remember_header(struct given_frame *given, const struct tf_datagram *datagram)
{
    given->conserved = conserved_sum(datagram);
    given->checksum = tf_datagram_checksum(datagram);
    if (datagram->transport == TF_TRANSPORT_UDP)
        given->number = datagram->udp.length;
    else if (datagram->transport == TF_TRANSPORT_ICMP)
        given->number = datagram->icmp.sequence;
    else
        given->seq = datagram->tcp.seq;
}

static void check_common(const struct tf_frame *frame, const struct tf_observation *obs)
{
    must(obs->frame == frame->number && obs->time_ns == frame->time_ns);
    must(obs->kind >= TF_KIND_PROBE && obs->kind <= TF_KIND_DESTINATION_REPLY);
    must(obs->evidence >= TF_EVIDENCE_TAG && obs->evidence <= TF_EVIDENCE_ARITHMETIC);
    must(obs->path_id != 0);
    must(!obs->has_ttl || obs->ttl != 0);
    must(!obs->has_probe || obs->has_ttl);
    must(obs->has_icmp || !obs->has_quote);
    must((obs->changed >> TF_CHANGED_COUNT) == 0);
}

static void check_probe(const struct tf_observation *obs)
{
    must(obs->has_ttl && !obs->has_probe && !obs->has_quote && !obs->has_icmp);
    must(obs->evidence == TF_EVIDENCE_TAG || obs->evidence == TF_EVIDENCE_ORIGINAL);
    must((obs->evidence == TF_EVIDENCE_TAG) == obs->has_run_id);
}

/* A linked reply repeats its probe, and came after it. */
static void check_link(struct oracle *oracle, const struct tf_observation *obs)
{
    must(obs->probe_frame >= 1 && obs->probe_frame < obs->frame);
    struct given_frame *given = &oracle->frames[obs->probe_frame];
    const struct tf_observation *probe = &given->obs;

    must(is_probe(given));
    must(obs->rtt_ns == obs->time_ns - probe->time_ns);
    must(obs->path_id == probe->path_id && obs->ttl == probe->ttl);
    must(obs->has_run_id == probe->has_run_id && obs->run_id == probe->run_id);
    must(probe->has_attempt || !obs->has_attempt);
    must(obs->attempt == probe->attempt);
    must(same_flow(&obs->flow, &probe->flow));
    must(!given->forgotten);
    must(obs->duplicate == given->answered);
    given->answered = true;
}

static uint16_t key_of(const struct tf_observation *obs)
{
    return obs->flow.protocol == TF_IP_PROTO_UDP ? tf_key(obs->run_id, obs->path_id, obs->attempt)
                                                 : tf_echo_key(obs->run_id, obs->path_id);
}

/* Whoever does not know the key, and is no NAT, is not believed. */
static void check_key(const struct given_frame *probe, const struct tf_observation *obs,
                      const struct tf_datagram *quote)
{
    const uint16_t checksum = tf_datagram_checksum(quote);

    if (quote->transport == TF_TRANSPORT_TCP) {
        must(quote->tcp.seq == probe->seq);
        must((obs->changed & TF_CHANGED_CHECKSUM) == 0 || quote->tcp.whole);
        return;
    }
    must(((obs->changed & TF_CHANGED_CHECKSUM) != 0) == (checksum != probe->checksum));
    if (obs->evidence == TF_EVIDENCE_TAG) { /* tag and key came back: no matter what else did */
        must(checksum == key_of(obs));
        return;
    }
    must(conserved_sum(quote) == probe->conserved);
    must(probe->number ==
         (quote->transport == TF_TRANSPORT_UDP ? quote->udp.length : quote->icmp.sequence));
}

static void check_quote(const struct oracle *oracle, const struct tf_observation *obs,
                        const struct tf_packet *packet)
{
    must(packet->has_quote && packet->quote.ip.protocol == obs->flow.protocol);
    must(obs->quoted_ttl == packet->quote.ip.ttl && obs->quoted_len == packet->quoted_len);
    must(obs->quoted_tos == packet->quote.ip.tos);
    check_key(&oracle->frames[obs->probe_frame], obs, &packet->quote);
}

static bool was_sent(const struct oracle *oracle, const struct tf_observation *obs, uint32_t seq)
{
    for (size_t i = 1; i < obs->frame; i++) {
        const struct given_frame *given = &oracle->frames[i];
        if (is_probe(given) && given->seq == seq && same_flow(&given->obs.flow, &obs->flow))
            return true;
    }
    return false;
}

/* Whatever flags it has, TCP acknowledges a probe's sequence number: that of its own, but for bare
 * ACKs. */
static void check_answer(const struct oracle *oracle, const struct tf_observation *obs,
                         const struct tf_datagram *answer)
{
    const struct given_frame *probe = &oracle->frames[obs->probe_frame];
    const uint32_t acknowledged = answer->tcp.ack - 1;

    must(obs->kind == TF_KIND_DESTINATION_REPLY);
    if (answer->transport == TF_TRANSPORT_ICMP)
        must(obs->has_icmp && (!obs->has_probe || answer->icmp.sequence == probe->number));
    if (answer->transport != TF_TRANSPORT_TCP)
        return;
    must(obs->tcp_flags == answer->tcp.flags && was_sent(oracle, obs, acknowledged));
    if ((answer->tcp.flags & (TF_TCP_FLAG_SYN | TF_TCP_FLAG_RST)) != 0)
        must(obs->has_probe && acknowledged == probe->seq);
    else
        must(!obs->has_probe || acknowledged != probe->seq);
}

/* Rules that need no probe must not speak for a flow that has some. */
static void check_orphan(const struct oracle *oracle, const struct tf_observation *obs)
{
    must(obs->rtt_ns == 0 && obs->changed == 0 && !obs->duplicate);
    if (obs->evidence != TF_EVIDENCE_ORIGINAL && obs->evidence != TF_EVIDENCE_ARITHMETIC)
        return;
    must(!obs->has_run_id);
    for (size_t i = 1; i < obs->frame; i++)
        must(!is_probe(&oracle->frames[i]) || oracle->frames[i].forgotten ||
             !same_flow(&oracle->frames[i].obs.flow, &obs->flow));
}

void oracle_observation(struct oracle *oracle, const struct tf_frame *frame, enum tf_status status,
                        const struct tf_observation *obs)
{
    struct given_frame *given = &oracle->frames[frame->number];
    struct tf_packet packet;

    must(status != TF_END);
    oracle->n_frames = frame->number;
    if (status != TF_OK)
        return;
    must(tf_packet_decode(&packet, frame->linktype, frame->bytes, frame->len) == TF_OK);
    check_common(frame, obs);
    given->observed = true;
    given->obs = *obs;
    if (obs->kind == TF_KIND_PROBE) {
        check_probe(obs);
        remember_header(given, &packet.datagram);
        return;
    }
    if (obs->has_probe)
        check_link(oracle, obs);
    else
        check_orphan(oracle, obs);
    if (!obs->has_quote)
        check_answer(oracle, obs, &packet.datagram);
    else if (obs->has_probe)
        check_quote(oracle, obs, &packet);
}

void oracle_forget(struct oracle *oracle, uint32_t run_id)
{
    for (size_t i = 1; i <= oracle->n_frames; i++) {
        struct given_frame *given = &oracle->frames[i];
        if (is_probe(given) && given->obs.has_run_id && given->obs.run_id == run_id)
            given->forgotten = true;
    }
}

static bool was_probed(const struct oracle *oracle, const struct tf_trace *trace,
                       const struct tf_path *path)
{
    for (size_t i = 1; i <= oracle->n_frames; i++) {
        const struct given_frame *given = &oracle->frames[i];
        if (is_probe(given) && given->obs.path_id == path->path_id &&
            given->obs.has_run_id == trace->has_run_id && given->obs.run_id == trace->run_id)
            return true;
    }
    return false;
}

struct tally {
    size_t sent;
    size_t replies;
};

static void check_hop(const struct tf_path *path, size_t ttl, struct tally *tally)
{
    const struct tf_hop *hop = &path->hops[ttl];

    must(ttl != 0 || (hop->sent == 0 && hop->n_replies == 0));
    must(hop->n_replies <= TF_HOP_REPLIES_MAX);
    for (size_t i = 0; i < hop->n_replies; i++)
        must(hop->replies[i].has_ttl && hop->replies[i].ttl == ttl &&
             hop->replies[i].path_id == path->path_id);
    tally->sent += hop->sent;
    tally->replies += hop->n_replies + hop->omitted;
}

static void check_path(const struct oracle *oracle, const struct tf_trace *trace, size_t index,
                       struct tally *tally)
{
    const struct tf_path *path = trace->paths[index];

    must(was_probed(oracle, trace, path));
    must(index == 0 || trace->paths[index - 1]->path_id < path->path_id);
    must(path->n_hops <= 256);
    must(tf_path_length(path) <= tf_path_last_ttl(path));
    for (size_t ttl = 0; ttl < path->n_hops; ttl++)
        check_hop(path, ttl, tally);
    tally->replies += path->unplaced;
}

static void check_groups(const struct tf_trace *trace)
{
    size_t representative[FRAMES_MAX];
    size_t shown_by[FRAMES_MAX]; /* a row of the table; a distinct path by its own */
    size_t groups = 0;
    must(trace->n_paths <= FRAMES_MAX);

    tf_trace_rows(trace, shown_by);
    const size_t distinct = tf_trace_distinct(trace, representative);
    for (size_t i = 0; i < trace->n_paths; i++) {
        must(representative[i] < trace->n_paths);
        must(representative[representative[i]] == representative[i]);
        must(shown_by[i] < trace->n_paths);
        must(shown_by[shown_by[i]] == shown_by[i]);
        must(representative[i] != i || shown_by[i] == i);
        groups += representative[i] == i;
    }
    must(groups == distinct);
}

void oracle_traces(const struct oracle *oracle, const struct tf_trace_set *traces)
{
    struct tally expected = { 0 };
    struct tally found = { .replies = tf_trace_set_unmatched(traces) };

    for (size_t i = 1; i <= oracle->n_frames; i++) {
        const struct given_frame *given = &oracle->frames[i];
        expected.sent += is_probe(given) && !given->obs.duplicate;
        expected.replies += given->observed && !is_probe(given);
    }
    for (size_t i = 0; i < tf_trace_set_count(traces); i++) {
        const struct tf_trace *trace = tf_trace_set_get(traces, i);
        must(trace->n_paths > 0);
        for (size_t j = 0; j < trace->n_paths; j++)
            check_path(oracle, trace, j, &found);
        check_groups(trace);
    }
    must(found.sent == expected.sent);
    must(found.replies == expected.replies);
}
