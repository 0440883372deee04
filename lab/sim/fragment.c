/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fragments, read and written. */
#include "fragment.h"

#include <string.h>

#include "ip_build.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/ip.h"
#include "traceflow/wire.h"

enum { UNIT = 8 }; /* bytes that a fragment offset counts in */

static bool read_ipv4(struct fragment *fragment, const struct tf_ip *ip)
{
    fragment->key.ident = ip->ident;
    fragment->key.protocol = ip->protocol;
    fragment->header_len = ip->header_len;
    fragment->start = ip->fragment_start;
    fragment->is_last = !ip->more_fragments;
    fragment->data = ip->payload;
    return ip->fragment_start != 0 || ip->more_fragments;
}

/* Where the header at `at` is a fragment header that divides something. */
static bool read_fragment_header(struct fragment *fragment, size_t at)
{
    const uint8_t *header = fragment->packet + at;
    const uint16_t offset = tf_get_u16(header + TF_IPV6_FRAGMENT_OFFSET);

    fragment->key.ident = tf_get_u32(header + TF_IPV6_FRAGMENT_IDENT);
    fragment->header_len = at;
    fragment->next_header = header[TF_IPV6_EXT_NEXT_HEADER];
    fragment->start = offset & TF_IPV6_FRAGMENT_MASK;
    fragment->is_last = (offset & TF_IPV6_MORE_FRAGMENTS) == 0;
    fragment->data = header + TF_IPV6_EXT_MIN_LEN;
    return fragment->start != 0 || !fragment->is_last;
}

/*
 * The first such header counts: what comes after it is divided, another one included. tf_ip_decode
 * has passed over all headers up to it, so they are whole.
 */
static bool read_ipv6(struct fragment *fragment, const struct tf_ip *ip)
{
    const uint8_t *packet = fragment->packet;
    size_t next_header_at = TF_IPV6_NEXT_HEADER;

    for (size_t at = TF_IPV6_LEN; at < ip->header_len;) {
        const uint8_t protocol = packet[next_header_at];
        fragment->next_header_at = next_header_at;
        if (protocol == TF_IP_PROTO_FRAGMENT && read_fragment_header(fragment, at))
            return true;
        next_header_at = at + TF_IPV6_EXT_NEXT_HEADER;
        at += tf_ipv6_extension_len(protocol, packet + at);
    }
    return false;
}

bool fragment_read(struct fragment *fragment, const uint8_t *packet, size_t len)
{
    struct tf_ip ip;
    if (tf_ip_decode(&ip, packet, len) != TF_OK || ip.total_len < ip.header_len ||
        ip.total_len > len)
        return false;

    *fragment = (struct fragment){ .key = { .src = ip.src, .dst = ip.dst }, .packet = packet };
    if (ip.version == 4 ? !read_ipv4(fragment, &ip) : !read_ipv6(fragment, &ip))
        return false;
    fragment->end = fragment->start + (size_t)(packet + ip.total_len - fragment->data);
    return true;
}

/* Bytes from start to end of what is divided. */
struct part {
    size_t start;
    size_t end;
    bool is_last;
};

static size_t write_ipv4(uint8_t *piece, const uint8_t *packet, const struct part *part)
{
    const size_t len = TF_IPV4_MIN_LEN + part->end - part->start;
    const uint16_t more = part->is_last ? 0 : TF_IPV4_MF;

    memcpy(piece, packet, TF_IPV4_MIN_LEN);
    tf_put_u16(piece + TF_IPV4_TOTAL_LENGTH, (uint16_t)len);
    tf_put_u16(piece + TF_IPV4_FLAGS_FRAGMENT, (uint16_t)(more | part->start / UNIT));
    tf_put_u16(piece + TF_IPV4_CHECKSUM, 0);
    tf_put_u16(piece + TF_IPV4_CHECKSUM, tf_checksum(piece, TF_IPV4_MIN_LEN));
    memcpy(piece + TF_IPV4_MIN_LEN, packet + TF_IPV4_MIN_LEN + part->start,
           part->end - part->start);
    return len;
}

static size_t write_ipv6(uint8_t *piece, const struct fragmentation *fragmentation,
                         const struct part *part)
{
    const size_t len = TF_IPV6_EXT_MIN_LEN + part->end - part->start;
    const uint16_t more = part->is_last ? 0 : TF_IPV6_MORE_FRAGMENTS;
    uint8_t *header = piece + TF_IPV6_LEN;

    memcpy(piece, fragmentation->packet, TF_IPV6_LEN);
    tf_put_u16(piece + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)len);
    piece[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_FRAGMENT;
    memset(header, 0, TF_IPV6_EXT_MIN_LEN);
    header[TF_IPV6_EXT_NEXT_HEADER] = fragmentation->packet[TF_IPV6_NEXT_HEADER];
    tf_put_u16(header + TF_IPV6_FRAGMENT_OFFSET, (uint16_t)(part->start | more));
    tf_put_u32(header + TF_IPV6_FRAGMENT_IDENT, fragmentation->ident);
    memcpy(header + TF_IPV6_EXT_MIN_LEN, fragmentation->packet + TF_IPV6_LEN + part->start,
           part->end - part->start);
    return TF_IPV6_LEN + len;
}

static struct part next_part(const struct fragmentation *fragmentation, size_t header_len,
                             size_t added)
{
    const size_t left = fragmentation->len - header_len - fragmentation->next;
    const size_t room = fragmentation->mtu - header_len - added;
    const bool is_last = left <= room;

    return (struct part){
        .start = fragmentation->next,
        .end = fragmentation->next + (is_last ? left : room / UNIT * UNIT),
        .is_last = is_last,
    };
}

size_t fragment_next(struct fragmentation *fragmentation, uint8_t *piece)
{
    const uint8_t version = fragmentation->packet[0] >> 4;
    const size_t header_len = ip_build_header_len(version);
    if (fragmentation->next == fragmentation->len)
        return 0;

    if (fragmentation->len <= fragmentation->mtu) {
        memcpy(piece, fragmentation->packet, fragmentation->len);
        fragmentation->next = fragmentation->len;
        return fragmentation->len;
    }
    const size_t added = version == 6 ? TF_IPV6_EXT_MIN_LEN : 0;
    const struct part part = next_part(fragmentation, header_len, added);
    fragmentation->next = part.is_last ? fragmentation->len : part.end;
    return version == 6 ? write_ipv6(piece, fragmentation, &part)
                        : write_ipv4(piece, fragmentation->packet, &part);
}
