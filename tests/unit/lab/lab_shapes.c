/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random packets of all shapes. */
#include "lab_shapes.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

const struct lab_shape lab_shapes[LAB_SHAPES] = {
    { "UDP", .protocol = TF_IP_PROTO_UDP },
    { "UDP, no checksum", .protocol = TF_IP_PROTO_UDP, .no_checksum = true },
    { "UDP, options", .protocol = TF_IP_PROTO_UDP, .options = 8 },
    { "UDP, all options", .protocol = TF_IP_PROTO_UDP, .options = 40 },
    { "TCP", .protocol = TF_IP_PROTO_TCP },
    { "TCP, options", .protocol = TF_IP_PROTO_TCP, .options = 16 },
    { "echo", .protocol = TF_IP_PROTO_ICMP },
    { "ICMP error", .protocol = TF_IP_PROTO_ICMP, .is_error = true },
    { "another protocol", .protocol = 47 },
    { "a later fragment", .protocol = TF_IP_PROTO_UDP, .is_fragment = true },
    { "UDP, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_UDP },
    { "UDP, extension headers", .ipv6 = true, .protocol = TF_IP_PROTO_UDP, .options = 24 },
    { "TCP, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_TCP },
    { "TCP, an extension header", .ipv6 = true, .protocol = TF_IP_PROTO_TCP, .options = 8 },
    { "echo, IPv6", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP },
    { "echo, extension header", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP, .options = 8 },
    { "ICMPv6 error", .ipv6 = true, .protocol = TF_IP_PROTO_ICMP, .is_error = true },
    { "another protocol, IPv6", .ipv6 = true, .protocol = 47 },
};

static void make_room(struct packet *packet, size_t at, size_t len)
{
    memmove(packet->bytes + at + len, packet->bytes + at, packet->len - at);
    memset(packet->bytes + at, 0, len);
    packet->len += len;
}

static void add_options(struct packet *packet, size_t len)
{
    make_room(packet, TF_IPV4_MIN_LEN, len);
    memset(packet->bytes + TF_IPV4_MIN_LEN, 1, len); /* no operation */
    packet->bytes[0] = (uint8_t)(packet->bytes[0] + len / 4);
    tf_put_u16(packet->bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)packet->len);
}

/* Destination options of 8 bytes each. */
static void add_extensions(struct packet *packet, size_t len)
{
    uint8_t *next = packet->bytes + TF_IPV6_NEXT_HEADER;
    const uint8_t protocol = *next;

    make_room(packet, TF_IPV6_LEN, len);
    for (size_t at = TF_IPV6_LEN; at < TF_IPV6_LEN + len; at += 8) {
        *next = TF_IP_PROTO_DSTOPTS;
        next = packet->bytes + at;
        packet->bytes[at + 2] = 1; /* PadN of 4 */
        packet->bytes[at + 3] = 4;
    }
    *next = protocol;
    tf_put_u16(packet->bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(packet->len - TF_IPV6_LEN));
}

size_t lab_header_len(const struct lab_shape *shape)
{
    return (shape->ipv6 ? TF_IPV6_LEN : TF_IPV4_MIN_LEN) + shape->options;
}

struct packet lab_shape_packet(const struct lab_shape *shape, uint32_t *seed)
{
    const struct lab_probe probe = { .dst = shape->ipv6 ? "2001:db8:d::1" : "198.51.100.1",
                                     .protocol = shape->protocol,
                                     .ttl = (uint8_t)(1 + next_random(seed) % 255),
                                     .tos = (uint8_t)next_random(seed),
                                     .ident = (uint16_t)next_random(seed),
                                     .src_port = (uint16_t)next_random(seed),
                                     .dst_port = (uint16_t)next_random(seed),
                                     .payload = 2 + next_random(seed) % 60 };
    struct packet packet = lab_packet(&probe);

    if (shape->options > 0)
        (shape->ipv6 ? add_extensions : add_options)(&packet, shape->options);
    uint8_t *transport = packet.bytes + lab_header_len(shape);
    for (size_t i = 0; i + 1 < probe.payload; i++)
        packet.bytes[packet.len - 1 - i] = (uint8_t)next_random(seed);
    if (shape->is_error)
        transport[TF_ICMP_TYPE] = shape->ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED;
    if (shape->no_checksum)
        tf_put_u16(transport + TF_UDP_CHECKSUM, 0);
    if (shape->is_fragment)
        tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, 1);
    lab_seal(&packet);
    return packet;
}

struct endpoint lab_shape_endpoint(bool ipv6, uint32_t *seed)
{
    struct endpoint to = { .addr = addr(ipv6 ? "2001:db8::" : "10.0.0.0"),
                           .has_port = next_random(seed) % 4 != 0,
                           .port = (uint16_t)next_random(seed) };

    for (size_t i = 1; i < tf_addr_len(&to.addr); i++)
        to.addr.bytes[i] = (uint8_t)next_random(seed);
    return to;
}

bool lab_port_offset(const struct lab_shape *shape, enum edit_end end, size_t *offset)
{
    *offset = end == EDIT_SRC ? 0 : 2;
    if (shape->protocol == TF_IP_PROTO_ICMP)
        *offset = TF_ICMP_IDENT;
    return shape->protocol != 47 && !shape->is_error && !shape->is_fragment;
}

struct packet lab_edited_by_hand(const struct packet *packet, const struct lab_shape *shape,
                                 enum edit_end end, const struct endpoint *to)
{
    struct packet edited = *packet;
    const size_t src = shape->ipv6 ? TF_IPV6_SRC : TF_IPV4_SRC;
    const size_t len = tf_addr_len(&to->addr);
    size_t offset;

    memcpy(edited.bytes + src + (end == EDIT_DST ? len : 0), to->addr.bytes, len);
    if (to->has_port && lab_port_offset(shape, end, &offset))
        tf_put_u16(edited.bytes + lab_header_len(shape) + offset, to->port);
    lab_seal(&edited);
    return edited;
}

void lab_check_equal(const struct packet *got, const struct packet *want, size_t len,
                     const char *name)
{
    for (size_t i = 0; i < len; i++)
        check(got->bytes[i] == want->bytes[i], "%s: byte %zu of %zu is %02x, not %02x", name, i,
              len, got->bytes[i], want->bytes[i]);
}
