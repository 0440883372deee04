/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recognition of a single packet by what proves it: tag and key, or the header of a TCP probe. */
#include "recognise.h"

#include "traceflow/wire.h"

static bool is_echo_message(const struct tf_datagram *datagram, uint8_t icmp, uint8_t icmpv6)
{
    return datagram->transport == TF_TRANSPORT_ICMP && datagram->icmp.code == 0 &&
           datagram->icmp.type == (datagram->ip.version == 6 ? icmpv6 : icmp);
}

bool recognise_echo(const struct tf_datagram *datagram)
{
    return is_echo_message(datagram, TF_ICMP_ECHO, TF_ICMPV6_ECHO);
}

bool recognise_echo_reply(const struct tf_datagram *datagram)
{
    return is_echo_message(datagram, TF_ICMP_ECHO_REPLY, TF_ICMPV6_ECHO_REPLY);
}

static bool decode_tag(struct tf_tag *tag, const struct tf_datagram *datagram)
{
    if (datagram->transport == TF_TRANSPORT_UDP)
        return tf_tag_decode(tag, datagram->udp.payload, datagram->udp.payload_len) == TF_OK;
    if (!recognise_echo(datagram) && !recognise_echo_reply(datagram))
        return false;
    return tf_tag_decode(tag, datagram->icmp.body, datagram->icmp.body_len) == TF_OK &&
           tag->probe_id == datagram->icmp.sequence;
}

bool recognise_tag(struct tf_tag *tag, const struct tf_datagram *datagram)
{
    return decode_tag(tag, datagram) && tf_ident_ttl(tag->probe_id) != 0 &&
           tag->probe_id == tf_ident(tag->path_id, tf_ident_ttl(tag->probe_id));
}

bool recognise_key(const struct tf_tag *tag, const struct tf_datagram *datagram)
{
    if (datagram->transport == TF_TRANSPORT_UDP)
        return datagram->udp.checksum == tf_key(tag->run_id, tag->path_id, tag->attempt);
    const uint16_t checksum = recognise_echo_reply(datagram) ? tf_echo_request_checksum(datagram)
                                                             : datagram->icmp.checksum;
    return checksum == tf_echo_key(tag->run_id, tag->path_id);
}

struct claim recognise_tag_claim(const struct tf_tag *tag)
{
    return (struct claim){
        .evidence = TF_EVIDENCE_TAG,
        .has_run_id = true,
        .has_attempt = true,
        .run_id = tag->run_id,
        .path_id = tag->path_id,
        .ttl = tf_ident_ttl(tag->probe_id),
        .attempt = tag->attempt,
    };
}

/* The attempt whose key a SYN of this path holds; a run ID is drawn such that there is but one. */
static bool accept_path(struct claim *claim, const struct tf_syn *syn, uint32_t path_id)
{
    if (path_id == 0 || path_id > UINT16_MAX || (uint8_t)path_id != tf_ident_path(syn->probe_id))
        return false;

    for (uint8_t attempt = 0; attempt < TF_ATTEMPTS_MAX; attempt++) {
        if (tf_key(syn->run_id, (uint16_t)path_id, attempt) != syn->key)
            continue;
        *claim = recognise_tag_claim(&(struct tf_tag){ .run_id = syn->run_id,
                                                       .path_id = (uint16_t)path_id,
                                                       .attempt = attempt,
                                                       .probe_id = syn->probe_id });
        return true;
    }
    return false;
}

static bool path_by_bases(struct claim *claim, const struct tf_syn *syn, uint16_t src_port,
                          const struct tf_match_options *options)
{
    for (size_t i = 0; i < options->n_bases; i++)
        if (src_port > options->bases[i].src &&
            accept_path(claim, syn, (uint32_t)src_port - options->bases[i].src))
            return true;
    return false;
}

/* Whatever the base ports are. */
static bool path_by_ip_header(struct claim *claim, const struct tf_syn *syn, const struct tf_ip *ip)
{
    if (ip->version == 6)
        return accept_path(claim, syn, ip->flow_label);
    return ip->ident == syn->probe_id && accept_path(claim, syn, tf_ident_path(ip->ident));
}

bool recognise_syn(struct claim *claim, const struct tf_datagram *datagram,
                   const struct tf_match_options *options)
{
    const struct tf_ip *ip = &datagram->ip;
    struct tf_syn syn;

    if (datagram->transport != TF_TRANSPORT_TCP ||
        ip->total_len != (uint32_t)ip->header_len + TF_SYN_LEN ||
        tf_syn_decode(&syn, ip->payload, ip->payload_len) != TF_OK ||
        tf_ident_ttl(syn.probe_id) == 0)
        return false;
    return path_by_bases(claim, &syn, datagram->tcp.src_port, options) ||
           path_by_ip_header(claim, &syn, ip);
}
