/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matching: which probe does a reply answer?
 *
 * All probes of one attempt of a path share one UDP header (flow, length, crafted checksum), and a
 * router quotes at least that. So a quote is found by its header alone, and only then asked for its
 * TTL: the tag says it where it came back, else the Identification, else there may be just one
 * probe that it can answer. A NAT that does not repair quotes changes the header, but conserves the
 * sum of checksum, addresses and ports.
 *
 * What is found is believed in the order of the rules (docs/WIRE.md): tag, matched, original,
 * arithmetic. The last two need no probe in the capture, and are not asked about flows of which
 * there is one: there, a reply without the key is a stranger's, or a forger's.
 */
#include "traceflow/match.h"

#include <glib.h>

#include "place.h"
#include "probe_table.h"
#include "recognise.h"
#include "traceflow/wire.h"

struct tf_match {
    struct tf_match_options options;
    struct probe_table *table;
};

struct tf_match_options tf_match_defaults(void)
{
    return (struct tf_match_options){
        .bases = { { TF_BASE_PORT, TF_BASE_PORT },
                   { TF_BASE_PORT_ORIGINAL, TF_BASE_PORT_ORIGINAL } },
        .n_bases = 2,
    };
}

struct tf_match *tf_match_new(const struct tf_match_options *options)
{
    struct tf_match *match = g_new0(struct tf_match, 1);

    match->options = *options;
    match->table = probe_table_new();
    return match;
}

void tf_match_free(struct tf_match *match)
{
    if (match == NULL)
        return;
    probe_table_free(match->table);
    g_free(match);
}

static void write_claim(struct tf_observation *obs, const struct claim *claim)
{
    obs->evidence = claim->evidence;
    obs->has_run_id = claim->has_run_id;
    obs->run_id = claim->run_id;
    obs->path_id = claim->path_id;
    obs->has_attempt = claim->has_attempt;
    obs->attempt = claim->attempt;
}

static void write_ttl(struct tf_observation *obs, uint8_t ttl)
{
    obs->has_ttl = true;
    obs->ttl = ttl;
}

static void write_ident(struct tf_observation *obs, const struct tf_ip *ip)
{
    obs->has_ident = ip->has_ident;
    obs->ident = ip->ident;
}

static bool tag_and_key(struct tf_tag *tag, const struct tf_datagram *datagram)
{
    return recognise_tag(tag, datagram) && recognise_key(tag, datagram);
}

static bool recognise_probe(struct claim *claim, const struct tf_datagram *datagram,
                            const struct tf_match_options *options)
{
    struct tf_tag tag;

    if (tag_and_key(&tag, datagram)) {
        *claim = recognise_tag_claim(&tag);
        return datagram->ip.ttl <= claim->ttl; /* an echoed payload comes with a TTL of its own */
    }
    return recognise_original_probe(claim, datagram, options);
}

static enum tf_ident_fault probe_ident_fault(const struct tf_ip *ip, const struct claim *claim)
{
    if (!ip->has_ident || ip->ident == tf_ident(claim->path_id, claim->ttl))
        return TF_IDENT_INTACT;
    return ip->ident == 0 ? TF_IDENT_ZEROED : TF_IDENT_OTHER;
}

static enum tf_status observe_probe(struct tf_match *match, const struct tf_datagram *datagram,
                                    const struct claim *claim, struct tf_observation *obs)
{
    const struct tf_ip *ip = &datagram->ip;
    const struct header_key key = header_key_of(datagram);
    const struct probe probe = {
        .frame = obs->frame,
        .time_ns = obs->time_ns,
        .ident = ip->ident,
        .total_len = (uint16_t)ip->total_len,
        .ttl = claim->ttl,
        .tos = ip->tos,
        .df = ip->df,
    };

    obs->kind = TF_KIND_PROBE;
    obs->flow = key.flow;
    write_claim(obs, claim);
    write_ttl(obs, claim->ttl);
    write_ident(obs, ip);
    obs->ident_fault = probe_ident_fault(ip, claim);
    probe_table_add(match->table, &key, claim, &probe, &obs->duplicate);
    return TF_OK;
}

static uint16_t changed_fields(const struct tf_datagram *quote, const struct placement *place)
{
    const struct tf_ip *ip = &quote->ip;
    const struct probe *probe = place->probe;
    const struct probe_group *group = place->group;
    const struct tf_flow *flow = &group->flow;
    unsigned changed = 0;

    if (ip->tos != probe->tos)
        changed |= TF_CHANGED_TOS;
    if (ip->total_len != probe->total_len)
        changed |= TF_CHANGED_LENGTH;
    if (ip->ident != probe->ident)
        changed |= TF_CHANGED_IDENT;
    if (ip->df != probe->df)
        changed |= TF_CHANGED_DF;
    if (!tf_addr_equal(&ip->src, &flow->src))
        changed |= TF_CHANGED_SRC;
    if (!tf_addr_equal(&ip->dst, &flow->dst))
        changed |= TF_CHANGED_DST;
    if (quote->udp.src_port != flow->src_port)
        changed |= TF_CHANGED_SRC_PORT;
    if (quote->udp.dst_port != flow->dst_port)
        changed |= TF_CHANGED_DST_PORT;
    if (quote->udp.checksum != group->checksum)
        changed |= TF_CHANGED_CHECKSUM;
    return (uint16_t)changed;
}

/* The reply answers this probe: link it. */
static void write_probe(struct tf_observation *obs, struct probe *probe)
{
    write_ttl(obs, probe->ttl);
    obs->has_probe = true;
    obs->probe_frame = probe->frame;
    obs->rtt_ns = obs->time_ns - probe->time_ns;
    obs->duplicate = probe->replies > 0;
    probe->replies++;
}

static void write_match(struct tf_observation *obs, const struct placement *place)
{
    write_claim(obs, &place->group->claim);
    obs->evidence = TF_EVIDENCE_MATCHED;
    obs->flow = place->group->flow;
    obs->ident_fault = place->ident_fault;
    if (place->probe != NULL)
        write_probe(obs, place->probe);
}

/* A quote that names its probe all by itself. */
static bool claim_orphan(const struct tf_match *match, const struct tf_datagram *quote,
                         struct tf_observation *obs)
{
    const struct header_key key = header_key_of(quote);
    struct claim claim;
    struct tf_tag tag;

    if (tag_and_key(&tag, quote)) {
        claim = recognise_tag_claim(&tag);
        obs->ident_fault = ident_fault(&quote->ip, tag.probe_id);
    } else if (probe_table_knows_flow(match->table, &key.flow) ||
               !recognise_bare_quote(&claim, quote, &match->options)) {
        return false;
    }
    write_claim(obs, &claim);
    write_ttl(obs, claim.ttl);
    obs->flow = key.flow;
    return true;
}

static bool is_port_unreachable(const struct tf_packet *packet)
{
    const struct tf_icmp *icmp = &packet->datagram.icmp;

    if (packet->datagram.ip.version == 6)
        return icmp->type == TF_ICMPV6_DEST_UNREACH && icmp->code == TF_ICMPV6_CODE_PORT_UNREACH;
    return icmp->type == TF_ICMP_DEST_UNREACH && icmp->code == TF_ICMP_CODE_PORT_UNREACH;
}

static enum tf_status observe_quote(struct tf_match *match, const struct tf_packet *packet,
                                    struct tf_observation *obs)
{
    const struct tf_datagram *quote = &packet->quote;
    struct placement place;
    struct tf_tag tag;

    if (quote->transport != TF_TRANSPORT_UDP)
        return TF_NOT_OURS;
    if (place_quote(match->table, quote, obs->time_ns, &place)) {
        write_match(obs, &place);
        if (place.probe != NULL)
            obs->changed = changed_fields(quote, &place);
        if (tag_and_key(&tag, quote))
            obs->evidence = TF_EVIDENCE_TAG;
    } else if (!claim_orphan(match, quote, obs)) {
        return TF_NOT_OURS;
    }

    obs->kind = is_port_unreachable(packet) ? TF_KIND_DESTINATION_REPLY : TF_KIND_HOP_REPLY;
    obs->has_icmp = true;
    obs->icmp_type = packet->datagram.icmp.type;
    obs->icmp_code = packet->datagram.icmp.code;
    obs->has_quote = true;
    obs->quoted_ttl = quote->ip.ttl;
    obs->quoted_len = packet->quoted_len;
    obs->mpls = packet->mpls;
    write_ident(obs, &quote->ip);
    return TF_OK;
}

static struct header_key reversed(const struct header_key *key)
{
    struct header_key back = *key;

    back.flow.src = key->flow.dst;
    back.flow.dst = key->flow.src;
    back.flow.src_port = key->flow.dst_port;
    back.flow.dst_port = key->flow.src_port;
    return back;
}

/* A service on the destination port answered: with our tag if it echoes, else with anything. */
static enum tf_status observe_answer(struct tf_match *match, const struct tf_datagram *datagram,
                                     struct tf_observation *obs)
{
    const struct header_key answer = header_key_of(datagram);
    struct header_key key = reversed(&answer);
    struct placement place = { .group = probe_table_find_flow(match->table, &key.flow) };
    struct tf_tag tag;
    if (place.group == NULL) {
        if (recognise_base_port(datagram, &match->options))
            probe_table_add_stranger(match->table, &answer.flow);
        return TF_NOT_OURS;
    }

    if (recognise_tag(&tag, datagram)) {
        key.udp_length = datagram->udp.length;
        key.checksum = tf_key(tag.run_id, tag.path_id, tag.attempt);
        place.group = probe_table_find(match->table, &key);
        if (place.group == NULL || !place_by_tag(&place, datagram))
            return TF_NOT_OURS;
        place.ident_fault = TF_IDENT_INTACT; /* the answer's Identification is the answerer's own */
    } else {
        place.probe = probe_group_only_open(place.group, obs->time_ns);
    }
    obs->kind = TF_KIND_DESTINATION_REPLY;
    write_match(obs, &place);
    return TF_OK;
}

/* An echo, no probe: it keeps tag and checksum, as the sum does not care which end is which. */
static bool goes_backwards(const struct tf_match *match, const struct tf_datagram *datagram)
{
    const struct header_key key = header_key_of(datagram);
    const struct header_key forwards = reversed(&key);

    return probe_table_find_flow(match->table, &forwards.flow) != NULL;
}

static enum tf_status observe(struct tf_match *match, const struct tf_packet *packet,
                              struct tf_observation *obs)
{
    const struct tf_datagram *datagram = &packet->datagram;
    struct claim claim;

    if (!packet->has_quote && datagram->transport != TF_TRANSPORT_UDP)
        return TF_NOT_OURS;
    if (!packet->has_quote && !goes_backwards(match, datagram) &&
        recognise_probe(&claim, datagram, &match->options))
        return observe_probe(match, datagram, &claim, obs);

    obs->responder = datagram->ip.src;
    obs->reply_ttl = datagram->ip.ttl;
    return packet->has_quote ? observe_quote(match, packet, obs)
                             : observe_answer(match, datagram, obs);
}

enum tf_status tf_match_frame(struct tf_match *match, const struct tf_frame *frame,
                              struct tf_observation *obs)
{
    struct tf_packet packet;
    const enum tf_status status = tf_packet_decode(&packet, frame->linktype, frame->bytes,
                                                   frame->len);
    if (status != TF_OK)
        return status;

    struct tf_observation found = { .frame = frame->number, .time_ns = frame->time_ns };
    const enum tf_status observed = observe(match, &packet, &found);
    if (observed == TF_OK)
        *obs = found;
    return observed;
}
