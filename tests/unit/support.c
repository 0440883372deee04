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
    struct packet ip = { .bytes = { 0x60 }, .len = TF_IPV6_LEN };

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

uint16_t right_udp_checksum(const struct packet *ip)
{
    const bool ipv6 = ip->bytes[0] >> 4 == 6;
    const size_t addr_len = ipv6 ? 16 : 4;
    const uint8_t *addrs = ip->bytes + (ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC);
    struct packet covered = { .len = 0 };
    const uint8_t *udp = ip->bytes + ip_header_len(ip);
    const uint8_t rest[4] = { 0, TF_IP_PROTO_UDP, udp[TF_UDP_LENGTH], udp[TF_UDP_LENGTH + 1] };

    append(&covered, addrs, 2 * addr_len);
    append(&covered, rest, sizeof rest);
    const size_t udp_at = covered.len;
    append(&covered, udp, ip->len - ip_header_len(ip));
    tf_put_u16(covered.bytes + udp_at + TF_UDP_CHECKSUM, 0);
    return tf_checksum(covered.bytes, covered.len);
}

struct packet build_probe(const struct probe_fields *fields)
{
    const uint16_t key = tf_key(fields->run_id, fields->path_id, fields->attempt);
    const uint16_t ident = tf_ident(fields->path_id, fields->ttl);
    const struct tf_tag tag = { .run_id = fields->run_id,
                                .path_id = fields->path_id,
                                .attempt = fields->attempt,
                                .probe_id = ident };
    const struct ip_fields ip_fields = { .src = fields->src,
                                         .dst = fields->dst,
                                         .protocol = TF_IP_PROTO_UDP,
                                         .ttl = fields->ttl,
                                         .ident = ident };
    uint8_t payload[TF_TAG_LEN];

    tf_tag_encode(payload, &tag);
    const struct packet udp = build_udp((uint16_t)(fields->src_base + fields->path_id),
                                        fields->dst_base, key,
                                        (struct bytes){ payload, sizeof payload });
    struct packet ip = build_ip(&ip_fields, &udp);
    uint8_t *balance = ip.bytes + ip_header_len(&ip) + TF_UDP_LEN + TF_TAG_BALANCE;
    /* what the checksum would be now, less what it shall be, is what the balance must add */
    tf_put_u16(balance, tf_sum_sub(right_udp_checksum(&ip), key));
    assert_int_equal(right_udp_checksum(&ip), key);
    return ip;
}
