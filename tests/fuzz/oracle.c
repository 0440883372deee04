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

static bool same_flow_as_sent(const struct given_frame *probe, const struct tf_datagram *quote)
{
    const struct tf_flow *sent = &probe->obs.flow;
    const bool echo = quote->transport == TF_TRANSPORT_ICMP;
    const struct tf_flow quoted = {
        .src = quote->ip.src,
        .dst = quote->ip.dst,
        .src_port = echo ? quote->icmp.ident : quote->udp.src_port,
        .dst_port = echo ? 0 : quote->udp.dst_port,
        .protocol = quote->ip.protocol,
    };

    return same_flow(sent, &quoted);
}

/* Whether the whole tag is that of the observed probe. */
static bool names_probe(const struct tf_observation *obs, const struct tf_datagram *quote)
{
    const bool echo = quote->transport == TF_TRANSPORT_ICMP;
    struct tf_tag tag;

    return tf_tag_decode(&tag, echo ? quote->icmp.body : quote->udp.payload,
                         echo ? quote->icmp.body_len : quote->udp.payload_len) == TF_OK &&
           obs->has_run_id && tag.run_id == obs->run_id && tag.path_id == obs->path_id &&
           tag.attempt == obs->attempt && tag.probe_id == tf_ident(obs->path_id, obs->ttl);
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
    if (same_flow_as_sent(probe, quote) && names_probe(obs, quote))
        return; /* the run ID came back: a NAT that repairs quotes but for the checksum */
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
    must(!packet->quote.ip.flags_swapped || (obs->sent.df && (obs->changed & TF_CHANGED_DF) != 0));
}

/* The key of a probe of the flow; the TTL's own may not be in the capture. */
static bool was_sent(const struct oracle *oracle, const struct tf_observation *obs, uint32_t seq)
{
    for (size_t i = 1; i < obs->frame; i++) {
        const struct given_frame *given = &oracle->frames[i];
        if (is_probe(given) && (uint16_t)given->seq == (uint16_t)seq &&
            same_flow(&given->obs.flow, &obs->flow))
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
        must(obs->has_ttl && (obs->has_probe ? acknowledged == probe->seq
                                             : obs->ttl == (uint8_t)(acknowledged >> 16)));
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

/* Only of a flow that was probed, and with nothing in it that could be believed. */
static void check_forged(const struct oracle *oracle, const struct tf_observation *obs)
{
    bool probed = false;

    must(obs->evidence == 0 && !obs->has_run_id && !obs->has_ttl && !obs->has_probe);
    must(obs->kind == TF_KIND_PROBE || obs->has_icmp);
    for (size_t i = 1; i < obs->frame; i++)
        probed |= is_probe(&oracle->frames[i]) &&
                  same_flow(&oracle->frames[i].obs.flow, &obs->flow);
    must(probed);
}

void oracle_observation(struct oracle *oracle, const struct tf_frame *frame, enum tf_status status,
                        const struct tf_observation *obs)
{
    struct given_frame *given = &oracle->frames[frame->number];
    struct tf_packet packet;

    must(status != TF_END);
    oracle->n_frames = frame->number;
    if (status == TF_FORGED)
        check_forged(oracle, obs);
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
