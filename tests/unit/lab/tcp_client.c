/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP client of a simulated host: segments from a table's row, and what it hears. */
#include "tcp_client.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static struct traits host_traits(void)
{
    static struct port_range open[] = { { 6, 80, 80 }, { 6, 83, 83 } };
    static struct port_range dropped[] = { { 6, 81, 81 }, { 6, 83, 83 } };

    return (struct traits){ .reply_ttl = 64,
                            .tcp_open = { open, COUNT(open) },
                            .tcp_drop = { dropped, COUNT(dropped) } };
}

/* NOP, an unknown option, the timestamp: not where one would guess. */
static size_t put_options(uint8_t *options)
{
    static const uint8_t bytes[16] = { 1, 1, 254, 4, 9, 9, 8, 10, TSVAL >> 24, 0xad, 0xca, 0xfe };

    memcpy(options, bytes, sizeof bytes);
    return sizeof bytes;
}

struct packet segment_of(const struct client *client, const struct step *step, uint32_t host_isn)
{
    const struct ip_fields fields = {
        .src = addr(client->version == 6 ? "2001:db8::1" : "192.0.2.1"),
        .dst = addr(client->version == 6 ? "2001:db8::9" : "198.51.100.9"),
        .protocol = TF_IP_PROTO_TCP,
        .ttl = 9,
    };
    struct packet tcp = { .len = TF_TCP_MIN_LEN };

    tf_put_u16(tcp.bytes + TF_TCP_SRC_PORT, client->src_port);
    tf_put_u16(tcp.bytes + TF_TCP_DST_PORT, client->dst_port);
    tf_put_u32(tcp.bytes + TF_TCP_SEQ, CLIENT_ISN + (uint32_t)step->seq);
    if (step->flags & ACK)
        tf_put_u32(tcp.bytes + TF_TCP_ACK, host_isn + (uint32_t)step->ack);
    tcp.bytes[TF_TCP_FLAGS] = step->flags;
    if (client->has_timestamp)
        tcp.len += put_options(tcp.bytes + tcp.len);
    tcp.bytes[TF_TCP_DATA_OFFSET] = (uint8_t)(tcp.len / 4 << 4);
    tcp.len += (size_t)step->data_len;
    struct packet ip = build_ip(&fields, &tcp);
    seal(&ip);
    return ip;
}

struct heard say(struct connections *connections, int64_t now_ns, const struct packet *packet)
{
    const struct traits traits = host_traits();
    const struct host_request request = {
        .traits = &traits,
        .packet = guarded(packet->bytes, packet->len),
        .len = packet->len,
        .now_ns = now_ns,
        .ident = 7,
    };
    struct heard heard = { .len = 0 };
    struct tf_datagram reply;

    if (host_answer(connections, &request, heard.bytes, &heard.len) != HOST_PACKET)
        return (struct heard){ .len = 0 };
    check(tf_datagram_decode(&reply, heard.bytes, heard.len) == TF_OK, "answer decodes");
    check(is_sealed(heard.bytes, heard.len), "answer's checksums");
    check(reply.transport == TF_TRANSPORT_TCP && reply.tcp.whole, "answer is TCP");
    heard.tcp = reply.tcp;
    return heard;
}
