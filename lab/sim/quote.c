/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes: how long, and with which faults. */
#include "quote.h"

#include <glib.h>
#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { SHORT_PAYLOAD_LEN = 8 };    /* RFC 792 */
enum { OTHER_PORT_OFFSET = 1000 }; /* how far a wrong port is from the right one */
enum { OTHER_HOST_BIT = 0x80 };    /* of the last byte of a wrong address */

static size_t wanted_len(enum quote_len len, const struct tf_ip *ip)
{
    if (len == QUOTE_8)
        return (size_t)ip->header_len + SHORT_PAYLOAD_LEN;
    return len == QUOTE_128 ? 128 : SIZE_MAX;
}

static void swap_bytes(uint8_t *field)
{
    const uint8_t first = field[0];

    field[0] = field[1];
    field[1] = first;
}

/* Several faults at once work in this order. */
static void spoil_ident(uint8_t *ident, unsigned faults)
{
    if (faults & FAULT_ID_ZERO)
        tf_put_u16(ident, 0);
    if (faults & FAULT_ID_SWAP)
        swap_bytes(ident);
    if (faults & FAULT_ID_PLUS_ONE)
        tf_put_u16(ident, (uint16_t)(tf_get_u16(ident) + 1));
}

/* The header checksum, unless it is itself what is spoiled, is left as it came in: right for what
 * came in, wrong for what is quoted. */
static void spoil_ipv4(uint8_t *header, unsigned faults)
{
    spoil_ident(header + TF_IPV4_IDENT, faults);
    if (faults & FAULT_TTL_ZERO)
        header[TF_IPV4_TTL] = 0;
    if (faults & FAULT_SRC)
        header[TF_IPV4_SRC + 3] ^= OTHER_HOST_BIT;
    if (faults & FAULT_DST)
        header[TF_IPV4_DST + 3] ^= OTHER_HOST_BIT;
    if (faults & FAULT_CHECKSUM_ZERO)
        tf_put_u16(header + TF_IPV4_CHECKSUM, 0);
    if (faults & FAULT_LENGTH_SWAP)
        swap_bytes(header + TF_IPV4_TOTAL_LENGTH);
}

/* IPv6 has neither Identification nor header checksum. */
static void spoil_ipv6(uint8_t *header, unsigned faults)
{
    if (faults & FAULT_TTL_ZERO)
        header[TF_IPV6_HOP_LIMIT] = 0;
    if (faults & FAULT_SRC)
        header[TF_IPV6_SRC + 15] ^= OTHER_HOST_BIT;
    if (faults & FAULT_DST)
        header[TF_IPV6_DST + 15] ^= OTHER_HOST_BIT;
    if (faults & FAULT_LENGTH_SWAP)
        swap_bytes(header + TF_IPV6_PAYLOAD_LENGTH);
}

static void spoil_port(uint8_t *port)
{
    tf_put_u16(port, (uint16_t)(tf_get_u16(port) + OTHER_PORT_OFFSET));
}

/* The checksum of UDP or TCP is left as the sender made it. */
static void spoil_ports(uint8_t *quote, size_t len, const struct tf_ip *ip, unsigned faults)
{
    if (ip->protocol != TF_IP_PROTO_UDP && ip->protocol != TF_IP_PROTO_TCP)
        return;
    if (ip->fragment_start != 0 || len < (size_t)ip->header_len + SHORT_PAYLOAD_LEN)
        return;

    uint8_t *transport = quote + ip->header_len;
    if (faults & FAULT_SRC_PORT)
        spoil_port(transport + TF_UDP_SRC_PORT); /* of TCP, too */
    if (faults & FAULT_DST_PORT)
        spoil_port(transport + TF_UDP_DST_PORT);
}

size_t quote_build(uint8_t *buf, const struct quoting *quoting, const struct tf_ip *ip, size_t room)
{
    const size_t packet_len = ip->header_len + ip->payload_len;
    const size_t len = MIN(MIN(wanted_len(quoting->len, ip), packet_len), room);

    memcpy(buf, ip->payload - ip->header_len, len);
    if (ip->version == 6)
        spoil_ipv6(buf, quoting->faults);
    else
        spoil_ipv4(buf, quoting->faults);
    spoil_ports(buf, len, ip, quoting->faults);
    return len;
}
