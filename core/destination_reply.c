/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers of the probed protocol itself.
 *
 * A UDP service that echoes returns the tag; another's answer names no probe. An echo reply returns
 * tag and sequence number, and its checksum tells the request's. A SYN/ACK or a reset acknowledges
 * the sequence number that it answers. A bare acknowledgement does not: it is what a SYN gets that
 * meets the half-open connection of an earlier one (RFC 9293 section 3.10.7.4), whose sequence
 * number it acknowledges.
 */
#include "observe.h"
#include "traceflow/wire.h"

enum { HANDSHAKE_FLAGS = TF_TCP_FLAG_SYN | TF_TCP_FLAG_RST | TF_TCP_FLAG_FIN | TF_TCP_FLAG_ACK };

static void destination_reply(const struct tf_match *match, struct tf_observation *obs,
                              struct placement *place)
{
    place->ident_fault = TF_IDENT_INTACT; /* an answer's Identification is the answerer's own */
    obs->kind = TF_KIND_DESTINATION_REPLY;
    observe_match(match, obs, place);
}

static enum tf_status observe_udp(struct tf_match *match, const struct tf_datagram *datagram,
                                  struct tf_observation *obs)
{
    const struct header_key answer = header_key_of(datagram);
    struct header_key key = header_key_reversed(&answer);
    struct placement place = { .group = probe_table_find_flow(match->table, &key.flow) };
    struct tf_tag tag;
    if (place.group == NULL)
        return TF_NOT_OURS;

    if (recognise_tag(&tag, datagram)) {
        key.key = tf_key(tag.run_id, tag.path_id, tag.attempt);
        place.group = probe_table_find(match->table, &key);
        if (place.group == NULL || !place_by_tag(&place, datagram))
            return TF_NOT_OURS;
    } else {
        place.attempt_unsure = true;
        place_by_flow(&place, place.group, obs->time_ns, NULL);
    }
    destination_reply(match, obs, &place);
    return TF_OK;
}

/* An echo reply that names its probe all by itself; the capture may have begun too late for it. */
static bool claim_orphan(const struct tf_datagram *datagram, const struct tf_flow *flow,
                         struct tf_observation *obs)
{
    struct claim claim;
    struct tf_tag tag;

    if (!recognise_tag(&tag, datagram) || !recognise_key(&tag, datagram))
        return false;
    claim = recognise_tag_claim(&tag);
    observe_claim(obs, &claim);
    obs->kind = TF_KIND_DESTINATION_REPLY;
    obs->flow = *flow;
    return true;
}

/* Every host returns the payload; a capture may have cut it off. */
static bool is_cut(const struct tf_ip *ip)
{
    return ip->total_len > ip->header_len + ip->payload_len;
}

/* By the tag, which tells the key; or where that was cut off, the checksum does. */
static bool place_echo_reply(const struct tf_match *match, const struct tf_datagram *datagram,
                             struct header_key *request, int64_t now_ns, struct placement *place)
{
    struct tf_tag tag;

    if (recognise_tag(&tag, datagram)) {
        request->number = tag.attempt;
        request->key = tf_echo_key(tag.run_id, tag.path_id);
        place->group = probe_table_find(match->table, request);
        return (place->group != NULL && place_by_tag(place, datagram)) ||
               place_by_tag_alone(match->table, datagram, place);
    }
    if (!is_cut(&datagram->ip))
        return false;
    request->key = tf_echo_request_checksum(datagram);
    place->group = probe_table_find_header(match->table, request);
    return place->group != NULL && place_echo(place, datagram->icmp.sequence, 0, now_ns);
}

static enum tf_status observe_echo_reply(struct tf_match *match, const struct tf_datagram *datagram,
                                         struct tf_observation *obs)
{
    const struct header_key answer = header_key_of(datagram);
    struct header_key request = header_key_reversed(&answer);
    struct placement place = { 0 };

    if (place_echo_reply(match, datagram, &request, obs->time_ns, &place))
        destination_reply(match, obs, &place);
    else if (!claim_orphan(datagram, &request.flow, obs))
        return TF_NOT_OURS;
    obs->has_icmp = true;
    obs->icmp_type = datagram->icmp.type;
    obs->icmp_code = datagram->icmp.code;
    return TF_OK;
}

/* RFC 7323 section 3.2: whoever knows time stamps echoes them; those of resets mean nothing. */
static bool allows_run(const struct tf_tcp *tcp, uint32_t run_id)
{
    return !tcp->has_timestamp || (tcp->flags & TF_TCP_FLAG_RST) != 0 || tcp->tsecr == run_id;
}

/* The probe whose sequence number a segment acknowledges. */
static bool find_acknowledged(const struct tf_match *match, const struct tf_datagram *datagram,
                              struct placement *place)
{
    const struct header_key answer = header_key_of(datagram);
    struct header_key key = header_key_reversed(&answer);

    key.key = tf_seq_key(datagram->tcp.ack - 1);
    place->group = probe_table_find(match->table, &key);
    return place->group != NULL && allows_run(&datagram->tcp, place->group->claim.run_id) &&
           place_by_ack(place, datagram->tcp.ack);
}

static enum tf_status observe_tcp(struct tf_match *match, const struct tf_datagram *datagram,
                                  struct tf_observation *obs)
{
    const uint8_t flags = datagram->tcp.flags & HANDSHAKE_FLAGS;
    struct placement place = { 0 };

    if ((flags & (TF_TCP_FLAG_ACK | TF_TCP_FLAG_RST)) == 0 || (flags & TF_TCP_FLAG_FIN) != 0 ||
        !find_acknowledged(match, datagram, &place))
        return TF_NOT_OURS;
    if (flags == TF_TCP_FLAG_ACK) {
        const struct probe *acknowledged = place.probe;
        const struct header_key answer = header_key_of(datagram);
        const struct header_key key = header_key_reversed(&answer);
        place.probe = NULL;
        place.ttl = 0;
        place.attempt_unsure = true;
        place_by_flow(&place, probe_table_find_flow(match->table, &key.flow), obs->time_ns,
                      acknowledged);
    }
    obs->tcp_flags = datagram->tcp.flags;
    destination_reply(match, obs, &place);
    return TF_OK;
}

enum tf_status observe_answer(struct tf_match *match, const struct tf_datagram *datagram,
                              struct tf_observation *obs)
{
    switch (datagram->transport) {
    case TF_TRANSPORT_UDP: return observe_udp(match, datagram, obs);
    case TF_TRANSPORT_TCP: return observe_tcp(match, datagram, obs);
    case TF_TRANSPORT_ICMP:
        return recognise_echo_reply(datagram) ? observe_echo_reply(match, datagram, obs)
                                              : TF_NOT_OURS;
    case TF_TRANSPORT_OTHER: return TF_NOT_OURS;
    }
    return TF_NOT_OURS;
}
