/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recognition of a single packet: by its tag, by the original's shape, by port arithmetic. */
#include "recognise.h"

#include "traceflow/wire.h"

enum { BARE_QUOTE_TTL_MAX = 64 };

bool recognise_tag(struct tf_tag *tag, const struct tf_datagram *datagram)
{
    const struct tf_udp *udp = &datagram->udp;

    return tf_tag_decode(tag, udp->payload, udp->payload_len) == TF_OK &&
           tf_ident_ttl(tag->probe_id) != 0 &&
           tag->probe_id == tf_ident(tag->path_id, tf_ident_ttl(tag->probe_id));
}

bool recognise_key(const struct tf_tag *tag, const struct tf_datagram *datagram)
{
    return datagram->udp.checksum == tf_key(tag->run_id, tag->path_id, tag->attempt);
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

/* The path ID that the ports name under a base, if the Identification's high byte agrees. */
static bool path_by_ports(uint16_t *path_id, const struct tf_datagram *datagram,
                          const struct tf_match_options *options)
{
    const struct tf_udp *udp = &datagram->udp;

    for (size_t i = 0; i < options->n_bases; i++) {
        const struct tf_base_ports *base = &options->bases[i];
        if (udp->dst_port != base->dst || udp->src_port <= base->src)
            continue;
        *path_id = (uint16_t)(udp->src_port - base->src);
        if ((*path_id & 0xff) == tf_ident_path(datagram->ip.ident))
            return true;
    }
    return false;
}

bool recognise_base_port(const struct tf_datagram *datagram, const struct tf_match_options *options)
{
    for (size_t i = 0; i < options->n_bases; i++)
        if (datagram->udp.dst_port == options->bases[i].dst)
            return true;
    return false;
}

static bool all_digits(const struct tf_udp *udp)
{
    for (size_t i = 0; i < udp->payload_len; i++)
        if (udp->payload[i] < '0' || udp->payload[i] > '9')
            return false;
    return true;
}

static bool ten_digits(const struct tf_udp *udp)
{
    return udp->payload_len == TF_ORIGINAL_UDP_LENGTH - TF_UDP_LEN && all_digits(udp);
}

/* RFC 4884 section 5.1 has short quotes padded with zeros. */
static bool all_zero(const struct tf_udp *udp)
{
    for (size_t i = 0; i < udp->payload_len; i++)
        if (udp->payload[i] != 0)
            return false;
    return true;
}

/* What came back of the payload must not disprove the claim that ports and Identification make. */
static bool payload_allows(const struct tf_udp *udp)
{
    if (all_zero(udp))
        return true;
    if (udp->length == TF_ORIGINAL_UDP_LENGTH)
        return all_digits(udp);
    return udp->payload_len < TF_TAG_LEN && tf_tag_begins(udp->payload, udp->payload_len);
}

bool recognise_original_probe(struct claim *claim, const struct tf_datagram *datagram,
                              const struct tf_match_options *options)
{
    const uint8_t ttl = tf_ident_ttl(datagram->ip.ident);
    uint16_t path_id = 0;

    if (!datagram->ip.has_ident || datagram->udp.length != TF_ORIGINAL_UDP_LENGTH)
        return false;
    if (!ten_digits(&datagram->udp) || !path_by_ports(&path_id, datagram, options))
        return false;
    if (path_id > TF_PATH_ID_MAX_IN_IDENT || ttl == 0 || ttl < datagram->ip.ttl)
        return false;
    *claim = (struct claim){ .evidence = TF_EVIDENCE_ORIGINAL, .path_id = path_id, .ttl = ttl };
    return true;
}

bool recognise_bare_quote(struct claim *claim, const struct tf_datagram *quote,
                          const struct tf_match_options *options)
{
    const uint8_t ttl = tf_ident_ttl(quote->ip.ident);
    const uint16_t length = quote->udp.length;
    uint16_t path_id = 0;

    if (!quote->ip.has_ident || (length != TF_PROBE_UDP_LENGTH && length != TF_ORIGINAL_UDP_LENGTH))
        return false;
    if (ttl == 0 || ttl > BARE_QUOTE_TTL_MAX || ttl < quote->ip.ttl)
        return false;
    if (!payload_allows(&quote->udp) || !path_by_ports(&path_id, quote, options))
        return false;
    *claim = (struct claim){
        .evidence = length == TF_PROBE_UDP_LENGTH ? TF_EVIDENCE_ARITHMETIC : TF_EVIDENCE_ORIGINAL,
        .path_id = path_id,
        .ttl = ttl,
    };
    return true;
}
