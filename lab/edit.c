/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rewriting of headers in place. */
#include "edit.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

/* A checksum that covers a field follows its change: RFC 1624 section 3, equation 3. */
static uint16_t follow(uint16_t checksum, const uint8_t *before, const uint8_t *after, size_t len)
{
    uint32_t sum = (uint16_t)~checksum;

    sum += (uint16_t)~tf_sum_fold(tf_sum_add(0, before, len));
    sum += tf_sum_fold(tf_sum_add(0, after, len));
    return (uint16_t)~tf_sum_fold(sum);
}

static void follow_at(uint8_t *checksum, const uint8_t *before, const uint8_t *after, size_t len)
{
    tf_put_u16(checksum, follow(tf_get_u16(checksum), before, after, len));
}

/* Where the checksum of the transport header is, and whether it covers addresses (by the pseudo
 * header). */
struct transport_sum {
    uint8_t *at; /* NULL: there is none, or it was cut off */
    bool covers_addresses;
};

static struct transport_sum transport_sum(const struct tf_datagram *datagram, uint8_t *header,
                                          size_t len)
{
    struct transport_sum sum = { NULL, true };
    size_t offset;

    switch (datagram->transport) {
    case TF_TRANSPORT_UDP: offset = TF_UDP_CHECKSUM; break;
    case TF_TRANSPORT_TCP: offset = TF_TCP_CHECKSUM; break;
    case TF_TRANSPORT_ICMP:
        offset = TF_ICMP_CHECKSUM;
        sum.covers_addresses = datagram->ip.version == 6;
        break;
    default: return sum;
    }
    if (len < offset + 2)
        return sum;
    if (datagram->transport == TF_TRANSPORT_UDP && tf_get_u16(header + offset) == 0)
        return sum; /* RFC 768: the sender made none */
    sum.at = header + offset;
    return sum;
}

/* RFC 768: a checksum that comes out as zero is sent as all ones. */
static void avoid_zero(const struct tf_datagram *datagram, const struct transport_sum *sum)
{
    if (sum->at != NULL && datagram->transport == TF_TRANSPORT_UDP && tf_get_u16(sum->at) == 0)
        tf_put_u16(sum->at, 0xffff);
}

static void set_address(uint8_t *packet, size_t offset, const struct tf_addr *addr,
                        const struct transport_sum *sum)
{
    const size_t len = tf_addr_len(addr);
    uint8_t *field = packet + offset;

    if (addr->version == 4)
        follow_at(packet + TF_IPV4_CHECKSUM, field, addr->bytes, len);
    if (sum->at != NULL && sum->covers_addresses)
        follow_at(sum->at, field, addr->bytes, len);
    memcpy(field, addr->bytes, len);
}

static bool is_echo(const struct tf_icmp *icmp, uint8_t version)
{
    if (version == 4)
        return icmp->type == TF_ICMP_ECHO || icmp->type == TF_ICMP_ECHO_REPLY;
    return icmp->type == TF_ICMPV6_ECHO || icmp->type == TF_ICMPV6_ECHO_REPLY;
}

static void set_port(const struct tf_datagram *datagram, uint8_t *header, enum edit_end end,
                     uint16_t port, const struct transport_sum *sum)
{
    size_t offset = end == EDIT_SRC ? 0 : 2; /* UDP and TCP begin with the ports */
    uint8_t after[2];

    if (datagram->transport == TF_TRANSPORT_OTHER)
        return;
    if (datagram->transport == TF_TRANSPORT_ICMP) {
        if (!is_echo(&datagram->icmp, datagram->ip.version))
            return;
        offset = TF_ICMP_IDENT;
    }
    tf_put_u16(after, port);
    if (sum->at != NULL)
        follow_at(sum->at, header + offset, after, sizeof(after));
    memcpy(header + offset, after, sizeof(after));
}

static size_t address_offset(uint8_t version, enum edit_end end)
{
    if (version == 4)
        return end == EDIT_SRC ? TF_IPV4_SRC : TF_IPV4_DST;
    return end == EDIT_SRC ? TF_IPV6_SRC : TF_IPV6_DST;
}

void edit_endpoint(uint8_t *packet, size_t len, enum edit_end end, const struct endpoint *to)
{
    struct tf_datagram datagram;

    /* What is too short for its transport header still has its addresses. */
    if (tf_datagram_decode(&datagram, packet, len) != TF_OK) {
        if (tf_ip_decode(&datagram.ip, packet, len) != TF_OK)
            return;
        datagram.transport = TF_TRANSPORT_OTHER;
    }
    if (datagram.ip.version != to->addr.version)
        return;

    const size_t at = (size_t)(datagram.ip.payload - packet);
    const struct transport_sum sum = transport_sum(&datagram, packet + at, len - at);
    if (to->has_port)
        set_port(&datagram, packet + at, end, to->port, &sum);
    set_address(packet, address_offset(datagram.ip.version, end), &to->addr, &sum);
    avoid_zero(&datagram, &sum);
}

static uint8_t version_of(const uint8_t *packet)
{
    return packet[0] >> 4;
}

/* A byte of the IPv4 header; its checksum covers it together with its neighbour. */
static void set_ipv4_byte(uint8_t *packet, size_t offset, uint8_t value)
{
    const size_t word = offset & ~(size_t)1;
    uint8_t after[2] = { packet[word], packet[word + 1] };

    after[offset - word] = value;
    follow_at(packet + TF_IPV4_CHECKSUM, packet + word, after, sizeof(after));
    packet[offset] = value;
}

void edit_ttl(uint8_t *packet, uint8_t ttl)
{
    if (version_of(packet) == 4)
        set_ipv4_byte(packet, TF_IPV4_TTL, ttl);
    else
        packet[TF_IPV6_HOP_LIMIT] = ttl;
}

void edit_tos(uint8_t *packet, uint8_t tos)
{
    if (version_of(packet) == 4) {
        set_ipv4_byte(packet, TF_IPV4_TOS, tos);
        return;
    }
    packet[0] = (uint8_t)(packet[0] & 0xf0) | tos >> 4; /* RFC 8200 section 3: bits 4 to 11 */
    packet[1] = (uint8_t)(tos << 4) | (packet[1] & 0x0f);
}

void edit_seal_icmp(uint8_t *packet, size_t len)
{
    struct tf_ip ip;

    if (tf_ip_decode(&ip, packet, len) != TF_OK || ip.payload_len < TF_ICMP_LEN)
        return;

    uint8_t *icmp = packet + (ip.payload - packet);
    uint32_t sum = 0;
    tf_put_u16(icmp + TF_ICMP_CHECKSUM, 0);
    if (ip.version == 6)
        sum = tf_sum_add_pseudo(0, &ip.src, &ip.dst, TF_IP_PROTO_ICMPV6, (uint16_t)ip.payload_len);
    sum = tf_sum_add(sum, icmp, ip.payload_len);
    tf_put_u16(icmp + TF_ICMP_CHECKSUM, (uint16_t)~tf_sum_fold(sum));
}
