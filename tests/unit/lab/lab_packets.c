/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets for tests of the simulator. */
#include "lab_packets.h"

#include <stdio.h>
#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

enum { SRC_PORT = 33481, DST_PORT = 33480, TTL = 64, SYN_WINDOW = 1024 };

static struct packet transport_of(const struct lab_probe *probe, bool ipv6)
{
    struct packet transport = { .len = TF_UDP_LEN };
    uint8_t *header = transport.bytes;
    uint8_t *ports = header;

    if (probe->protocol == TF_IP_PROTO_ICMP) {
        header[TF_ICMP_TYPE] = ipv6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO;
        ports = header + TF_ICMP_IDENT;
    } else if (probe->protocol == TF_IP_PROTO_TCP) {
        transport.len = TF_TCP_MIN_LEN;
        header[TF_TCP_DATA_OFFSET] = TF_TCP_MIN_LEN / 4 << 4;
        header[TF_TCP_FLAGS] = TF_TCP_FLAG_SYN;
        tf_put_u16(header + TF_TCP_WINDOW, SYN_WINDOW);
    } else {
        tf_put_u16(header + TF_UDP_LENGTH, (uint16_t)(TF_UDP_LEN + probe->payload));
        tf_put_u16(header + TF_UDP_CHECKSUM, 1); /* 0 would say that there is none */
    }
    tf_put_u16(ports, probe->src_port != 0 ? probe->src_port : SRC_PORT);
    tf_put_u16(ports + 2, probe->dst_port != 0 ? probe->dst_port : DST_PORT);
    for (size_t i = 0; i < probe->payload; i++)
        transport.bytes[transport.len++] = (uint8_t)i;
    return transport;
}

struct packet lab_packet(const struct lab_probe *probe)
{
    const struct tf_addr dst = addr(probe->dst);
    const bool ipv6 = dst.version == 6;
    const uint8_t protocol = probe->protocol != 0 ? probe->protocol : TF_IP_PROTO_UDP;
    const struct packet transport = transport_of(probe, ipv6);
    const struct ip_fields fields = {
        .src = addr(probe->src != NULL ? probe->src
                    : ipv6             ? "2001:db8:a::1"
                                       : "192.0.2.1"),
        .dst = dst,
        .protocol = ipv6 && protocol == TF_IP_PROTO_ICMP ? TF_IP_PROTO_ICMPV6 : protocol,
        .ttl = probe->ttl != 0 ? probe->ttl : TTL,
        .ident = probe->ident,
    };
    struct packet packet = build_ip(&fields, &transport);

    if (ipv6)
        tf_put_u16(packet.bytes, (uint16_t)(0x6000 | probe->tos << 4));
    else
        packet.bytes[TF_IPV4_TOS] = probe->tos;
    if (probe->df)
        tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, TF_IPV4_DF);
    lab_seal(&packet);
    return packet;
}

struct flow lab_flow(const struct packet *packet)
{
    struct tf_datagram datagram;

    check(tf_datagram_decode(&datagram, packet->bytes, packet->len) == TF_OK, "a packet");
    return flow_of(&datagram);
}

static uint64_t sum_words(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint64_t)bytes[i] << 8 : bytes[i];
    return sum;
}

/* Ones' complement addition is addition modulo 0xffff, where 0 stands only for a sum of nothing. */
static bool adds_up(uint64_t sum)
{
    return sum != 0 && sum % 0xffff == 0;
}

static uint16_t complement(uint64_t sum)
{
    return sum != 0 && sum % 0xffff == 0 ? 0 : (uint16_t)(0xffff - sum % 0xffff);
}

/* A transport header of a packet: where it is, where its checksum is, and what else that covers. */
struct covered {
    size_t at;
    size_t checksum; /* in the header */
    uint64_t pseudo;
    const char *name; /* NULL: no checksum */
};

static struct covered covered_of(const uint8_t *packet, size_t len)
{
    struct tf_ip ip;

    check(tf_ip_decode(&ip, packet, len) == TF_OK, "an IP packet");
    const size_t at = ip.header_len;
    const size_t addrs = ip.version == 6 ? TF_IPV6_SRC : TF_IPV4_SRC;
    const uint64_t pseudo = sum_words(packet + addrs, ip.version == 6 ? 32 : 8) + ip.protocol +
                            (len - at);

    if (ip.fragment_start != 0 || ip.more_fragments)
        return (struct covered){ .name = NULL };
    switch (ip.protocol) {
    case TF_IP_PROTO_UDP: return (struct covered){ at, TF_UDP_CHECKSUM, pseudo, "UDP" };
    case TF_IP_PROTO_TCP: return (struct covered){ at, TF_TCP_CHECKSUM, pseudo, "TCP" };
    case TF_IP_PROTO_ICMP: return (struct covered){ at, TF_ICMP_CHECKSUM, 0, "ICMP" };
    case TF_IP_PROTO_ICMPV6: return (struct covered){ at, TF_ICMP_CHECKSUM, pseudo, "ICMPv6" };
    default: return (struct covered){ .name = NULL };
    }
}

static bool is_without_checksum(const struct covered *covered, const uint8_t *packet)
{
    return covered->name == NULL || (strcmp(covered->name, "UDP") == 0 &&
                                     tf_get_u16(packet + covered->at + TF_UDP_CHECKSUM) == 0);
}

static void seal_header(uint8_t *packet)
{
    tf_put_u16(packet + TF_IPV4_CHECKSUM, 0);
    tf_put_u16(packet + TF_IPV4_CHECKSUM,
               complement(sum_words(packet, (size_t)(packet[0] & 0x0f) * 4)));
}

void lab_seal(struct packet *packet)
{
    const struct covered covered = covered_of(packet->bytes, packet->len);
    uint8_t *header = packet->bytes + covered.at;

    if (packet->bytes[0] >> 4 == 4)
        seal_header(packet->bytes);
    if (is_without_checksum(&covered, packet->bytes))
        return;
    tf_put_u16(header + covered.checksum, 0);
    uint16_t checksum = complement(covered.pseudo + sum_words(header, packet->len - covered.at));
    if (checksum == 0 && strcmp(covered.name, "UDP") == 0)
        checksum = 0xffff;
    tf_put_u16(header + covered.checksum, checksum);
}

const char *lab_wrong_checksum(const uint8_t *packet, size_t len)
{
    const struct covered covered = covered_of(packet, len);
    const bool ipv6 = packet[0] >> 4 == 6;

    if (!ipv6 && !adds_up(sum_words(packet, (size_t)(packet[0] & 0x0f) * 4)))
        return "IPv4";
    if (is_without_checksum(&covered, packet))
        return covered.name != NULL && ipv6 ? covered.name : NULL;
    return adds_up(covered.pseudo + sum_words(packet + covered.at, len - covered.at))
               ? NULL
               : covered.name;
}

static bool is_error(const struct tf_datagram *datagram)
{
    if (datagram->transport != TF_TRANSPORT_ICMP)
        return false;
    if (datagram->ip.version == 6)
        return datagram->icmp.type < TF_ICMPV6_ECHO;
    return datagram->icmp.type != TF_ICMP_ECHO && datagram->icmp.type != TF_ICMP_ECHO_REPLY;
}

size_t lab_quote(const uint8_t *packet, size_t len, const uint8_t **quote)
{
    struct tf_datagram datagram;

    if (tf_datagram_decode(&datagram, packet, len) != TF_OK || !is_error(&datagram))
        return 0;
    *quote = datagram.icmp.body;
    return datagram.icmp.body_len;
}

static const char *protocol_name(const struct tf_datagram *datagram)
{
    static const char *const names[] = { [TF_TRANSPORT_OTHER] = "other",
                                         [TF_TRANSPORT_UDP] = "udp",
                                         [TF_TRANSPORT_TCP] = "tcp",
                                         [TF_TRANSPORT_ICMP] = "echo" };

    return names[datagram->transport];
}

static void ports_of(const struct tf_datagram *datagram, uint16_t ports[2])
{
    const size_t at = datagram->transport == TF_TRANSPORT_ICMP ? TF_ICMP_IDENT : 0;

    ports[0] = tf_get_u16(datagram->ip.payload + at);
    ports[1] = tf_get_u16(datagram->ip.payload + at + 2);
}

static void write_quote(char *text, size_t size, const struct tf_icmp *icmp)
{
    struct tf_datagram quoted;
    char src[TF_ADDR_TEXT_LEN];
    char dst[TF_ADDR_TEXT_LEN];
    uint16_t ports[2];

    if (tf_datagram_decode(&quoted, icmp->body, icmp->body_len) != TF_OK) {
        snprintf(text, size, "{?}");
        return;
    }
    ports_of(&quoted, ports);
    snprintf(text, size, "{%s:%u > %s:%u %s ttl %u tos %u}", tf_addr_text(&quoted.ip.src, src),
             ports[0], tf_addr_text(&quoted.ip.dst, dst), ports[1], protocol_name(&quoted),
             quoted.ip.ttl, quoted.ip.tos);
}

static void write_icmp(char *text, size_t size, const struct tf_datagram *datagram)
{
    const struct tf_icmp *icmp = &datagram->icmp;
    const bool ipv6 = datagram->ip.version == 6;
    const uint32_t mtu = ipv6 ? tf_get_u32(icmp->header + TF_ICMPV6_MTU)
                              : tf_get_u16(icmp->header + TF_ICMP_MTU);
    const bool tells_mtu = icmp->type == (ipv6 ? TF_ICMPV6_PACKET_TOO_BIG : TF_ICMP_DEST_UNREACH);
    char quote[256];
    char mtu_text[24] = "";

    if (!is_error(datagram)) {
        snprintf(text, size, "echo reply %u", icmp->ident);
        return;
    }
    if (tells_mtu && mtu != 0)
        snprintf(mtu_text, sizeof mtu_text, " mtu %u", mtu);
    write_quote(quote, sizeof quote, icmp);
    snprintf(text, size, "icmp %u/%u%s %s", icmp->type, icmp->code, mtu_text, quote);
}

static void write_transport(char *text, size_t size, const struct tf_datagram *datagram)
{
    static const char letters[] = "FSRPAU";
    char flags[sizeof letters] = "";
    size_t n = 0;
    uint16_t ports[2];

    if (datagram->transport == TF_TRANSPORT_ICMP) {
        write_icmp(text, size, datagram);
        return;
    }
    for (size_t i = 0; datagram->transport == TF_TRANSPORT_TCP && letters[i] != '\0'; i++)
        if (datagram->tcp.flags & 1U << i)
            flags[n++] = letters[i];
    ports_of(datagram, ports);
    snprintf(text, size, "%s %u > %u%s%s", protocol_name(datagram), ports[0], ports[1],
             flags[0] != '\0' ? " " : "", flags);
}

const char *lab_words(const uint8_t *packet, size_t len)
{
    static char words[512];
    struct tf_datagram datagram;
    char src[TF_ADDR_TEXT_LEN];
    char rest[400];

    check(tf_datagram_decode(&datagram, packet, len) == TF_OK, "a reply of %zu bytes", len);
    write_transport(rest, sizeof rest, &datagram);
    snprintf(words, sizeof words, "%s/%u %s", tf_addr_text(&datagram.ip.src, src), datagram.ip.ttl,
             rest);
    return words;
}
