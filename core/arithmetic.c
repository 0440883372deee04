/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognition of a single packet by its shape: the original's probes, and bare quotes.
 *
 * What a bare quote is worth. Of those that go to a base port, with the lengths of a probe, a
 * stranger's passes if its source port lies in the 255 numbers over the base, by chance once in
 * 257; if the high byte of its Identification is the right one of them, once in 256; and if the low
 * byte is a TTL that it can have had, once in 4. That is once in 263,000 for a stranger who happens
 * to use base port and length, once in 1,024 if his source ports are ours, too. So strangers who do
 * are counted (quote.c): where they are, nothing is claimed.
 */
#include "recognise.h"

#include "traceflow/wire.h"

enum { KEYLESS_TTL_MAX = 64 };

/* A source port or an identifier over a base, if it is the path ID of an Identification. */
static bool path_over_base(uint16_t *path_id, uint16_t src_port, uint16_t base, uint16_t ident)
{
    *path_id = (uint16_t)(src_port - base);
    return src_port > base && (*path_id & 0xff) == tf_ident_path(ident);
}

/* The path ID that the UDP ports name under a base, if the Identification's high byte agrees. */
static bool path_by_ports(uint16_t *path_id, const struct tf_datagram *datagram,
                          const struct tf_match_options *options)
{
    const struct tf_udp *udp = &datagram->udp;

    for (size_t i = 0; i < options->n_bases; i++)
        if (udp->dst_port == options->bases[i].dst &&
            path_over_base(path_id, udp->src_port, options->bases[i].src, datagram->ip.ident))
            return true;
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

/* The original's payload: seconds since 1970. */
static bool ten_digits(const struct tf_udp *udp)
{
    return udp->payload_len == TF_ORIGINAL_UDP_LENGTH - TF_UDP_LEN && all_digits(udp);
}

/* RFC 4884 section 5.1 has short quotes padded with zeros. */
static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

bool recognise_tag_start(const uint8_t *payload, size_t len)
{
    return all_zero(payload, len) || tf_tag_begins(payload, len);
}

/* What came back of a tag must not disprove the claim that ports and Identification make: a whole
 * one does, as it did not prove it. */
static bool tag_allows(const uint8_t *payload, size_t len)
{
    return (len < TF_TAG_LEN && recognise_tag_start(payload, len)) || all_zero(payload, len);
}

static bool payload_allows(const struct tf_udp *udp)
{
    if (udp->length == TF_ORIGINAL_UDP_LENGTH)
        return all_zero(udp->payload, udp->payload_len) || all_digits(udp);
    return tag_allows(udp->payload, udp->payload_len);
}

/* An IPv4 header as probers write it, without options, and nothing behind the transport's len
 * bytes. */
static bool plain_header(const struct tf_ip *ip, uint16_t len)
{
    return ip->version == 4 && ip->header_len == TF_IPV4_MIN_LEN && !ip->more_fragments &&
           ip->total_len == (uint32_t)TF_IPV4_MIN_LEN + len;
}

bool recognise_original_probe(struct claim *claim, const struct tf_datagram *datagram,
                              const struct tf_match_options *options)
{
    const uint8_t ttl = tf_ident_ttl(datagram->ip.ident);
    uint16_t path_id = 0;

    if (datagram->transport != TF_TRANSPORT_UDP || !datagram->ip.has_ident ||
        datagram->udp.length != TF_ORIGINAL_UDP_LENGTH)
        return false;
    if (!plain_header(&datagram->ip, TF_ORIGINAL_UDP_LENGTH) || datagram->ip.df)
        return false;
    if (!ten_digits(&datagram->udp) || !path_by_ports(&path_id, datagram, options))
        return false;
    if (path_id > TF_PATH_ID_MAX_IN_IDENT || !recognise_bare_ttl(ttl, datagram->ip.ttl))
        return false;
    *claim = (struct claim){ .evidence = TF_EVIDENCE_ORIGINAL, .path_id = path_id, .ttl = ttl };
    return true;
}

bool recognise_bare_shape(const struct tf_datagram *quote, const struct tf_match_options *options)
{
    return quote->transport == TF_TRANSPORT_UDP && recognise_base_port(quote, options) &&
           (quote->udp.length == TF_PROBE_UDP_LENGTH ||
            quote->udp.length == TF_ORIGINAL_UDP_LENGTH);
}

static bool bare_udp(struct claim *claim, const struct tf_datagram *quote,
                     const struct tf_match_options *options)
{
    if (!recognise_bare_shape(quote, options) || !plain_header(&quote->ip, quote->udp.length) ||
        !payload_allows(&quote->udp) || !path_by_ports(&claim->path_id, quote, options))
        return false;
    if (quote->udp.length == TF_PROBE_UDP_LENGTH)
        return true;
    claim->evidence = TF_EVIDENCE_ORIGINAL;
    return claim->path_id <= TF_PATH_ID_MAX_IN_IDENT && !quote->ip.df;
}

/* The sequence numbers of echo and TCP repeat the Identification; destination ports say nothing. */
static bool bare_sequence(struct claim *claim, uint16_t src_port, uint16_t probe_id,
                          const struct tf_match_options *options)
{
    for (size_t i = 0; i < options->n_bases; i++)
        if (path_over_base(&claim->path_id, src_port, options->bases[i].src, probe_id))
            return true;
    return false;
}

static bool bare_echo(struct claim *claim, const struct tf_datagram *quote,
                      const struct tf_match_options *options)
{
    const struct tf_icmp *icmp = &quote->icmp;

    return recognise_echo(quote) && icmp->sequence == quote->ip.ident &&
           plain_header(&quote->ip, TF_ICMP_LEN + TF_TAG_LEN) &&
           tag_allows(icmp->body, icmp->body_len) &&
           bare_sequence(claim, icmp->ident, icmp->sequence, options);
}

/* A quote that holds the whole header, and was not recognised by it, is not a probe's. */
static bool bare_syn(struct claim *claim, const struct tf_datagram *quote,
                     const struct tf_match_options *options)
{
    const uint16_t probe_id = tf_seq_probe_id(quote->tcp.seq);

    return !quote->tcp.whole && probe_id == quote->ip.ident &&
           plain_header(&quote->ip, TF_SYN_LEN) &&
           bare_sequence(claim, quote->tcp.src_port, probe_id, options);
}

bool recognise_bare_ttl(uint8_t ttl, uint8_t arrived_ttl)
{
    return ttl != 0 && ttl <= KEYLESS_TTL_MAX && ttl >= arrived_ttl;
}

bool recognise_bare_quote(struct claim *claim, const struct tf_datagram *quote,
                          const struct tf_match_options *options)
{
    const uint8_t ttl = tf_ident_ttl(quote->ip.ident);

    if (!quote->ip.has_ident || !recognise_bare_ttl(ttl, quote->ip.ttl))
        return false;
    *claim = (struct claim){ .evidence = TF_EVIDENCE_ARITHMETIC, .ttl = ttl };
    switch (quote->transport) {
    case TF_TRANSPORT_UDP: return bare_udp(claim, quote, options);
    case TF_TRANSPORT_TCP: return bare_syn(claim, quote, options);
    case TF_TRANSPORT_ICMP: return bare_echo(claim, quote, options);
    case TF_TRANSPORT_OTHER: return false;
    }
    return false;
}
