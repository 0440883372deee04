/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: named checks, bytes before a guard page, builders of packets. */
#include "support.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/wire.h"

enum { GUARDED_MAX = 16384 };

void check_at(bool holds, const char *condition, const char *file, int line, const char *format,
              ...)
{
    char message[4096]; /* two reports fit */
    va_list args;

    if (holds)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    print_error("%s\n    does not hold: %s\n", message, condition);
    _fail(file, line);
}

const uint8_t *guarded(const uint8_t *bytes, size_t len)
{
    static uint8_t *room;

    assert_in_range(len, 0, GUARDED_MAX);
    if (room == NULL) {
        const size_t page = (size_t)sysconf(_SC_PAGESIZE);
        room = mmap(NULL, GUARDED_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                    -1, 0);
        assert_ptr_not_equal(room, MAP_FAILED);
        assert_int_equal(mprotect(room + GUARDED_MAX, page, PROT_NONE), 0);
    }
    uint8_t *copy = room + GUARDED_MAX - len;
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13; /* xorshift32 (Marsaglia 2003); 0 would stay 0 */
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

struct tf_addr addr(const char *text)
{
    uint8_t bytes[16] = { 0 };
    const uint8_t version = strchr(text, ':') != NULL ? 6 : 4;

    check(inet_pton(version == 6 ? AF_INET6 : AF_INET, text, bytes) == 1, "address %s", text);
    return tf_addr_from(version, bytes);
}

void append(struct packet *packet, const void *bytes, size_t len)
{
    assert_true(len <= sizeof packet->bytes - packet->len);
    if (len > 0)
        memcpy(packet->bytes + packet->len, bytes, len);
    packet->len += len;
}

struct packet build_udp(uint16_t src_port, uint16_t dst_port, uint16_t checksum,
                        struct bytes payload)
{
    struct packet udp = { .len = TF_UDP_LEN };

    tf_put_u16(udp.bytes + TF_UDP_SRC_PORT, src_port);
    tf_put_u16(udp.bytes + TF_UDP_DST_PORT, dst_port);
    tf_put_u16(udp.bytes + TF_UDP_LENGTH, (uint16_t)(TF_UDP_LEN + payload.len));
    tf_put_u16(udp.bytes + TF_UDP_CHECKSUM, checksum);
    append(&udp, payload.at, payload.len);
    return udp;
}

struct packet build_tcp(const struct tcp_fields *fields)
{
    struct packet tcp = { .len = TF_TCP_MIN_LEN };

    tf_put_u16(tcp.bytes + TF_TCP_SRC_PORT, fields->src_port);
    tf_put_u16(tcp.bytes + TF_TCP_DST_PORT, fields->dst_port);
    tf_put_u32(tcp.bytes + TF_TCP_SEQ, fields->seq);
    tf_put_u32(tcp.bytes + TF_TCP_ACK, fields->ack);
    tcp.bytes[TF_TCP_DATA_OFFSET] = (uint8_t)((TF_TCP_MIN_LEN + fields->options.len) / 4 << 4);
    tcp.bytes[TF_TCP_FLAGS] = fields->flags;
    tf_put_u16(tcp.bytes + TF_TCP_WINDOW, TF_SYN_WINDOW);
    append(&tcp, fields->options.at, fields->options.len);
    return tcp;
}

struct packet build_icmp(uint8_t type, uint8_t code, struct bytes body)
{
    struct packet icmp = { .bytes = { type, code }, .len = TF_ICMP_LEN };

    append(&icmp, body.at, body.len);
    return icmp;
}

void seal_ipv4(uint8_t *header)
{
    const size_t len = (size_t)(header[TF_IPV4_VERSION_IHL] & 0x0f) * 4;

    tf_put_u16(header + TF_IPV4_CHECKSUM, 0);
    tf_put_u16(header + TF_IPV4_CHECKSUM, tf_checksum(header, len));
}

static struct packet build_ipv4(const struct ip_fields *fields, const struct packet *payload)
{
    struct packet ip = { .bytes = { 0x45 }, .len = TF_IPV4_MIN_LEN };

    tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)(TF_IPV4_MIN_LEN + payload->len));
    tf_put_u16(ip.bytes + TF_IPV4_IDENT, fields->ident);
    ip.bytes[TF_IPV4_TTL] = fields->ttl;
    ip.bytes[TF_IPV4_PROTOCOL] = fields->protocol;
    memcpy(ip.bytes + TF_IPV4_SRC, fields->src.bytes, 4);
    memcpy(ip.bytes + TF_IPV4_DST, fields->dst.bytes, 4);
    seal_ipv4(ip.bytes);
    append(&ip, payload->bytes, payload->len);
    return ip;
}

static struct packet build_ipv6(const struct ip_fields *fields, const struct packet *payload)
{
    struct packet ip = { .len = TF_IPV6_LEN };

    tf_put_u32(ip.bytes + TF_IPV6_VERSION_CLASS_LABEL, 6U << 28 | fields->flow_label);
    tf_put_u16(ip.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)payload->len);
    ip.bytes[TF_IPV6_NEXT_HEADER] = fields->protocol;
    ip.bytes[TF_IPV6_HOP_LIMIT] = fields->ttl;
    memcpy(ip.bytes + TF_IPV6_SRC, fields->src.bytes, 16);
    memcpy(ip.bytes + TF_IPV6_DST, fields->dst.bytes, 16);
    append(&ip, payload->bytes, payload->len);
    return ip;
}

struct packet build_ip(const struct ip_fields *fields, const struct packet *payload)
{
    return fields->src.version == 6 ? build_ipv6(fields, payload) : build_ipv4(fields, payload);
}

struct packet build_ethernet(const struct packet *ip)
{
    const bool ipv6 = ip->bytes[0] >> 4 == 6;
    const uint8_t header[14] = { 2,
                                 0,
                                 0,
                                 0,
                                 0,
                                 2,
                                 2,
                                 0,
                                 0,
                                 0,
                                 0,
                                 1, /* to, from */
                                 ipv6 ? 0x86 : 0x08,
                                 ipv6 ? 0xdd : 0x00 };
    struct packet frame = { .len = 0 };

    append(&frame, header, sizeof header);
    append(&frame, ip->bytes, ip->len);
    return frame;
}

size_t ip_header_len(const struct packet *ip)
{
    return ip->bytes[0] >> 4 == 6 ? TF_IPV6_LEN : (size_t)(ip->bytes[0] & 0x0f) * 4;
}

static uint8_t protocol_of(const struct packet *ip)
{
    return ip->bytes[ip->bytes[0] >> 4 == 6 ? TF_IPV6_NEXT_HEADER : TF_IPV4_PROTOCOL];
}

static size_t checksum_offset(uint8_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_UDP: return TF_UDP_CHECKSUM;
    case TF_IP_PROTO_TCP: return TF_TCP_CHECKSUM;
    default: return TF_ICMP_CHECKSUM;
    }
}

uint8_t *checksum_field(struct packet *ip)
{
    return ip->bytes + ip_header_len(ip) + checksum_offset(protocol_of(ip));
}

uint16_t right_checksum(const struct packet *ip)
{
    const bool ipv6 = ip->bytes[0] >> 4 == 6;
    const uint8_t protocol = protocol_of(ip);
    const uint8_t *addrs = ip->bytes + (ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC);
    const size_t len = ip->len - ip_header_len(ip);
    const uint8_t rest[4] = { 0, protocol, (uint8_t)(len >> 8), (uint8_t)len };
    struct packet covered = { .len = 0 };

    if (protocol != TF_IP_PROTO_ICMP) { /* RFC 792: no pseudo header */
        append(&covered, addrs, ipv6 ? 32 : 8);
        append(&covered, rest, sizeof rest);
    }
    const size_t at = covered.len + checksum_offset(protocol);
    append(&covered, ip->bytes + ip_header_len(ip), len);
    tf_put_u16(covered.bytes + at, 0);
    return tf_checksum(covered.bytes, covered.len);
}

/* What the checksum would be now, less what it shall be, is what the balance must add. */
static void balance_tag(struct packet *ip, uint16_t key)
{
    uint8_t *balance = ip->bytes + ip->len - TF_TAG_LEN + TF_TAG_BALANCE;

    tf_put_u16(balance, tf_sum_sub(right_checksum(ip), key));
    assert_int_equal(right_checksum(ip), key);
    tf_put_u16(checksum_field(ip), key);
}

/* Its tag has no balance yet. */
static struct packet probe_payload(const struct probe_fields *fields)
{
    const struct tf_tag tag = { .run_id = fields->run_id,
                                .path_id = fields->path_id,
                                .attempt = fields->attempt,
                                .probe_id = tf_ident(fields->path_id, fields->ttl) };
    struct packet payload = { .len = TF_TAG_LEN };

    tf_tag_encode(payload.bytes, &tag);
    return payload;
}

static struct packet udp_probe(const struct probe_fields *fields)
{
    const struct packet tag = probe_payload(fields);

    return build_udp((uint16_t)(fields->src_base + fields->path_id), fields->dst_base, 0,
                     (struct bytes){ tag.bytes, tag.len });
}

static struct packet echo_probe(const struct probe_fields *fields)
{
    const struct packet tag = probe_payload(fields);
    const uint8_t type = fields->src.version == 6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO;
    struct packet icmp = build_icmp(type, 0, (struct bytes){ tag.bytes, tag.len });

    tf_put_u16(icmp.bytes + TF_ICMP_IDENT, (uint16_t)(fields->src_base + fields->path_id));
    tf_put_u16(icmp.bytes + TF_ICMP_SEQUENCE, tf_ident(fields->path_id, fields->ttl));
    return icmp;
}

static struct packet syn_probe(const struct probe_fields *fields)
{
    const uint16_t key = tf_key(fields->run_id, fields->path_id, fields->attempt);
    uint8_t options[TF_SYN_OPTIONS_LEN];
    const struct tcp_fields tcp = { .src_port = (uint16_t)(fields->src_base + fields->path_id),
                                    .dst_port = fields->dst_base,
                                    .seq = tf_syn_seq(tf_ident(fields->path_id, fields->ttl), key),
                                    .flags = TF_TCP_FLAG_SYN,
                                    .options = { options, sizeof options } };

    tf_syn_options_encode(options, fields->run_id);
    return build_tcp(&tcp);
}

struct packet build_probe(const struct probe_fields *fields)
{
    const uint8_t protocol = fields->protocol != 0 ? fields->protocol : TF_IP_PROTO_UDP;
    const struct packet payload = protocol == TF_IP_PROTO_UDP   ? udp_probe(fields)
                                  : protocol == TF_IP_PROTO_TCP ? syn_probe(fields)
                                                                : echo_probe(fields);
    const struct ip_fields ip_fields = { .src = fields->src,
                                         .dst = fields->dst,
                                         .protocol = protocol,
                                         .ttl = fields->ttl,
                                         .ident = tf_ident(fields->path_id, fields->ttl),
                                         .flow_label = fields->path_id };
    struct packet ip = build_ip(&ip_fields, &payload);

    if (protocol == TF_IP_PROTO_TCP)
        tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    else if (protocol == TF_IP_PROTO_UDP)
        balance_tag(&ip, tf_key(fields->run_id, fields->path_id, fields->attempt));
    else
        balance_tag(&ip, tf_echo_key(fields->run_id, fields->path_id));
    return ip;
}
