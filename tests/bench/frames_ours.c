/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes and replies as traceflow's own runs have them. */
#include <stdbool.h>
#include <string.h>

#include "frames_made.h"
#include "traceflow/addr.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"

enum {
    PATHS = 16,
    TTLS = 16,
    PROBES = PATHS * TTLS,
    LAST_ROUTER = TTLS - 2,
    DELAY = 32, /* probes between a probe and its reply */
    QUOTED_SHORT = TF_IPV4_MIN_LEN + TF_UDP_LEN,
};

typedef uint8_t protocol_of_run(uint32_t run);

/* Everything about a probe, from its number. */
struct probe {
    struct made_packet packet;
    uint32_t run_id;
    uint16_t path_id;
    uint8_t ttl;
};

static uint8_t any_protocol(uint32_t run)
{
    return run % 8 == 7 ? TF_IP_PROTO_TCP : run % 8 == 6 ? TF_IP_PROTO_ICMP : TF_IP_PROTO_UDP;
}

static uint8_t udp(uint32_t run)
{
    (void)run;
    return TF_IP_PROTO_UDP;
}

static uint8_t echo(uint32_t run)
{
    (void)run;
    return TF_IP_PROTO_ICMP;
}

static uint8_t tcp(uint32_t run)
{
    (void)run;
    return TF_IP_PROTO_TCP;
}

static struct probe probe_of(uint64_t number, protocol_of_run *protocol_of)
{
    const uint32_t run = (uint32_t)(number / PROBES);
    const unsigned cell = (unsigned)(number % PROBES);
    const uint16_t path_id = (uint16_t)(1 + cell % PATHS);
    const uint8_t ttl = (uint8_t)(1 + cell / PATHS);
    const uint8_t protocol = protocol_of(run);

    return (struct probe){
        .packet = { .protocol = protocol,
                    .ttl = ttl,
                    .ident = tf_ident(path_id, ttl),
                    .src = 0xc0000201,
                    .dst = 0x0b000000 + run,
                    .payload_len = protocol == TF_IP_PROTO_TCP ? TF_SYN_LEN : TF_PROBE_UDP_LENGTH },
        .run_id = run * 0x9e3779b1 + 1,
        .path_id = path_id,
        .ttl = ttl,
    };
}

/* The tag behind a header of 8 bytes, and the balance that makes the checksum the key. */
static void put_tag(struct made_frame *frame, const struct probe *probe, uint8_t *payload,
                    size_t checksum_at)
{
    struct tf_tag tag = { .run_id = probe->run_id,
                          .path_id = probe->path_id,
                          .probe_id = probe->packet.ident };
    const uint16_t key = tf_key(probe->run_id, probe->path_id, 0);

    tf_tag_encode(payload + TF_UDP_LEN, &tag);
    frames_seal(frame, &probe->packet, checksum_at);
    const uint16_t plain = tf_get_u16(payload + checksum_at);
    tag.balance = tf_sum_sub(plain, key);
    tf_tag_encode(payload + TF_UDP_LEN, &tag);
    tf_put_u16(payload + checksum_at, key);
}

static void put_syn(struct made_frame *frame, const struct probe *probe, uint8_t *payload)
{
    const uint16_t key = tf_key(probe->run_id, probe->path_id, 0);

    memset(payload, 0, TF_TCP_MIN_LEN);
    tf_put_u16(payload + TF_TCP_SRC_PORT, (uint16_t)(TF_BASE_PORT + probe->path_id));
    tf_put_u16(payload + TF_TCP_DST_PORT, TF_BASE_PORT_TCP);
    tf_put_u32(payload + TF_TCP_SEQ, tf_syn_seq(probe->packet.ident, key));
    payload[TF_TCP_DATA_OFFSET] = TF_SYN_LEN / 4 << 4;
    payload[TF_TCP_FLAGS] = TF_TCP_FLAG_SYN;
    tf_put_u16(payload + TF_TCP_WINDOW, TF_SYN_WINDOW);
    tf_syn_options_encode(payload + TF_TCP_MIN_LEN, probe->run_id);
    frames_seal(frame, &probe->packet, TF_TCP_CHECKSUM);
}

static void make_probe(struct made_frame *frame, const struct probe *probe)
{
    uint8_t *payload = frames_begin(frame, &probe->packet);

    switch (probe->packet.protocol) {
    case TF_IP_PROTO_TCP: put_syn(frame, probe, payload); break;
    case TF_IP_PROTO_ICMP:
        payload[TF_ICMP_TYPE] = TF_ICMP_ECHO;
        payload[TF_ICMP_CODE] = 0;
        tf_put_u16(payload + TF_ICMP_IDENT, (uint16_t)(TF_BASE_PORT + probe->path_id));
        tf_put_u16(payload + TF_ICMP_SEQUENCE, probe->packet.ident);
        put_tag(frame, probe, payload, TF_ICMP_CHECKSUM);
        break;
    default:
        tf_put_u16(payload + TF_UDP_SRC_PORT, (uint16_t)(TF_BASE_PORT + probe->path_id));
        tf_put_u16(payload + TF_UDP_DST_PORT, TF_BASE_PORT);
        tf_put_u16(payload + TF_UDP_LENGTH, TF_PROBE_UDP_LENGTH);
        put_tag(frame, probe, payload, TF_UDP_CHECKSUM);
    }
}

/* The whole probe with a TTL of 1, or the first 28 bytes of it. */
static void make_error(struct made_frame *frame, const struct probe *probe)
{
    struct made_frame sent;
    struct probe arrived = *probe;
    const bool at_end = probe->ttl > LAST_ROUTER;
    const size_t whole = TF_IPV4_MIN_LEN + probe->packet.payload_len;
    const size_t quoted = probe->ttl % 2 == 0 ? QUOTED_SHORT : whole;
    const struct made_packet packet = {
        .protocol = TF_IP_PROTO_ICMP,
        .ttl = (uint8_t)(65 - probe->ttl),
        .src = at_end ? probe->packet.dst : 0x0a000000 + 256U * probe->ttl + probe->path_id % 3,
        .dst = probe->packet.src,
        .payload_len = TF_ICMP_LEN + quoted,
    };

    arrived.packet.ttl = 1;
    make_probe(&sent, &arrived);
    uint8_t *payload = frames_begin(frame, &packet);
    memset(payload, 0, TF_ICMP_LEN);
    payload[TF_ICMP_TYPE] = at_end ? TF_ICMP_DEST_UNREACH : TF_ICMP_TIME_EXCEEDED;
    payload[TF_ICMP_CODE] = at_end ? TF_ICMP_CODE_PORT_UNREACH : TF_ICMP_CODE_TTL_IN_TRANSIT;
    memcpy(payload + TF_ICMP_LEN, sent.bytes + TF_ETHERNET_LEN, quoted);
    frames_seal(frame, &packet, TF_ICMP_CHECKSUM);
}

/* An echo reply, or a SYN/ACK that echoes the time stamp. */
static void make_answer(struct made_frame *frame, const struct probe *probe)
{
    struct made_frame sent;
    struct made_packet packet = probe->packet;

    make_probe(&sent, probe);
    packet.ttl = 51;
    packet.ident = 0;
    packet.src = probe->packet.dst;
    packet.dst = probe->packet.src;
    uint8_t *payload = frames_begin(frame, &packet);
    memcpy(payload, sent.bytes + TF_ETHERNET_LEN + TF_IPV4_MIN_LEN, packet.payload_len);
    if (packet.protocol == TF_IP_PROTO_ICMP) {
        payload[TF_ICMP_TYPE] = TF_ICMP_ECHO_REPLY;
        frames_seal(frame, &packet, TF_ICMP_CHECKSUM);
        return;
    }
    tf_put_u16(payload + TF_TCP_SRC_PORT, TF_BASE_PORT_TCP);
    tf_put_u16(payload + TF_TCP_DST_PORT, (uint16_t)(TF_BASE_PORT + probe->path_id));
    tf_put_u32(payload + TF_TCP_ACK, tf_get_u32(payload + TF_TCP_SEQ) + 1);
    payload[TF_TCP_FLAGS] = TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK;
    tf_put_u32(payload + TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_ECHO, probe->run_id);
    frames_seal(frame, &packet, TF_TCP_CHECKSUM);
}

static void make_reply(struct made_frame *frame, const struct probe *probe)
{
    if (probe->ttl > LAST_ROUTER && probe->packet.protocol != TF_IP_PROTO_UDP)
        make_answer(frame, probe);
    else
        make_error(frame, probe);
}

/* Probes at even numbers, replies at odd ones; the first odd ones, which have nothing to answer,
 * are probes of a run that comes to nothing. */
static void make_of_run(struct made_frame *frame, uint64_t number, protocol_of_run *protocol_of)
{
    const uint64_t of_kind = number / 2;
    const bool is_reply = number % 2 == 1 && of_kind >= DELAY;
    struct probe probe = probe_of(is_reply ? of_kind - DELAY : of_kind, protocol_of);

    if (is_reply) {
        make_reply(frame, &probe);
        return;
    }
    if (number % 2 == 1) {
        probe.packet.dst = 0x0affffff;
        probe.run_id = 1;
    }
    make_probe(frame, &probe);
}

void frames_make_ours(struct made_frame *frame, uint64_t number)
{
    make_of_run(frame, number, any_protocol);
}

void frames_make_udp(struct made_frame *frame, uint64_t number)
{
    make_of_run(frame, number, udp);
}

void frames_make_echo(struct made_frame *frame, uint64_t number)
{
    make_of_run(frame, number, echo);
}

void frames_make_tcp(struct made_frame *frame, uint64_t number)
{
    make_of_run(frame, number, tcp);
}
