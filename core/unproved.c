/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that no rule claims although they may be about a probed flow: strangers' and forgers'.
 *
 * Who forges an answer knows addresses and ports, and how probes are numbered, but not the run ID,
 * so he has to guess the key. Others have a wrong key, too, and mean no harm; what they send must
 * not be called forged:
 *
 * - Another program that uses the same ports. What it sends travels like our probes, so it is in
 *   the capture: then the flow is shared, and nothing about it is called forged. Nor is a quote
 *   whose Identification, lengths or payload are none of our probes'.
 * - The kernel of the prober's host, which resets the connections that its probes open. A quote of
 *   such a reset has the sequence number behind the probe's.
 * - An attempt whose packet the capture lost: its key is that of a run that is known.
 * - A host that returns the checksum as 0, having cleared it as it checked it.
 * - Late answers to a run that was forgotten.
 *
 * Not told apart: a NAT that puts addresses right in a quote and forgets the checksum.
 */
#include "observe.h"
#include "traceflow/wire.h"

/* Whether a packet that is no probe was sent along a flow by somebody who is no answerer: of TCP
 * the first of a connection, as the others may be the kernel's. */
static bool is_sent_by_other(const struct tf_match *match, const struct tf_datagram *datagram,
                             const struct tf_flow *flow)
{
    const bool knows = probe_table_find_flow(match->table, flow) != NULL;

    switch (datagram->transport) {
    case TF_TRANSPORT_UDP: return knows || recognise_base_port(datagram, &match->options);
    case TF_TRANSPORT_ICMP: return knows && recognise_echo(datagram);
    case TF_TRANSPORT_TCP:
        return knows &&
               (datagram->tcp.flags & (TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK)) == TF_TCP_FLAG_SYN;
    case TF_TRANSPORT_OTHER: return false;
    }
    return false;
}

/* A probe in all but its key. */
static bool looks_like_probe(const struct tf_datagram *datagram,
                             const struct tf_match_options *options)
{
    struct claim claim;
    struct tf_tag tag;
    struct tf_syn syn;

    if (datagram->transport == TF_TRANSPORT_TCP)
        return datagram->ip.total_len == (uint32_t)datagram->ip.header_len + TF_SYN_LEN &&
               tf_syn_decode(&syn, datagram->ip.payload, datagram->ip.payload_len) == TF_OK &&
               !recognise_syn(&claim, datagram, options);
    return recognise_tag(&tag, datagram) && !recognise_key(&tag, datagram);
}

/* What a quote holds behind the ports must not show that it is of another packet than a probe. */
static bool payload_allows(const struct tf_datagram *quote)
{
    struct tf_syn syn;

    switch (quote->transport) {
    case TF_TRANSPORT_UDP: return recognise_tag_start(quote->udp.payload, quote->udp.payload_len);
    case TF_TRANSPORT_ICMP:
        return recognise_echo(quote) && recognise_tag_start(quote->icmp.body, quote->icmp.body_len);
    case TF_TRANSPORT_TCP:
        return !quote->tcp.whole ||
               tf_syn_decode(&syn, quote->ip.payload, quote->ip.payload_len) == TF_OK;
    case TF_TRANSPORT_OTHER: return false;
    }
    return false;
}

/* Whether all that a quote repeats of a probe, but for the key, is this one's. */
static bool quotes_probe(const struct tf_datagram *quote, const struct probe_group *group,
                         const struct probe *probe)
{
    const struct tf_header quoted = tf_header_of(quote);

    if (quoted.total_len != probe->header.total_len || quoted.ident != probe->header.ident ||
        quoted.flow_label != probe->header.flow_label)
        return false;
    const uint16_t probe_id = tf_ident(group->claim.path_id, probe->ttl);

    switch (quote->transport) {
    case TF_TRANSPORT_UDP: return quote->udp.length == group->header.number;
    case TF_TRANSPORT_TCP: return tf_seq_probe_id(quote->tcp.seq) == probe_id;
    case TF_TRANSPORT_ICMP: return quote->icmp.sequence == probe_id;
    case TF_TRANSPORT_OTHER: return false;
    }
    return false;
}

static bool quotes_probe_of(const struct tf_datagram *quote, const struct probe_group *group)
{
    for (unsigned i = 0; i < group->n_probes; i++)
        if (quotes_probe(quote, group, &group->probes[i]))
            return true;
    return false;
}

/* The key of any attempt of the group's run and path; of TCP, also the number behind it. */
static bool holds_key(const struct claim *claim, const struct header_key *header)
{
    if (is_echo_flow(&header->flow))
        return header->key == tf_echo_key(claim->run_id, claim->path_id);
    for (uint8_t attempt = 0; attempt < TF_ATTEMPTS_MAX; attempt++) {
        const uint16_t key = tf_key(claim->run_id, claim->path_id, attempt);
        if (header->key == key ||
            (header->flow.protocol == TF_IP_PROTO_TCP && header->key == (uint16_t)(key + 1)))
            return true;
    }
    return false;
}

/* Whether a header of a flow holds the key of no run that probed it; and, of a quote, whether a
 * probe is quoted. */
static bool is_keyless(const struct header_key *header, const struct tf_datagram *quote,
                       const struct probe_group *newest)
{
    const struct probe_group *group = newest;
    bool quoted = quote == NULL;

    for (int n = 0; group != NULL && n < OF_FLOW_MAX; n++, group = group->older[CHAIN_FLOW]) {
        if (!group->claim.has_run_id || holds_key(&group->claim, header))
            return false;
        quoted = quoted || quotes_probe_of(quote, group);
    }
    return quoted;
}

/* 0 and 0xffff are one number to the checksum, and never a key. */
static bool has_checksum(const struct header_key *header)
{
    return header->flow.protocol == TF_IP_PROTO_TCP ||
           (header->key != 0 && header->key != UINT16_MAX);
}

/* The header that the forged probe, or that which is answered, has; false if there is none. */
static bool read_header(const struct tf_match *match, const struct tf_packet *packet,
                        struct header_key *header)
{
    const struct tf_datagram *datagram = &packet->datagram;
    struct tf_tag tag;

    if (packet->has_quote) {
        *header = header_key_of(&packet->quote);
        return !packet->quote.ip.flags_swapped && payload_allows(&packet->quote);
    }
    *header = header_key_of(datagram);
    if (!recognise_echo_reply(datagram))
        return looks_like_probe(datagram, &match->options);
    *header = header_key_reversed(header);
    header->key = tf_echo_request_checksum(datagram);
    return recognise_tag(&tag, datagram);
}

static void observe_forged(const struct tf_packet *packet, const struct probe_group *group,
                           const struct tf_flow *flow, struct tf_observation *obs)
{
    const struct tf_datagram *datagram = &packet->datagram;

    obs->flow = *flow;
    obs->path_id = group->claim.path_id;
    if (!packet->has_quote && !recognise_echo_reply(datagram)) {
        obs->kind = TF_KIND_PROBE;
        obs->responder = (struct tf_addr){ 0 };
        return;
    }
    obs->kind = observe_kind(packet);
    obs->has_icmp = true;
    obs->icmp_type = datagram->icmp.type;
    obs->icmp_code = datagram->icmp.code;
}

enum tf_status observe_unproved(struct tf_match *match, const struct tf_packet *packet,
                                struct tf_observation *obs)
{
    const struct tf_datagram *quote = packet->has_quote ? &packet->quote : NULL;
    struct header_key header;

    if (!read_header(match, packet, &header)) {
        if (quote == NULL && is_sent_by_other(match, &packet->datagram, &header.flow))
            probe_table_add_stranger(match->table, &header.flow);
        return TF_NOT_OURS;
    }
    const struct probe_group *group = probe_table_find_flow(match->table, &header.flow);
    if (group == NULL || !has_checksum(&header) ||
        probe_table_knows_stranger(match->table, &header.flow) ||
        probe_table_has_forgotten(match->table) || !is_keyless(&header, quote, group))
        return TF_NOT_OURS;
    observe_forged(packet, group, &header.flow, obs);
    return TF_FORGED;
}
