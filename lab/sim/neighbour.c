/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's part in ARP and neighbour discovery: all other addresses of the internet are
 * behind it. */
#include "neighbour.h"

#include <string.h>

#include "ip_build.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/datagram.h"

enum { HARDWARE_ETHERNET = 1, ARP_REQUEST = 1, ARP_REPLY = 2 };

enum {
    ND_HOP_LIMIT = 255, /* a packet that was forwarded has less */
    ND_OPTION_TARGET_MAC = 2,
    ND_FLAG_ROUTER = 0x80,
    ND_FLAG_SOLICITED = 0x40,
    ND_FLAG_OVERRIDE = 0x20,
};

static const uint8_t gateway_mac[TF_MAC_LEN] = NEIGHBOUR_GATEWAY_MAC;

static bool is_arp_request(const uint8_t *arp, size_t len)
{
    return len >= TF_ARP_LEN && tf_get_u16(arp + TF_ARP_HARDWARE) == HARDWARE_ETHERNET &&
           tf_get_u16(arp + TF_ARP_PROTOCOL) == TF_ETHERTYPE_IPV4 &&
           arp[TF_ARP_HARDWARE_LEN] == TF_MAC_LEN && arp[TF_ARP_PROTOCOL_LEN] == 4 &&
           tf_get_u16(arp + TF_ARP_OPERATION) == ARP_REQUEST;
}

/* The request with its two ends exchanged (RFC 826, "Packet Reception"). */
static void write_arp_reply(struct neighbour_reply *reply, const uint8_t *request)
{
    reply->ethertype = TF_ETHERTYPE_ARP;
    reply->len = TF_ARP_LEN;
    memcpy(reply->bytes, request, TF_ARP_OPERATION);
    tf_put_u16(reply->bytes + TF_ARP_OPERATION, ARP_REPLY);
    memcpy(reply->bytes + TF_ARP_SENDER_MAC, gateway_mac, TF_MAC_LEN);
    memcpy(reply->bytes + TF_ARP_SENDER, request + TF_ARP_TARGET, 4);
    memcpy(reply->bytes + TF_ARP_TARGET_MAC, request + TF_ARP_SENDER_MAC, TF_MAC_LEN);
    memcpy(reply->bytes + TF_ARP_TARGET, request + TF_ARP_SENDER, 4);
}

enum neighbour_result neighbour_arp(struct neighbour_reply *reply, const struct topology *topology,
                                    const uint8_t *arp, size_t len)
{
    if (!is_arp_request(arp, len))
        return NEIGHBOUR_SILENT;

    const struct tf_addr sender = tf_addr_from(4, arp + TF_ARP_SENDER);
    const struct tf_addr target = tf_addr_from(4, arp + TF_ARP_TARGET);
    if (!ip_is_single_host(&sender) || !ip_is_single_host(&target))
        return NEIGHBOUR_SILENT; /* a probe's sender is 0.0.0.0 */
    if (tf_addr_equal(&target, &topology->source4) || tf_addr_equal(&target, &sender))
        return NEIGHBOUR_SILENT;
    write_arp_reply(reply, arp);
    return NEIGHBOUR_ANSWER;
}

/* RFC 4861 section 7.1.1: no option has length 0, or it would have no end. */
static bool are_options(const uint8_t *options, size_t left)
{
    while (left > 0) {
        if (left < TF_ND_OPTION_UNIT || options[TF_ND_OPTION_LENGTH] == 0)
            return false;
        const size_t option_len = (size_t)options[TF_ND_OPTION_LENGTH] * TF_ND_OPTION_UNIT;
        if (option_len > left)
            return false;
        options += option_len;
        left -= option_len;
    }
    return true;
}

static uint16_t icmpv6_checksum(const struct tf_addr *src, const struct tf_addr *dst,
                                const uint8_t *icmp, size_t len)
{
    const uint32_t sum = tf_sum_add_pseudo(0, src, dst, TF_IP_PROTO_ICMPV6, (uint16_t)len);

    return (uint16_t)~tf_sum_fold(tf_sum_add(sum, icmp, len));
}

/* RFC 4861 section 7.1.1, but for its rules about an unspecified source: that gets no answer. */
static bool is_valid(const struct tf_ip *ip)
{
    return ip->ttl == ND_HOP_LIMIT && ip->payload_len >= TF_ND_LEN &&
           ip->payload_len == ip->total_len - ip->header_len && ip->payload[TF_ICMP_CODE] == 0 &&
           icmpv6_checksum(&ip->src, &ip->dst, ip->payload, ip->payload_len) == 0 &&
           are_options(ip->payload + TF_ND_LEN, ip->payload_len - TF_ND_LEN);
}

/* RFC 4861 section 7.2.4, from the target to the one who asked. */
static void write_advertisement(struct neighbour_reply *reply, const struct tf_addr *target,
                                const struct tf_addr *to)
{
    uint8_t *ip = reply->bytes;
    uint8_t *icmp = ip + TF_IPV6_LEN;
    uint8_t *option = icmp + TF_ND_LEN;

    *reply = (struct neighbour_reply){ .ethertype = TF_ETHERTYPE_IPV6, .len = sizeof reply->bytes };
    ip[TF_IPV6_VERSION_CLASS_LABEL] = 6 << 4;
    tf_put_u16(ip + TF_IPV6_PAYLOAD_LENGTH, TF_ND_LEN + TF_ND_OPTION_UNIT);
    ip[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_ICMPV6;
    ip[TF_IPV6_HOP_LIMIT] = ND_HOP_LIMIT;
    memcpy(ip + TF_IPV6_SRC, target->bytes, 16);
    memcpy(ip + TF_IPV6_DST, to->bytes, 16);

    icmp[TF_ICMP_TYPE] = TF_ND_NEIGHBOUR_ADVERTISEMENT;
    icmp[TF_ND_FLAGS] = ND_FLAG_ROUTER | ND_FLAG_SOLICITED | ND_FLAG_OVERRIDE;
    memcpy(icmp + TF_ND_TARGET, target->bytes, 16);
    option[TF_ND_OPTION_TYPE] = ND_OPTION_TARGET_MAC;
    option[TF_ND_OPTION_LENGTH] = 1;
    memcpy(option + TF_ND_OPTION_ADDRESS, gateway_mac, TF_MAC_LEN);
    tf_put_u16(icmp + TF_ICMP_CHECKSUM,
               icmpv6_checksum(target, to, icmp, TF_ND_LEN + TF_ND_OPTION_UNIT));
}

static enum neighbour_result answer_solicitation(struct neighbour_reply *reply,
                                                 const struct topology *topology,
                                                 const struct tf_ip *ip)
{
    if (!is_valid(ip))
        return NEIGHBOUR_SILENT;

    const struct tf_addr target = tf_addr_from(6, ip->payload + TF_ND_TARGET);
    if (!ip_is_single_host(&ip->src) || !ip_is_single_host(&target) ||
        tf_addr_equal(&target, &topology->source6))
        return NEIGHBOUR_SILENT;
    write_advertisement(reply, &target, &ip->src);
    return NEIGHBOUR_ANSWER;
}

enum neighbour_result neighbour_discovery(struct neighbour_reply *reply,
                                          const struct topology *topology, const uint8_t *packet,
                                          size_t len)
{
    struct tf_ip ip;

    if (tf_ip_decode(&ip, packet, len) != TF_OK || ip.version != 6)
        return NEIGHBOUR_OTHER;
    /* behind extension headers it is not the kernel's: RFC 6980 forbids it in fragments */
    if (ip.protocol != TF_IP_PROTO_ICMPV6 || ip.header_len != TF_IPV6_LEN || ip.payload_len == 0)
        return NEIGHBOUR_OTHER;
    const uint8_t type = ip.payload[TF_ICMP_TYPE];
    if (type < TF_ND_ROUTER_SOLICITATION || type > TF_ND_REDIRECT)
        return NEIGHBOUR_OTHER;
    if (type != TF_ND_NEIGHBOUR_SOLICITATION)
        return NEIGHBOUR_SILENT;
    return answer_solicitation(reply, topology, &ip);
}
