/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP headers: IPv4 with options, IPv6 with extension headers, fragments of both. */
#include "traceflow/ip.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static void set_payload(struct tf_ip *ip, const uint8_t *buf, size_t len)
{
    size_t end = len;

    if (ip->total_len >= ip->header_len && ip->total_len < len)
        end = ip->total_len;
    ip->payload = buf + ip->header_len;
    ip->payload_len = end - ip->header_len;
}

enum { IPV4_ADDR_LEN = 4, IPV6_ADDR_LEN = 16 };

/* The destination stands behind the source in both versions. Every frame comes by here, hence no
 * addresses by value. */
static inline void copy_addresses(struct tf_ip *ip, const uint8_t *src, size_t len)
{
    memcpy(ip->src.bytes, src, len);
    memcpy(ip->dst.bytes, src + len, len);
}

static enum tf_status decode_ipv4(struct tf_ip *ip, const uint8_t *buf, size_t len)
{
    const size_t header_len = (size_t)(buf[TF_IPV4_VERSION_IHL] & 0x0f) * 4;
    if (header_len < TF_IPV4_MIN_LEN)
        return TF_BAD;
    if (len < header_len)
        return TF_SHORT;

    const uint16_t fragment = tf_get_u16(buf + TF_IPV4_FLAGS_FRAGMENT);
    *ip = (struct tf_ip){
        .src = { .version = 4 },
        .dst = { .version = 4 },
        .version = 4,
        .tos = buf[TF_IPV4_TOS],
        .ttl = buf[TF_IPV4_TTL],
        .protocol = buf[TF_IPV4_PROTOCOL],
        .has_ident = true,
        .df = (fragment & TF_IPV4_DF) != 0,
        .more_fragments = (fragment & TF_IPV4_MF) != 0,
        .ident = tf_get_u16(buf + TF_IPV4_IDENT),
        .fragment_start = (uint16_t)((fragment & TF_IPV4_FRAGMENT_MASK) * 8),
        .header_len = (uint16_t)header_len,
        .total_len = tf_get_u16(buf + TF_IPV4_TOTAL_LENGTH),
    };
    copy_addresses(ip, buf + TF_IPV4_SRC, IPV4_ADDR_LEN);
    set_payload(ip, buf, len);
    return TF_OK;
}

static bool is_extension(uint8_t protocol)
{
    return protocol == TF_IP_PROTO_HOPOPTS || protocol == TF_IP_PROTO_ROUTING ||
           protocol == TF_IP_PROTO_FRAGMENT || protocol == TF_IP_PROTO_DSTOPTS ||
           protocol == TF_IP_PROTO_AH;
}

size_t tf_ipv6_extension_len(uint8_t protocol, const uint8_t *ext)
{
    if (protocol == TF_IP_PROTO_FRAGMENT)
        return TF_IPV6_EXT_MIN_LEN;
    if (protocol == TF_IP_PROTO_AH) /* RFC 4302 section 2.2: 32-bit words, less two */
        return ((size_t)ext[TF_IPV6_EXT_LENGTH] + 2) * 4;
    return ((size_t)ext[TF_IPV6_EXT_LENGTH] + 1) * 8;
}

/* Advances ip->header_len and ip->protocol past every extension header; each is at least 8 bytes
 * long. */
static enum tf_status skip_extensions(struct tf_ip *ip, const uint8_t *buf, size_t len)
{
    while (is_extension(ip->protocol) && ip->fragment_start == 0) {
        const uint8_t *ext = buf + ip->header_len;
        const size_t left = len - ip->header_len;
        if (left < TF_IPV6_EXT_MIN_LEN)
            return TF_SHORT;
        const size_t ext_len = tf_ipv6_extension_len(ip->protocol, ext);
        if (left < ext_len)
            return TF_SHORT;

        if (ip->protocol == TF_IP_PROTO_FRAGMENT) {
            const uint16_t fragment = tf_get_u16(ext + TF_IPV6_FRAGMENT_OFFSET);
            ip->fragment_start = fragment & TF_IPV6_FRAGMENT_MASK;
            ip->more_fragments = (fragment & TF_IPV6_MORE_FRAGMENTS) != 0;
        }
        ip->protocol = ext[TF_IPV6_EXT_NEXT_HEADER];
        ip->header_len = (uint16_t)(ip->header_len + ext_len);
    }
    return TF_OK;
}

static enum tf_status decode_ipv6(struct tf_ip *ip, const uint8_t *buf, size_t len)
{
    if (len < TF_IPV6_LEN)
        return TF_SHORT;

    const uint32_t first = tf_get_u32(buf + TF_IPV6_VERSION_CLASS_LABEL);
    *ip = (struct tf_ip){
        .src = { .version = 6 },
        .dst = { .version = 6 },
        .version = 6,
        .tos = (uint8_t)(first >> 20),
        .ttl = buf[TF_IPV6_HOP_LIMIT],
        .protocol = buf[TF_IPV6_NEXT_HEADER],
        .header_len = TF_IPV6_LEN,
        .flow_label = first & 0xfffff,
        .total_len = TF_IPV6_LEN + (uint32_t)tf_get_u16(buf + TF_IPV6_PAYLOAD_LENGTH),
    };
    copy_addresses(ip, buf + TF_IPV6_SRC, IPV6_ADDR_LEN);
    if (len > UINT16_MAX)
        len = UINT16_MAX; /* RFC 2675 jumbograms are no probes of ours */
    const enum tf_status status = skip_extensions(ip, buf, len);
    if (status != TF_OK)
        return status;
    set_payload(ip, buf, len);
    return TF_OK;
}

enum tf_status tf_ip_decode(struct tf_ip *ip, const uint8_t *buf, size_t len)
{
    if (len < 1)
        return TF_SHORT;

    const uint8_t version = buf[TF_IPV4_VERSION_IHL] >> 4;
    if (version == 6)
        return decode_ipv6(ip, buf, len);
    if (version != 4)
        return TF_BAD;
    if (len < TF_IPV4_MIN_LEN)
        return TF_SHORT;
    return decode_ipv4(ip, buf, len);
}
