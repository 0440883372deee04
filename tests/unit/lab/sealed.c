/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets with right checksums: the pseudo header is laid out in bytes, as the RFCs draw it. */
#include "sealed.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

static bool is_ipv6(const uint8_t *packet)
{
    return packet[0] >> 4 == 6;
}

static uint8_t protocol_of(const uint8_t *packet)
{
    return packet[is_ipv6(packet) ? TF_IPV6_NEXT_HEADER : TF_IPV4_PROTOCOL];
}

static size_t checksum_offset(uint8_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_UDP: return TF_UDP_CHECKSUM;
    case TF_IP_PROTO_TCP: return TF_TCP_CHECKSUM;
    default: return TF_ICMP_CHECKSUM;
    }
}

/* RFC 768 and RFC 8200 section 8.1; ICMP has none. */
static uint16_t checksum_of(const uint8_t *packet, size_t len)
{
    const bool ipv6 = is_ipv6(packet);
    const size_t header_len = ipv6 ? 40 : 20;
    const uint8_t protocol = protocol_of(packet);
    uint8_t covered[40 + 16384] = { 0 };
    size_t at = 0;

    assert_true(len >= header_len && len - header_len <= sizeof covered - 40);
    if (protocol != TF_IP_PROTO_ICMP) {
        memcpy(covered, packet + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
        at = ipv6 ? 40 : 12;
        tf_put_u16(covered + (ipv6 ? 34 : 10), (uint16_t)(len - header_len));
        covered[ipv6 ? 39 : 9] = protocol;
    }
    memcpy(covered + at, packet + header_len, len - header_len);
    return tf_checksum(covered, at + len - header_len);
}

void seal(struct packet *ip)
{
    uint8_t *field = ip->bytes + ip_header_len(ip) + checksum_offset(protocol_of(ip->bytes));

    tf_put_u16(field, 0);
    tf_put_u16(field, checksum_of(ip->bytes, ip->len));
    if (!is_ipv6(ip->bytes))
        seal_ipv4(ip->bytes);
}

bool is_sealed(const uint8_t *packet, size_t len)
{
    if (is_ipv6(packet))
        return tf_get_u16(packet + TF_IPV6_PAYLOAD_LENGTH) == len - TF_IPV6_LEN &&
               checksum_of(packet, len) == 0;
    return tf_get_u16(packet + TF_IPV4_TOTAL_LENGTH) == len && tf_checksum(packet, 20) == 0 &&
           checksum_of(packet, len) == 0;
}
