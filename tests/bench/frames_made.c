/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of the frames that are made. */
#include "frames_made.h"

#include <string.h>

#include "traceflow/addr.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

uint8_t *frames_begin(struct made_frame *frame, const struct made_packet *packet)
{
    static const uint8_t ethernet[TF_ETHERNET_LEN] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0 };
    uint8_t *ip = frame->bytes + TF_ETHERNET_LEN;

    memcpy(frame->bytes, ethernet, sizeof ethernet);
    memset(ip, 0, TF_IPV4_MIN_LEN);
    ip[TF_IPV4_VERSION_IHL] = 0x45;
    tf_put_u16(ip + TF_IPV4_TOTAL_LENGTH, (uint16_t)(TF_IPV4_MIN_LEN + packet->payload_len));
    tf_put_u16(ip + TF_IPV4_IDENT, packet->ident);
    ip[TF_IPV4_TTL] = packet->ttl;
    ip[TF_IPV4_PROTOCOL] = packet->protocol;
    tf_put_u32(ip + TF_IPV4_SRC, packet->src);
    tf_put_u32(ip + TF_IPV4_DST, packet->dst);
    tf_put_u16(ip + TF_IPV4_CHECKSUM, tf_checksum(ip, TF_IPV4_MIN_LEN));
    frame->len = TF_ETHERNET_LEN + TF_IPV4_MIN_LEN + packet->payload_len;
    return ip + TF_IPV4_MIN_LEN;
}

void frames_seal(struct made_frame *frame, const struct made_packet *packet, size_t checksum_at)
{
    uint8_t *payload = frame->bytes + TF_ETHERNET_LEN + TF_IPV4_MIN_LEN;
    struct tf_addr src = { .version = 4 };
    struct tf_addr dst = { .version = 4 };
    uint32_t sum = 0;

    tf_put_u32(src.bytes, packet->src);
    tf_put_u32(dst.bytes, packet->dst);
    tf_put_u16(payload + checksum_at, 0);
    if (packet->protocol != TF_IP_PROTO_ICMP)
        sum = tf_sum_add_pseudo(0, &src, &dst, packet->protocol, (uint16_t)packet->payload_len);
    sum = tf_sum_add(sum, payload, packet->payload_len);
    tf_put_u16(payload + checksum_at, (uint16_t)~tf_sum_fold(sum));
}
