/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic of others. */
#include <string.h>

#include "frames_made.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { HOSTS = 400, SERVERS = 150, MSS = 1460, ACK_FLAGS = TF_TCP_FLAG_ACK, TLS_HEADER_LEN = 5 };

/* A number that looks drawn, the same for the same input (splitmix64's finalizer). */
static uint64_t drawn(uint64_t number)
{
    number += 0x9e3779b97f4a7c15;
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
    number = (number ^ number >> 27) * 0x94d049bb133111eb;
    return number ^ number >> 31;
}

static void fill(uint8_t *buf, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = (uint8_t)((seed = seed * 6364136223846793005 + 1442695040888963407) >> 56);
}

/* One of the conversations between a host of ours and a server. */
struct talk {
    uint32_t host;
    uint32_t server;
    uint16_t port; /* the host's */
    uint64_t draw;
};

static struct talk talk_of(uint64_t number)
{
    const uint64_t draw = drawn(number);
    const uint32_t which = (uint32_t)(draw >> 20) % 2000;

    return (struct talk){
        .host = 0x0a010000 + which % HOSTS,
        .server = 0xcb007100 + (which * 7) % SERVERS,
        .port = (uint16_t)(32768 + drawn(which) % 28000),
        .draw = draw,
    };
}

static struct made_packet packet_of(const struct talk *talk, uint8_t protocol, size_t len)
{
    const int outward = (int)(talk->draw >> 40 & 1);

    return (struct made_packet){
        .protocol = protocol,
        .ttl = outward ? 64 : 53,
        .ident = (uint16_t)(talk->draw >> 48),
        .src = outward ? talk->host : talk->server,
        .dst = outward ? talk->server : talk->host,
        .payload_len = len,
    };
}

static void put_ports(uint8_t *payload, const struct talk *talk, const struct made_packet *packet,
                      uint16_t service)
{
    const int outward = packet->src == talk->host;

    tf_put_u16(payload, outward ? talk->port : service);
    tf_put_u16(payload + 2, outward ? service : talk->port);
}

/* Bulk data as records of TLS, or a bare acknowledgement. */
static void make_tcp(struct made_frame *frame, const struct talk *talk, uint64_t number)
{
    static const uint16_t services[] = { 443, 443, 443, 443, 443, 8443, 22, 993 };
    const size_t data_len = talk->draw % 5 < 2   ? 0
                            : talk->draw % 5 < 4 ? MSS
                                                 : 40 + talk->draw % 600;
    const struct made_packet packet = packet_of(talk, TF_IP_PROTO_TCP, TF_TCP_MIN_LEN + data_len);
    uint8_t *payload = frames_begin(frame, &packet);
    uint8_t *data = payload + TF_TCP_MIN_LEN;

    memset(payload, 0, TF_TCP_MIN_LEN);
    put_ports(payload, talk, &packet, services[talk->port % 8]);
    tf_put_u32(payload + TF_TCP_SEQ, (uint32_t)(number * MSS));
    tf_put_u32(payload + TF_TCP_ACK, (uint32_t)(number * MSS));
    payload[TF_TCP_DATA_OFFSET] = TF_TCP_MIN_LEN / 4 << 4;
    payload[TF_TCP_FLAGS] = ACK_FLAGS;
    tf_put_u16(payload + TF_TCP_WINDOW, 501);
    if (data_len > 0) {
        fill(data, data_len, talk->draw);
        memcpy(data, (const uint8_t[]){ 23, 3, 3 }, 3);
        tf_put_u16(data + 3, (uint16_t)(data_len - TLS_HEADER_LEN));
    }
    frames_seal(frame, &packet, TF_TCP_CHECKSUM);
}

/* A question for an address, or the same with the bit that says answer. */
static size_t put_dns(uint8_t *data, const struct talk *talk)
{
    static const uint8_t question[] = { 3,   'w', 'w', 'w', 7,   'e', 'x', 'a', 'm', 'p', 'l',
                                        'e', 3,   'o', 'r', 'g', 0,   0,   1,   0,   1 };

    memset(data, 0, 12);
    tf_put_u16(data, (uint16_t)talk->draw);
    tf_put_u16(data + 2, talk->draw >> 40 & 1 ? 0x0100 : 0x8180);
    tf_put_u16(data + 4, 1);
    memcpy(data + 12, question, sizeof question);
    return 12 + sizeof question;
}

/* What a call, a game or QUIC looks like from outside: nothing. */
static size_t put_noise(uint8_t *data, size_t len, uint64_t seed)
{
    fill(data, len, seed);
    return len;
}

static void make_udp(struct made_frame *frame, const struct talk *talk)
{
    const unsigned which = (unsigned)(talk->draw >> 8) % 10;
    const uint16_t service = which < 4   ? 53
                             : which < 8 ? 443
                                         : (uint16_t)(20000 + talk->port % 9999);
    uint8_t data[MSS];
    const size_t len = which < 4   ? put_dns(data, talk)
                       : which < 8 ? put_noise(data, 1200, talk->draw)
                                   : put_noise(data, 172, talk->draw);
    const struct made_packet packet = packet_of(talk, TF_IP_PROTO_UDP, TF_UDP_LEN + len);
    uint8_t *payload = frames_begin(frame, &packet);

    put_ports(payload, talk, &packet, service);
    tf_put_u16(payload + TF_UDP_LENGTH, (uint16_t)(TF_UDP_LEN + len));
    memcpy(payload + TF_UDP_LEN, data, len);
    frames_seal(frame, &packet, TF_UDP_CHECKSUM);
}

/* A ping, or a port that nobody listens on. */
static void make_icmp(struct made_frame *frame, const struct talk *talk, uint64_t number)
{
    const int ping = talk->draw % 3 != 0;
    struct made_packet packet = packet_of(talk, TF_IP_PROTO_ICMP, TF_ICMP_LEN + 56);
    struct made_frame refused;
    const int outward = packet.src == talk->host;

    uint8_t *payload = frames_begin(frame, &packet);
    memset(payload, 0, TF_ICMP_LEN + 56);
    if (ping) {
        payload[TF_ICMP_TYPE] = outward ? TF_ICMP_ECHO : TF_ICMP_ECHO_REPLY;
        tf_put_u16(payload + TF_ICMP_IDENT, talk->port);
        tf_put_u16(payload + TF_ICMP_SEQUENCE, (uint16_t)number);
    } else {
        payload[TF_ICMP_TYPE] = TF_ICMP_DEST_UNREACH;
        payload[TF_ICMP_CODE] = TF_ICMP_CODE_PORT_UNREACH;
        make_udp(&refused, talk);
        memcpy(payload + TF_ICMP_LEN, refused.bytes + TF_ETHERNET_LEN, 56);
    }
    frames_seal(frame, &packet, TF_ICMP_CHECKSUM);
}

void frames_make_foreign(struct made_frame *frame, uint64_t number)
{
    const struct talk talk = talk_of(number);
    const unsigned percent = (unsigned)(talk.draw >> 4) % 100;

    if (percent < 60)
        make_tcp(frame, &talk, number);
    else if (percent < 94)
        make_udp(frame, &talk);
    else
        make_icmp(frame, &talk, number);
}
