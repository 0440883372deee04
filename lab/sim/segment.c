/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP segments read and written. */
#include "segment.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

bool segment_read(struct segment *segment, const struct tf_datagram *datagram)
{
    const struct tf_tcp *tcp = &datagram->tcp;
    if (datagram->transport != TF_TRANSPORT_TCP || !tcp->whole)
        return false;

    const size_t header_len = (size_t)(datagram->ip.payload[TF_TCP_DATA_OFFSET] >> 4) * 4;
    *segment = (struct segment){
        .src_port = tcp->src_port,
        .dst_port = tcp->dst_port,
        .seq = tcp->seq,
        .ack = tcp->ack,
        .flags = tcp->flags,
        .data_len = datagram->ip.payload_len - header_len,
        .has_timestamp = tcp->has_timestamp,
        .tsval = tcp->tsval,
        .tsecr = tcp->tsecr,
    };
    return true;
}

uint32_t segment_len(const struct segment *segment)
{
    uint32_t len = (uint32_t)segment->data_len;

    if (segment->flags & TF_TCP_FLAG_SYN)
        len++;
    if (segment->flags & TF_TCP_FLAG_FIN)
        len++;
    return len;
}

static size_t write_mss(uint8_t *option, uint16_t mss)
{
    option[0] = TF_TCP_OPT_MSS;
    option[1] = TF_TCP_OPT_MSS_LEN;
    tf_put_u16(option + 2, mss);
    return TF_TCP_OPT_MSS_LEN;
}

/* After two NOPs, as RFC 7323 appendix A recommends. */
static size_t write_timestamp(uint8_t *option, const struct segment *segment)
{
    option[0] = TF_TCP_OPT_NOP;
    option[1] = TF_TCP_OPT_NOP;
    option[2] = TF_TCP_OPT_TIMESTAMP;
    option[3] = TF_TCP_OPT_TIMESTAMP_LEN;
    tf_put_u32(option + 4, segment->tsval);
    tf_put_u32(option + 8, segment->tsecr);
    return 2 + TF_TCP_OPT_TIMESTAMP_LEN;
}

size_t segment_write(uint8_t *buf, const struct segment *segment)
{
    const bool resets = (segment->flags & TF_TCP_FLAG_RST) != 0;
    size_t len = TF_TCP_MIN_LEN;

    memset(buf, 0, TF_TCP_MIN_LEN);
    tf_put_u16(buf + TF_TCP_SRC_PORT, segment->src_port);
    tf_put_u16(buf + TF_TCP_DST_PORT, segment->dst_port);
    tf_put_u32(buf + TF_TCP_SEQ, segment->seq);
    tf_put_u32(buf + TF_TCP_ACK, segment->ack);
    buf[TF_TCP_FLAGS] = segment->flags;
    tf_put_u16(buf + TF_TCP_WINDOW, resets ? 0 : SEGMENT_WINDOW);
    if (segment->has_mss)
        len += write_mss(buf + len, segment->mss);
    if (segment->has_timestamp)
        len += write_timestamp(buf + len, segment);
    buf[TF_TCP_DATA_OFFSET] = (uint8_t)(len / 4 << 4);
    return len;
}
