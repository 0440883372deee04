/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of the probed protocol itself, from the destination, and the IP header of any reply. */
#include "reply.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

size_t reply_put_ip(uint8_t *ip, const struct sent_probe *probe, uint8_t responder,
                    size_t payload_len)
{
    const uint8_t version = probe_version(probe);
    const struct probe_layout *layout = probe_layout_of(version);

    memset(ip, 0, layout->transport);
    memcpy(ip + layout->src, probe->bytes + layout->dst, layout->addr_len);
    memcpy(ip + layout->dst, probe->bytes + layout->src, layout->addr_len);
    ip[layout->src + layout->addr_len - 1] = responder;
    ip[layout->ttl] = 60;
    ip[0] = version == 6 ? 0x60 : 0x45;
    if (version == 6)
        tf_put_u16(ip + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)payload_len);
    else
        tf_put_u16(ip + TF_IPV4_TOTAL_LENGTH, (uint16_t)(layout->transport + payload_len));
    return layout->transport;
}

static size_t make_udp_answer(uint8_t *udp, const uint8_t *sent, struct supply *supply)
{
    enum { OTHER_PAYLOAD = 1, OTHER_CHECKSUM = 2 };
    const uint8_t flags = take_u8(supply);
    size_t payload_len = (flags & OTHER_PAYLOAD) != 0
                             ? flags >> 2
                             : (size_t)tf_get_u16(sent + TF_UDP_LENGTH) - TF_UDP_LEN;
    const uint8_t *payload = (flags & OTHER_PAYLOAD) != 0 ? take_bytes(supply, &payload_len)
                                                          : sent + TF_UDP_LEN;

    tf_put_u16(udp + TF_UDP_SRC_PORT, tf_get_u16(sent + TF_UDP_DST_PORT));
    tf_put_u16(udp + TF_UDP_DST_PORT, tf_get_u16(sent + TF_UDP_SRC_PORT));
    tf_put_u16(udp + TF_UDP_LENGTH, (uint16_t)(TF_UDP_LEN + payload_len));
    /* an echoed payload has the probe's own checksum: the sum does not care which end is which */
    tf_put_u16(udp + TF_UDP_CHECKSUM, (flags & OTHER_CHECKSUM) != 0
                                          ? take_u16(supply)
                                          : tf_get_u16(sent + TF_UDP_CHECKSUM));
    if (payload_len > 0)
        memcpy(udp + TF_UDP_LEN, payload, payload_len);
    return TF_UDP_LEN + payload_len;
}

/* The type changes, and with it the checksum; then a byte, if the input says so; some are cut. */
static size_t make_echo_reply(uint8_t *icmp, const uint8_t *sent, struct supply *supply)
{
    const uint8_t request = sent[TF_ICMP_TYPE];
    const uint8_t type = request == TF_ICMP_ECHO ? TF_ICMP_ECHO_REPLY : TF_ICMPV6_ECHO_REPLY;
    const size_t len = TF_ICMP_LEN + TF_TAG_LEN;
    const uint16_t sum = tf_sum_fold((uint32_t)tf_get_u16(sent + TF_ICMP_CHECKSUM) +
                                     ((uint32_t)request << 8));
    const uint8_t at = take_u8(supply) % len;
    const uint8_t mask = take_u8(supply);
    const uint8_t cut = take_u8(supply);

    memcpy(icmp, sent, len);
    icmp[TF_ICMP_TYPE] = type;
    tf_put_u16(icmp + TF_ICMP_CHECKSUM, tf_sum_sub(sum, (uint16_t)(type << 8)));
    icmp[at] ^= mask;
    return cut > TF_TAG_LEN ? len : len - cut;
}

/* Flags, and how far acknowledgement and echoed time stamp are wrong, are the input's. */
static size_t make_tcp_answer(uint8_t *tcp, const uint8_t *sent, struct supply *supply)
{
    const uint8_t flags = take_u8(supply);
    const uint32_t ack = tf_get_u32(sent + TF_TCP_SEQ) + 1 + take_u8(supply);
    const uint8_t *run_id = sent + TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_VALUE;

    memcpy(tcp, sent, TF_SYN_LEN);
    tf_put_u16(tcp + TF_TCP_SRC_PORT, tf_get_u16(sent + TF_TCP_DST_PORT));
    tf_put_u16(tcp + TF_TCP_DST_PORT, tf_get_u16(sent + TF_TCP_SRC_PORT));
    tf_put_u32(tcp + TF_TCP_ACK, ack);
    tcp[TF_TCP_FLAGS] = flags;
    tf_put_u32(tcp + TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_ECHO,
               tf_get_u32(run_id) + take_u8(supply));
    return TF_SYN_LEN;
}

size_t reply_make_answer(uint8_t reply[REPLY_MAX], const struct sent_probe *probe,
                         struct supply *supply)
{
    const struct probe_layout *layout = probe_layout_of(probe_version(probe));
    const uint8_t protocol = probe_protocol(probe);
    const uint8_t *sent = probe->bytes + layout->transport;
    uint8_t *transport = reply + layout->transport;
    size_t len;

    if (protocol == TF_IP_PROTO_UDP)
        len = make_udp_answer(transport, sent, supply);
    else if (protocol == TF_IP_PROTO_TCP)
        len = make_tcp_answer(transport, sent, supply);
    else
        len = make_echo_reply(transport, sent, supply);
    reply_put_ip(reply, probe, probe->bytes[layout->dst + layout->addr_len - 1], len);
    reply[layout->protocol] = protocol;
    return layout->transport + len;
}
