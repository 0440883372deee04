/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP of the simulated hosts, by the order of RFC 9293 section 3.10.7.
 *
 *     closed port: ─SYN─▶ RST|ACK         SYN with another sequence number, or what is not
 *                                         acceptable: a bare ACK, RCV.NXT in it, or nothing
 *     open port                                ┌──┐
 *        LISTEN ─SYN─▶ SYN/ACK ──────▶ SYN-RECEIVED ─ACK─▶ ESTABLISHED ─FIN─▶ FIN|ACK ▶ LAST-ACK
 *           ▲                               │ RST               │ RST                      │ ACK
 *           └───────────────────────────────┴───────────────────┴──────────────────────────┘
 *
 * A prober gives each SYN a sequence number of its own. Once one of a flow has arrived, the others
 * that arrive meet SYN-RECEIVED, until the prober's kernel has reset the connection.
 */
#include "tcp_host.h"

#include "traceflow/time.h"
#include "traceflow/wire.h"

/* As Linux does (tcp_invalid_ratelimit): two ends that find each other's segments unacceptable
 * would else never be quiet. */
#define CHALLENGE_NS (500 * TF_NS_PER_MS)

enum { MSS_IPV4 = 1460, MSS_IPV6 = 1440 }; /* RFC 9293 section 3.7.1, for links of 1500 bytes */

/* A segment on its way in, and what goes back. */
struct exchange {
    struct connections *connections;
    int64_t now_ns;
    const struct segment *in;
    struct segment *reply;
};

/* RFC 9293 section 3.4: a - b, sequence numbers going round. */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* RFC 9293 section 3.5.2, group 1. */
static bool reset(const struct exchange *exchange)
{
    const struct segment *in = exchange->in;
    if (in->flags & TF_TCP_FLAG_RST)
        return false;

    if (in->flags & TF_TCP_FLAG_ACK)
        *exchange->reply = (struct segment){ .seq = in->ack, .flags = TF_TCP_FLAG_RST };
    else
        *exchange->reply = (struct segment){ .ack = in->seq + segment_len(in),
                                             .flags = TF_TCP_FLAG_RST | TF_TCP_FLAG_ACK };
    return true;
}

static bool acknowledge(const struct exchange *exchange, const struct connection *connection)
{
    *exchange->reply = (struct segment){
        .seq = connection->snd_nxt,
        .ack = connection->rcv_nxt,
        .flags = TF_TCP_FLAG_ACK,
        .has_timestamp = connection->has_timestamp,
        .tsval = (uint32_t)(exchange->now_ns / TF_NS_PER_MS),
        .tsecr = connection->ts_recent,
    };
    return true;
}

/* The same with a flag that takes up the last sequence number sent, for the first time or again. */
static bool acknowledge_with(const struct exchange *exchange, const struct connection *connection,
                             uint8_t flag)
{
    acknowledge(exchange, connection);
    exchange->reply->seq--;
    exchange->reply->flags |= flag;
    return true;
}

static bool answer_syn(const struct exchange *exchange, struct connection *connection)
{
    connection->has_timestamp = exchange->in->has_timestamp;
    connection->ts_recent = exchange->in->tsval;
    acknowledge_with(exchange, connection, TF_TCP_FLAG_SYN);
    exchange->reply->has_mss = true;
    exchange->reply->mss = connection->key.local.version == 6 ? MSS_IPV6 : MSS_IPV4;
    return true;
}

/* RFC 9293 section 3.10.7.2. Linux, too, has no use for a SYN with FIN. */
static bool listen(const struct exchange *exchange, const struct connection_key *key)
{
    const struct segment *in = exchange->in;
    if (in->flags & (TF_TCP_FLAG_RST | TF_TCP_FLAG_ACK))
        return reset(exchange);
    if (!(in->flags & TF_TCP_FLAG_SYN) || in->flags & TF_TCP_FLAG_FIN)
        return false;

    struct connection *connection = connections_add(exchange->connections, key, exchange->now_ns);
    connection->irs = in->seq;
    connection->rcv_nxt = in->seq + 1;
    return answer_syn(exchange, connection);
}

/* RFC 9293 section 3.10.7.4, table 6. */
static bool is_acceptable(const struct connection *connection, const struct segment *in)
{
    const uint32_t first = in->seq - connection->rcv_nxt;
    const uint32_t len = segment_len(in);

    return first < SEGMENT_WINDOW || (len > 0 && first + len - 1 < SEGMENT_WINDOW);
}

static bool challenge(const struct exchange *exchange, struct connection *connection)
{
    if (connection->challenged && exchange->now_ns - connection->challenged_ns < CHALLENGE_NS)
        return false;

    connection->challenged = true;
    connection->challenged_ns = exchange->now_ns;
    return acknowledge(exchange, connection);
}

/* What is repeated because its acknowledgement was lost gets it again, whatever the limit. */
static bool refuse(const struct exchange *exchange, struct connection *connection)
{
    const struct segment *in = exchange->in;

    if (in->flags & TF_TCP_FLAG_RST)
        return false;
    if (in->flags & TF_TCP_FLAG_SYN || segment_len(in) == 0)
        return challenge(exchange, connection);
    if (connection->state == TCP_STATE_LAST_ACK)
        return acknowledge_with(exchange, connection, TF_TCP_FLAG_FIN);
    return acknowledge(exchange, connection);
}

/* RFC 5961 section 3.2: only the very next sequence number resets. */
static bool take_reset(const struct exchange *exchange, struct connection *connection)
{
    if (exchange->in->seq != connection->rcv_nxt)
        return challenge(exchange, connection);
    connections_remove(exchange->connections, connection);
    return false;
}

static void enter(const struct exchange *exchange, struct connection *connection,
                  enum tcp_state state)
{
    connection->state = state;
    connection->since_ns = exchange->now_ns;
}

/* Data are acknowledged and thrown away; after a gap they are not kept. */
static bool receive(const struct exchange *exchange, struct connection *connection)
{
    const struct segment *in = exchange->in;

    if (distance(in->seq, connection->rcv_nxt) > 0)
        return segment_len(in) > 0 && acknowledge(exchange, connection);
    if (in->has_timestamp)
        connection->ts_recent = in->tsval;
    if (segment_len(in) == 0)
        return false;
    connection->rcv_nxt = in->seq + segment_len(in);
    if (!(in->flags & TF_TCP_FLAG_FIN))
        return acknowledge(exchange, connection);
    connection->snd_nxt++;
    enter(exchange, connection, TCP_STATE_LAST_ACK);
    return acknowledge_with(exchange, connection, TF_TCP_FLAG_FIN);
}

/* RFC 9293 section 3.10.7.4, fifth: the segment is acceptable and has an acknowledgement. */
static bool take_ack(const struct exchange *exchange, struct connection *connection)
{
    const struct segment *in = exchange->in;

    switch (connection->state) {
    case TCP_STATE_SYN_RECEIVED:
        if (in->ack != connection->snd_nxt)
            return reset(exchange);
        enter(exchange, connection, TCP_STATE_ESTABLISHED);
        return receive(exchange, connection);
    case TCP_STATE_ESTABLISHED:
        if (distance(in->ack, connection->snd_nxt) > 0)
            return challenge(exchange, connection);
        return receive(exchange, connection);
    case TCP_STATE_LAST_ACK:
        if (in->ack == connection->snd_nxt)
            connections_remove(exchange->connections, connection);
        return false;
    }
    return false;
}

/* RFC 3168 section 6.1.1: it may ask for ECN, or not do so any more. */
static bool is_same_syn(const struct connection *connection, const struct segment *in)
{
    static const uint8_t control = TF_TCP_FLAG_FIN | TF_TCP_FLAG_SYN | TF_TCP_FLAG_RST |
                                   TF_TCP_FLAG_ACK;

    return connection->state == TCP_STATE_SYN_RECEIVED &&
           (in->flags & control) == TF_TCP_FLAG_SYN && in->seq == connection->irs;
}

/* RFC 9293 section 3.10.7.4, in its order. */
static bool arrive(const struct exchange *exchange, struct connection *connection)
{
    const struct segment *in = exchange->in;

    if (is_same_syn(connection, in))
        return answer_syn(exchange, connection);
    if (!is_acceptable(connection, in))
        return refuse(exchange, connection);
    if (in->flags & TF_TCP_FLAG_RST)
        return take_reset(exchange, connection);
    if (in->flags & TF_TCP_FLAG_SYN) /* RFC 5961 section 4.2: whatever its sequence number */
        return challenge(exchange, connection);
    if (in->flags & TF_TCP_FLAG_ACK)
        return take_ack(exchange, connection);
    return false;
}

bool tcp_host_answer(struct connections *connections, bool open, int64_t now_ns,
                     const struct tf_datagram *datagram, struct segment *reply)
{
    struct segment in;
    if (!segment_read(&in, datagram))
        return false;

    const struct exchange exchange = { connections, now_ns, &in, reply };
    const struct connection_key key = {
        .remote = datagram->ip.src,
        .local = datagram->ip.dst,
        .remote_port = in.src_port,
        .local_port = in.dst_port,
    };
    struct connection *connection = connections_find(connections, &key, now_ns);
    const bool speaks = connection != NULL ? arrive(&exchange, connection)
                        : open             ? listen(&exchange, &key)
                                           : reset(&exchange);
    reply->src_port = in.dst_port;
    reply->dst_port = in.src_port;
    return speaks;
}
