/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Matching: which probe does a reply answer?
 *
 * All probes of one attempt of a path share one UDP header (flow, length, crafted checksum), and a
 * router quotes at least that. So a quote is found by its header alone, and only then asked for its
 * TTL: the tag says it where it came back, else the Identification, else there may be just one
 * probe that it can answer. A NAT that does not repair quotes changes the header, but conserves the
 * sum of checksum, addresses and ports. TCP and echo carry the TTL in the first 8 bytes already, in
 * their sequence numbers; all attempts of echo share the rest, and only the tag tells them apart.
 *
 * The probe itself need not be in the capture, which may have begun in the middle of the run, or
 * dropped frames: one of its path and attempt is enough for a quote to tell its TTL by.
 *
 * What is found is believed in the order of the rules (docs/WIRE.md): tag, matched, original,
 * arithmetic. The last two need no probe in the capture, and are not asked about flows of which
 * there is one: there, a reply without the key is a stranger's, or a forger's (unproved.c).
 */
#include "traceflow/match.h"

#include <glib.h>

#include "observe.h"
#include "traceflow/wire.h"

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

/* The claim of a packet on its way, which has no more hops to go than it set out with. */
static bool recognise_probe(struct claim *claim, const struct tf_datagram *datagram,
                            const struct tf_match_options *options)
{
    struct tf_tag tag;

    if (datagram->transport == TF_TRANSPORT_TCP)
        return recognise_syn(claim, datagram, options) && datagram->ip.ttl <= claim->ttl;
    if (recognise_echo_reply(datagram))
        return false;
    if (recognise_tag(&tag, datagram) && recognise_key(&tag, datagram)) {
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
        .header = tf_header_of(datagram),
        .ttl = claim->ttl,
    };

    obs->kind = TF_KIND_PROBE;
    obs->flow = key.flow;
    obs->sent = probe.header;
    observe_claim(obs, claim);
    observe_ident(obs, ip);
    obs->ident_fault = probe_ident_fault(ip, claim);
    probe_table_add(match->table, &key, claim, &probe, &obs->duplicate);
    match->bare.ours_seen = true;
    return TF_OK;
}

static enum tf_status observe(struct tf_match *match, const struct tf_packet *packet,
                              struct tf_observation *obs)
{
    const struct tf_datagram *datagram = &packet->datagram;
    struct claim claim;

    obs->captured_ttl = datagram->ip.ttl;
    if (!packet->has_quote && recognise_probe(&claim, datagram, &match->options) &&
        !observe_goes_backwards(match, datagram))
        return observe_probe(match, datagram, &claim, obs);

    obs->responder = datagram->ip.src;
    const enum tf_status status = packet->has_quote ? observe_quote(match, packet, obs)
                                                    : observe_answer(match, datagram, obs);
    return status == TF_OK ? TF_OK : observe_unproved(match, packet, obs);
}

/* Spares captures of other traffic the search for what a datagram could be about. Whoever sends to
 * a base port is remembered (unproved.c). */
static bool is_about_nothing(const struct tf_match *match, const struct tf_datagram *datagram)
{
    struct claim claim;

    if (!probe_table_is_empty(match->table) || datagram->transport == TF_TRANSPORT_ICMP ||
        (datagram->transport == TF_TRANSPORT_UDP && recognise_base_port(datagram, &match->options)))
        return false;
    return !recognise_probe(&claim, datagram, &match->options);
}

enum tf_status tf_match_frame(struct tf_match *match, const struct tf_frame *frame,
                              struct tf_observation *obs)
{
    struct tf_packet packet;
    const enum tf_status status = tf_packet_decode(&packet, frame->linktype, frame->bytes,
                                                   frame->len);
    if (status != TF_OK)
        return status;

    if (is_about_nothing(match, &packet.datagram))
        return TF_NOT_OURS;

    struct tf_observation found = { .frame = frame->number, .time_ns = frame->time_ns };
    const enum tf_status observed = observe(match, &packet, &found);
    if (observed == TF_OK || observed == TF_FORGED)
        *obs = found;
    return observed;
}

void tf_match_forget_run(struct tf_match *match, uint32_t run_id)
{
    probe_table_forget_run(match->table, run_id);
}
