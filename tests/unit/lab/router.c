/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated router that sends ICMP errors: what they are about, and what comes out. */
#include "router.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/*
 * IPv4 from 192.0.2.1 to 198.51.100.9, TTL 1, Identification 0x0307, and IPv6 from 2001:db8::1 to
 * 2001:db8::9, hop limit 1, flow label 3; UDP from 33483 to 33480 with 16 bytes. Made by Scapy.
 */
static const uint8_t probe4[] = {
    0x45, 0x00, 0x00, 0x2c, 0x03, 0x07, 0x00, 0x00, 0x01, 0x11, 0xca, 0x7c, 0xc0, 0x00, 0x02,
    0x01, 0xc6, 0x33, 0x64, 0x09, 0x82, 0xcb, 0x82, 0xc8, 0x00, 0x18, 0x49, 0x24, 0x54, 0x46,
    0x4c, 0x57, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
};
static const uint8_t probe6[] = {
    0x60, 0x00, 0x00, 0x03, 0x00, 0x18, 0x11, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x82, 0xcb, 0x82, 0xc8, 0x00, 0x18, 0xd9, 0xe6,
    0x54, 0x46, 0x4c, 0x57, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
};

struct packet expiring_probe(uint8_t version)
{
    struct packet ip = { .len = 0 };

    if (version == 6)
        append(&ip, probe6, sizeof probe6);
    else
        append(&ip, probe4, sizeof probe4);
    return ip;
}

struct packet expiring_datagram(uint8_t version, size_t len)
{
    struct packet ip = expiring_probe(version);
    const size_t header_len = ip_header_len(&ip);
    const size_t payload_at = header_len + TF_UDP_LEN;

    memset(ip.bytes + payload_at, 0x5a, len - payload_at);
    ip.len = len;
    if (version == 6)
        tf_put_u16(ip.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(len - header_len));
    else
        tf_put_u16(ip.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)len);
    tf_put_u16(ip.bytes + header_len + TF_UDP_LENGTH, (uint16_t)(len - header_len));
    return ip;
}

uint8_t time_exceeded_type(uint8_t version)
{
    return version == 6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED;
}

struct icmp_error error_of(uint8_t version, uint8_t type, const struct quoting *quoting)
{
    return (struct icmp_error){
        .type = type,
        .from = addr(version == 6 ? "2001:db8::5" : "203.0.113.5"),
        .ttl = 250,
        .ident = 0xbeef,
        .quoting = quoting,
    };
}

struct built build_error(const struct icmp_error *error, const uint8_t *packet, size_t len)
{
    struct built built;

    memset(built.bytes, 0xa5, sizeof built.bytes);
    built.len = icmp_error_build(built.bytes, error, guarded(packet, len), len);
    return built;
}
