/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets whose data follows from its position, and fragments of them. */
#include "pieces.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* No 8 bytes are followed by equal ones, nor 256. */
static uint8_t byte_at(size_t position)
{
    return (uint8_t)(position * 7 + (position >> 8));
}

static struct ip_fields fields_of(uint8_t version, uint8_t protocol, uint16_t ident)
{
    return (struct ip_fields){ .src = addr(version == 6 ? "2001:db8::1" : "192.0.2.1"),
                               .dst = addr(version == 6 ? "2001:db8::9" : "198.51.100.9"),
                               .protocol = protocol,
                               .ttl = WHOLE_TTL,
                               .ident = ident };
}

struct whole whole_of(uint8_t version, size_t data_len)
{
    const struct ip_fields fields = fields_of(version, TF_IP_PROTO_UDP, WHOLE_IDENT);
    const struct packet nothing = { .len = 0 };
    struct packet header = build_ip(&fields, &nothing);
    struct whole whole = { .len = header.len + data_len };

    assert_true(whole.len <= sizeof whole.bytes);
    if (version == 6) {
        tf_put_u16(header.bytes + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)data_len);
    } else {
        tf_put_u16(header.bytes + TF_IPV4_TOTAL_LENGTH, (uint16_t)whole.len);
        seal_ipv4(header.bytes);
    }
    memcpy(whole.bytes, header.bytes, header.len);
    for (size_t i = 0; i < data_len; i++)
        whole.bytes[header.len + i] = byte_at(i);
    return whole;
}

static void append_header(struct packet *payload, const struct piece *piece)
{
    uint8_t header[TF_IPV6_EXT_MIN_LEN] = { TF_IP_PROTO_UDP };

    tf_put_u16(header + TF_IPV6_FRAGMENT_OFFSET, (uint16_t)(piece->start | piece->more));
    tf_put_u32(header + TF_IPV6_FRAGMENT_IDENT, (uint32_t)WHOLE_IDENT + piece->serial);
    append(payload, header, sizeof header);
}

struct packet piece_of(const struct piece *piece)
{
    const bool ipv6 = piece->version == 6;
    const struct ip_fields fields = fields_of(piece->version,
                                              ipv6 ? TF_IP_PROTO_FRAGMENT : TF_IP_PROTO_UDP,
                                              (uint16_t)(WHOLE_IDENT + piece->serial));
    struct packet payload = { .len = 0 };

    if (ipv6)
        append_header(&payload, piece);
    for (size_t i = 0; i < piece->len; i++) {
        const uint8_t byte = byte_at(piece->start + i) ^ (uint8_t)(piece->is_other && i == 0);
        append(&payload, &byte, 1);
    }
    struct packet packet = build_ip(&fields, &payload);
    if (!ipv6) {
        const uint16_t more = piece->more ? TF_IPV4_MF : 0;
        tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, (uint16_t)(more | piece->start / 8));
        seal_ipv4(packet.bytes);
    }
    return packet;
}

bool is_ipv4_header_right(const uint8_t *header)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < TF_IPV4_MIN_LEN; i += 2)
        sum += tf_get_u16(header + i);
    return sum % 0xffff == 0;
}

bool add_packet(struct reassembly *reassembly, int64_t now_ns, const struct packet *packet,
                gpointer note, struct reassembled *whole)
{
    struct fragment fragment;

    assert_true(fragment_read(&fragment, guarded(packet->bytes, packet->len), packet->len));
    return reassembly_add(reassembly, now_ns, &fragment, note, whole);
}

bool add_piece(struct reassembly *reassembly, int64_t now_ns, const struct piece *piece,
               struct reassembled *whole)
{
    const struct packet packet = piece_of(piece);

    return add_packet(reassembly, now_ns, &packet, NULL, whole);
}

void check_reassembled(const char *name, const struct reassembled *got, uint8_t version,
                       size_t data_len)
{
    const struct whole want = whole_of(version, data_len);

    check(got->len == want.len, "%s: IPv%u, %zu bytes", name, version, got->len);
    check(memcmp(got->packet, want.bytes, want.len) == 0, "%s: IPv%u, bytes", name, version);
}
