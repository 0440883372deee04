/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP headers written; transport checksums computed and verified. */
#include "ip_build.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

enum { IPV4_VERSION_IHL = 0x45 };

/* What a protocol's checksum is and covers. */
struct coverage {
    bool present;
    bool pseudo_header;
    size_t offset;
    size_t header_len;
};

static struct coverage coverage_of(uint8_t version, uint8_t protocol)
{
    if (protocol == TF_IP_PROTO_UDP)
        return (struct coverage){ true, true, TF_UDP_CHECKSUM, TF_UDP_LEN };
    if (protocol == TF_IP_PROTO_TCP)
        return (struct coverage){ true, true, TF_TCP_CHECKSUM, TF_TCP_MIN_LEN };
    if (protocol == (version == 4 ? TF_IP_PROTO_ICMP : TF_IP_PROTO_ICMPV6))
        return (struct coverage){ true, version == 6, TF_ICMP_CHECKSUM, TF_ICMP_LEN };
    return (struct coverage){ .present = false };
}

size_t ip_build_header_len(uint8_t version)
{
    return version == 6 ? TF_IPV6_LEN : TF_IPV4_MIN_LEN;
}

static void write_ipv4(uint8_t *header, const struct ip_build *fields, size_t payload_len)
{
    memset(header, 0, TF_IPV4_MIN_LEN);
    header[TF_IPV4_VERSION_IHL] = IPV4_VERSION_IHL;
    header[TF_IPV4_TOS] = fields->tos;
    tf_put_u16(header + TF_IPV4_TOTAL_LENGTH, (uint16_t)(TF_IPV4_MIN_LEN + payload_len));
    tf_put_u16(header + TF_IPV4_IDENT, fields->ident);
    header[TF_IPV4_TTL] = fields->ttl;
    header[TF_IPV4_PROTOCOL] = fields->protocol;
    memcpy(header + TF_IPV4_SRC, fields->src.bytes, tf_addr_len(&fields->src));
    memcpy(header + TF_IPV4_DST, fields->dst.bytes, tf_addr_len(&fields->dst));
    tf_put_u16(header + TF_IPV4_CHECKSUM, tf_checksum(header, TF_IPV4_MIN_LEN));
}

static void write_ipv6(uint8_t *header, const struct ip_build *fields, size_t payload_len)
{
    tf_put_u32(header + TF_IPV6_VERSION_CLASS_LABEL,
               UINT32_C(6) << 28 | (uint32_t)fields->tos << 20);
    tf_put_u16(header + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)payload_len);
    header[TF_IPV6_NEXT_HEADER] = fields->protocol;
    header[TF_IPV6_HOP_LIMIT] = fields->ttl;
    memcpy(header + TF_IPV6_SRC, fields->src.bytes, tf_addr_len(&fields->src));
    memcpy(header + TF_IPV6_DST, fields->dst.bytes, tf_addr_len(&fields->dst));
}

static void seal(uint8_t *payload, size_t len, const struct ip_build *fields)
{
    const struct coverage coverage = coverage_of(fields->src.version, fields->protocol);
    uint32_t sum = 0;
    if (!coverage.present)
        return;

    tf_put_u16(payload + coverage.offset, 0);
    if (coverage.pseudo_header)
        sum = tf_sum_add_pseudo(0, &fields->src, &fields->dst, fields->protocol, (uint16_t)len);
    uint16_t checksum = (uint16_t)~tf_sum_fold(tf_sum_add(sum, payload, len));
    if (checksum == 0 && fields->protocol == TF_IP_PROTO_UDP)
        checksum = 0xffff; /* RFC 768: zero says that there is none */
    tf_put_u16(payload + coverage.offset, checksum);
}

size_t ip_build(uint8_t *packet, const struct ip_build *fields, size_t payload_len)
{
    const size_t header_len = ip_build_header_len(fields->src.version);

    if (fields->src.version == 6)
        write_ipv6(packet, fields, payload_len);
    else
        write_ipv4(packet, fields, payload_len);
    seal(packet + header_len, payload_len, fields);
    return header_len + payload_len;
}

/* UDP has a length of its own, and bytes of the IP packet beyond it are not covered. */
static size_t covered_len(const struct tf_ip *ip)
{
    return ip->protocol == TF_IP_PROTO_UDP ? tf_get_u16(ip->payload + TF_UDP_LENGTH)
                                           : ip->payload_len;
}

bool ip_checksum_holds(const struct tf_ip *ip)
{
    const struct coverage coverage = coverage_of(ip->version, ip->protocol);
    uint32_t sum = 0;
    if (!coverage.present)
        return true;
    if (ip->payload_len < coverage.header_len)
        return false;

    const size_t len = covered_len(ip);
    if (len < coverage.header_len || len > ip->payload_len)
        return false;
    if (ip->protocol == TF_IP_PROTO_UDP && tf_get_u16(ip->payload + coverage.offset) == 0)
        return ip->version == 4;
    if (coverage.pseudo_header)
        sum = tf_sum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint16_t)len);
    return tf_sum_fold(tf_sum_add(sum, ip->payload, len)) == 0xffff;
}

static bool is_single_host_ipv6(const uint8_t *bytes)
{
    static const uint8_t zeros[15];

    if (bytes[0] == 0xff)
        return false;
    return memcmp(bytes, zeros, sizeof zeros) != 0 || bytes[15] > 1; /* :: and ::1 */
}

bool ip_is_single_host(const struct tf_addr *addr)
{
    if (addr->version == 6)
        return is_single_host_ipv6(addr->bytes);
    return addr->bytes[0] > 0 && addr->bytes[0] != 127 && addr->bytes[0] < 224;
}
