/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transport headers: UDP, TCP with its timestamp option, ICMP and ICMPv6. */
#include "traceflow/datagram.h"

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

/* RFC 792: what an error quotes behind the IP header at least. */
enum { QUOTED_MIN_LEN = 8 };

/* TF_IPV4_DF, its bytes exchanged. */
enum { SWAPPED_DF = 0x0040 };

static enum tf_status decode_udp(struct tf_udp *udp, const uint8_t *buf, size_t len)
{
    if (len < TF_UDP_LEN)
        return TF_SHORT;
    const uint16_t length = tf_get_u16(buf + TF_UDP_LENGTH);
    if (length < TF_UDP_LEN)
        return TF_BAD; /* 0 is an IPv6 jumbogram's: no probe, and none of its quotes */

    *udp = (struct tf_udp){
        .src_port = tf_get_u16(buf + TF_UDP_SRC_PORT),
        .dst_port = tf_get_u16(buf + TF_UDP_DST_PORT),
        .length = length,
        .checksum = tf_get_u16(buf + TF_UDP_CHECKSUM),
        .payload = buf + TF_UDP_LEN,
        .payload_len = (len < length ? len : length) - TF_UDP_LEN,
    };
    return TF_OK;
}

/* RFC 9293 section 3.2; a broken option ends the search, never the segment. */
static void find_timestamp(struct tf_tcp *tcp, const uint8_t *options, size_t len)
{
    for (size_t at = 0; at < len && options[at] != TF_TCP_OPT_END;) {
        if (options[at] == TF_TCP_OPT_NOP) {
            at++;
            continue;
        }
        const size_t left = len - at;
        if (left < 2 || options[at + 1] < 2 || options[at + 1] > left)
            return;
        if (options[at] == TF_TCP_OPT_TIMESTAMP && options[at + 1] == TF_TCP_OPT_TIMESTAMP_LEN) {
            tcp->has_timestamp = true;
            tcp->tsval = tf_get_u32(options + at + 2);
            tcp->tsecr = tf_get_u32(options + at + 6);
            return;
        }
        at += options[at + 1];
    }
}

static bool all_zero(const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (buf[i] != 0)
            return false;
    return true;
}

static enum tf_status decode_tcp(struct tf_tcp *tcp, const uint8_t *buf, size_t len)
{
    if (len < TF_TCP_PORTS_SEQ_LEN)
        return TF_SHORT;

    *tcp = (struct tf_tcp){
        .src_port = tf_get_u16(buf + TF_TCP_SRC_PORT),
        .dst_port = tf_get_u16(buf + TF_TCP_DST_PORT),
        .seq = tf_get_u32(buf + TF_TCP_SEQ),
    };
    if (len < TF_TCP_MIN_LEN)
        return TF_OK;

    const size_t header_len = (size_t)(buf[TF_TCP_DATA_OFFSET] >> 4) * 4;
    if (header_len == 0 && all_zero(buf + TF_TCP_PORTS_SEQ_LEN, len - TF_TCP_PORTS_SEQ_LEN))
        return TF_OK; /* a quote of 8 bytes, padded as RFC 4884 section 5.1 asks */
    if (header_len < TF_TCP_MIN_LEN)
        return TF_BAD;
    tcp->whole = len >= header_len;
    tcp->ack = tf_get_u32(buf + TF_TCP_ACK);
    tcp->flags = buf[TF_TCP_FLAGS];
    tcp->checksum = tf_get_u16(buf + TF_TCP_CHECKSUM);
    find_timestamp(tcp, buf + TF_TCP_MIN_LEN,
                   (len < header_len ? len : header_len) - TF_TCP_MIN_LEN);
    return TF_OK;
}

static enum tf_status decode_icmp(struct tf_icmp *icmp, const uint8_t *buf, size_t len)
{
    if (len < TF_ICMP_LEN)
        return TF_SHORT;

    *icmp = (struct tf_icmp){
        .type = buf[TF_ICMP_TYPE],
        .code = buf[TF_ICMP_CODE],
        .checksum = tf_get_u16(buf + TF_ICMP_CHECKSUM),
        .ident = tf_get_u16(buf + TF_ICMP_IDENT),
        .sequence = tf_get_u16(buf + TF_ICMP_SEQUENCE),
        .header = buf,
        .body = buf + TF_ICMP_LEN,
        .body_len = len - TF_ICMP_LEN,
    };
    return TF_OK;
}

static enum tf_transport transport_of(const struct tf_ip *ip)
{
    if (ip->fragment_start != 0)
        return TF_TRANSPORT_OTHER;
    if (ip->protocol == TF_IP_PROTO_UDP)
        return TF_TRANSPORT_UDP;
    if (ip->protocol == TF_IP_PROTO_TCP)
        return TF_TRANSPORT_TCP;
    if (ip->protocol == (ip->version == 4 ? TF_IP_PROTO_ICMP : TF_IP_PROTO_ICMPV6))
        return TF_TRANSPORT_ICMP;
    return TF_TRANSPORT_OTHER;
}

static enum tf_status decode_transport(struct tf_datagram *datagram)
{
    const struct tf_ip *ip = &datagram->ip;

    datagram->transport = transport_of(ip);
    switch (datagram->transport) {
    case TF_TRANSPORT_UDP: return decode_udp(&datagram->udp, ip->payload, ip->payload_len);
    case TF_TRANSPORT_TCP: return decode_tcp(&datagram->tcp, ip->payload, ip->payload_len);
    case TF_TRANSPORT_ICMP: return decode_icmp(&datagram->icmp, ip->payload, ip->payload_len);
    case TF_TRANSPORT_OTHER: return TF_OK;
    }
    return TF_OK;
}

enum tf_status tf_datagram_decode(struct tf_datagram *datagram, const uint8_t *buf, size_t len)
{
    const enum tf_status status = tf_ip_decode(&datagram->ip, buf, len);

    return status == TF_OK ? decode_transport(datagram) : status;
}

/* A later fragment, unless its flags are swapped and it can be read as what they were then. */
static enum tf_status decode_swapped(struct tf_datagram *datagram)
{
    struct tf_ip *ip = &datagram->ip;
    const uint16_t fragment_start = ip->fragment_start;

    ip->fragment_start = 0;
    ip->flags_swapped = decode_transport(datagram) == TF_OK;
    if (ip->flags_swapped)
        return TF_OK;
    ip->fragment_start = fragment_start;
    return decode_transport(datagram);
}

enum tf_status tf_datagram_decode_quoted(struct tf_datagram *datagram, const uint8_t *buf,
                                         size_t len)
{
    struct tf_ip *ip = &datagram->ip;
    const enum tf_status status = tf_ip_decode(ip, buf, len);
    if (status != TF_OK)
        return status;

    if (ip->payload_len < QUOTED_MIN_LEN)
        ip->payload_len = len - ip->header_len;
    if (ip->version == 4 && tf_get_u16(buf + TF_IPV4_FLAGS_FRAGMENT) == SWAPPED_DF)
        return decode_swapped(datagram);
    return decode_transport(datagram);
}

uint16_t tf_datagram_checksum(const struct tf_datagram *datagram)
{
    switch (datagram->transport) {
    case TF_TRANSPORT_UDP: return datagram->udp.checksum;
    case TF_TRANSPORT_TCP: return datagram->tcp.checksum;
    case TF_TRANSPORT_ICMP: return datagram->icmp.checksum;
    case TF_TRANSPORT_OTHER: return 0;
    }
    return 0;
}

uint16_t tf_echo_request_checksum(const struct tf_datagram *reply)
{
    const bool ipv6 = reply->ip.version == 6;
    const uint16_t request = (uint16_t)((ipv6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO) << 8);
    const uint16_t answer = (uint16_t)((ipv6 ? TF_ICMPV6_ECHO_REPLY : TF_ICMP_ECHO_REPLY) << 8);

    return tf_sum_sub(tf_sum_fold((uint32_t)reply->icmp.checksum + answer), request);
}

struct tf_header tf_header_of(const struct tf_datagram *datagram)
{
    const struct tf_ip *ip = &datagram->ip;

    return (struct tf_header){
        .flow_label = ip->flow_label,
        .total_len = (uint16_t)ip->total_len,
        .ident = ip->ident,
        .checksum = tf_datagram_checksum(datagram),
        .tos = ip->tos,
        .df = ip->df,
    };
}
