/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rewriting of headers in place. */
#include "edit.h"

#include <string.h>

#include "flow.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/ip.h"
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

/* 16 bits of a transport header. */
struct field {
    bool present; /* otherwise there is none, or it was cut off */
    uint8_t *at;
};

/*
 * What can be edited of a transport header. It is read here, not by tf_datagram_decode: the headers
 * that ICMP errors quote end anywhere, or go on as padding (RFC 4884 section 5).
 */
struct transport {
    uint8_t protocol;
    struct field port[2]; /* by enum edit_end */
    struct field sum;
    bool covers_addresses;
};

static struct field field_at(uint8_t *header, size_t len, size_t offset)
{
    if (len < offset + 2)
        return (struct field){ .present = false };
    return (struct field){ true, header + offset };
}

/* Zeros behind a quote are no rest of a TCP header. */
static bool has_tcp_sum(const uint8_t *header, size_t len)
{
    return len > TF_TCP_DATA_OFFSET && header[TF_TCP_DATA_OFFSET] >> 4 >= TF_TCP_MIN_LEN / 4;
}

static void find_ports(struct transport *transport, uint8_t *header, size_t len)
{
    transport->port[EDIT_SRC] = field_at(header, len, 0); /* as in UDP, so in TCP */
    transport->port[EDIT_DST] = field_at(header, len, 2);
}

static void find_udp(struct transport *transport, uint8_t *header, size_t len)
{
    find_ports(transport, header, len);
    transport->sum = field_at(header, len, TF_UDP_CHECKSUM);
    if (transport->sum.present && tf_get_u16(transport->sum.at) == 0)
        transport->sum.present = false; /* RFC 768: the sender made none */
}

static void find_tcp(struct transport *transport, uint8_t *header, size_t len)
{
    find_ports(transport, header, len);
    if (has_tcp_sum(header, len))
        transport->sum = field_at(header, len, TF_TCP_CHECKSUM);
}

static void find_icmp(struct transport *transport, uint8_t version, uint8_t *header, size_t len)
{
    transport->covers_addresses = version == 6;
    transport->sum = field_at(header, len, TF_ICMP_CHECKSUM);
    if (len > TF_ICMP_TYPE && flow_is_echo(version, header[TF_ICMP_TYPE]))
        transport->port[EDIT_SRC] = transport->port[EDIT_DST] = field_at(header, len,
                                                                         TF_ICMP_IDENT);
}

static struct transport find_transport(const struct tf_ip *ip, uint8_t *header)
{
    struct transport transport = { .protocol = ip->protocol, .covers_addresses = true };
    const size_t len = ip->payload_len;

    if (ip->fragment_start != 0)
        return transport;
    if (ip->protocol == TF_IP_PROTO_UDP)
        find_udp(&transport, header, len);
    else if (ip->protocol == TF_IP_PROTO_TCP)
        find_tcp(&transport, header, len);
    else if (ip->protocol == (ip->version == 4 ? TF_IP_PROTO_ICMP : TF_IP_PROTO_ICMPV6))
        find_icmp(&transport, ip->version, header, len);
    return transport;
}

/* RFC 768: a checksum that comes out as zero is sent as all ones. */
static void avoid_zero(const struct transport *transport)
{
    if (transport->sum.present && transport->protocol == TF_IP_PROTO_UDP &&
        tf_get_u16(transport->sum.at) == 0)
        tf_put_u16(transport->sum.at, 0xffff);
}

static void set_address(uint8_t *packet, size_t offset, const struct tf_addr *addr,
                        const struct transport *transport)
{
    const size_t len = tf_addr_len(addr);
    uint8_t *field = packet + offset;

    if (addr->version == 4)
        follow_at(packet + TF_IPV4_CHECKSUM, field, addr->bytes, len);
    if (transport->sum.present && transport->covers_addresses)
        follow_at(transport->sum.at, field, addr->bytes, len);
    memcpy(field, addr->bytes, len);
}

static void set_port(const struct transport *transport, enum edit_end end, uint16_t port)
{
    uint8_t *field = transport->port[end].at;
    uint8_t after[2];
    if (!transport->port[end].present)
        return;

    tf_put_u16(after, port);
    if (transport->sum.present)
        follow_at(transport->sum.at, field, after, sizeof(after));
    memcpy(field, after, sizeof(after));
}

static size_t address_offset(uint8_t version, enum edit_end end)
{
    if (version == 4)
        return end == EDIT_SRC ? TF_IPV4_SRC : TF_IPV4_DST;
    return end == EDIT_SRC ? TF_IPV6_SRC : TF_IPV6_DST;
}

void edit_endpoint(uint8_t *packet, size_t len, enum edit_end end, const struct endpoint *to)
{
    struct tf_ip ip;
    if (tf_ip_decode(&ip, packet, len) != TF_OK || ip.version != to->addr.version)
        return;

    const struct transport transport = find_transport(&ip, packet + ip.header_len);
    if (to->has_port)
        set_port(&transport, end, to->port);
    set_address(packet, address_offset(ip.version, end), &to->addr, &transport);
    avoid_zero(&transport);
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
