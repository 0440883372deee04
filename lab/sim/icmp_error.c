/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors: whether one may be sent, what fits into it, and its bytes. */
#include "icmp_error.h"

#include <glib.h>
#include <string.h>

#include "extensions.h"
#include "ip_build.h"
#include "quote.h"
#include "traceflow/bytes.h"
#include "traceflow/icmp_ext.h"
#include "traceflow/wire.h"

/* Bytes of a whole error, IP header included: RFC 1812 section 4.3.2.3; a link's usual MTU; RFC
 * 4443 section 2.4 (c). */
enum { TOTAL_SHORT_MAX = 576, TOTAL_ICMP_MAX = 1500, TOTAL_ICMPV6_MAX = 1280 };

enum { TOS_INTERNETWORK_CONTROL = 0xc0 }; /* RFC 1812 section 4.3.2.5: precedence 6 */

/* The length field counts up to 255 words, of 32 bits in ICMP and 64 in ICMPv6 (RFC 4884 section
 * 4.1 to 4.5). */
enum { LENGTH_FIELD_MAX = 255 };

/* How an error's body is divided. */
struct layout {
    size_t quote_max;
    size_t pad_min;  /* the quote is padded to at least so much … */
    size_t pad_unit; /* … and to a multiple of this */
    bool has_length;
};

static bool is_icmp_error(uint8_t version, uint8_t type)
{
    /* RFC 4443 section 2.1: errors are below 128; section 2.4 (e.2) adds Redirect. */
    if (version == 6)
        return type < TF_ICMPV6_ECHO || type == TF_ND_REDIRECT;
    return type == TF_ICMP_DEST_UNREACH || type == TF_ICMP_SOURCE_QUENCH ||
           type == TF_ICMP_REDIRECT || type == TF_ICMP_TIME_EXCEEDED ||
           type == TF_ICMP_PARAM_PROBLEM;
}

static bool may_be_answered(const struct tf_ip *ip)
{
    const uint8_t icmp = ip->version == 6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP;
    const bool is_later_fragment = ip->fragment_start != 0;

    if (is_later_fragment && ip->version == 4)
        return false;
    if (!ip_is_single_host(&ip->src) || !ip_is_single_host(&ip->dst))
        return false;
    return ip->protocol != icmp || ip->payload_len == 0 || is_later_fragment ||
           !is_icmp_error(ip->version, ip->payload[TF_ICMP_TYPE]);
}

/* RFC 4884 section 4: these messages, and no others, can carry extensions. */
static bool can_extend(uint8_t version, uint8_t type)
{
    if (version == 6)
        return type == TF_ICMPV6_DEST_UNREACH || type == TF_ICMPV6_TIME_EXCEEDED;
    return type == TF_ICMP_DEST_UNREACH || type == TF_ICMP_TIME_EXCEEDED ||
           type == TF_ICMP_PARAM_PROBLEM;
}

static size_t total_max(uint8_t version, enum quote_len len)
{
    if (version == 6)
        return TOTAL_ICMPV6_MAX;
    return len == QUOTE_576 ? TOTAL_SHORT_MAX : TOTAL_ICMP_MAX;
}

static struct layout lay_out(uint8_t version, const struct quoting *quoting, size_t ext_len)
{
    const size_t unit = version == 6 ? 8 : 4;
    const size_t room = total_max(version, quoting->len) - ip_build_header_len(version) -
                        TF_ICMP_LEN - ext_len;

    if (ext_len == 0)
        return (struct layout){ room, 0, 1, false };
    if (quoting->no_length) /* where those look who know of no length (RFC 4884 section 5.5) */
        return (struct layout){ TF_EXT_COMPAT_OFFSET, TF_EXT_COMPAT_OFFSET, 1, false };
    if (version == 6 && quoting->len == QUOTE_576) /* many a reader looks there alone */
        return (struct layout){ TF_EXT_COMPAT_OFFSET, TF_EXT_COMPAT_OFFSET, unit, true };
    return (struct layout){ MIN(room, LENGTH_FIELD_MAX * unit) / unit * unit, TF_EXT_COMPAT_OFFSET,
                            unit, true };
}

static size_t pad(uint8_t *quote, size_t len, const struct layout *layout)
{
    const size_t whole = (len + layout->pad_unit - 1) / layout->pad_unit * layout->pad_unit;
    const size_t padded_len = MAX(whole, layout->pad_min);

    memset(quote + len, 0, padded_len - len);
    return padded_len;
}

/* RFC 4443 section 3.4: the pointer is the offset of the Next Header that the host does not know,
 * the last one: decoding has passed over all extension headers. */
static uint32_t last_next_header(const struct tf_ip *ip)
{
    const uint8_t *packet = ip->payload - ip->header_len;
    size_t field = TF_IPV6_NEXT_HEADER;

    for (size_t at = TF_IPV6_LEN; at < ip->header_len;) {
        const uint8_t protocol = packet[field];
        field = at + TF_IPV6_EXT_NEXT_HEADER;
        at += tf_ipv6_extension_len(protocol, packet + at);
    }
    return (uint32_t)field;
}

static void write_header(uint8_t *icmp, const struct icmp_error *error, const struct tf_ip *ip)
{
    memset(icmp, 0, TF_ICMP_LEN);
    icmp[TF_ICMP_TYPE] = error->type;
    icmp[TF_ICMP_CODE] = error->code;
    if (ip->version == 4)
        tf_put_u16(icmp + TF_ICMP_MTU, (uint16_t)error->mtu);
    else if (error->type == TF_ICMPV6_PARAM_PROBLEM && error->code == TF_ICMPV6_CODE_NEXT_HEADER)
        tf_put_u32(icmp + TF_ICMPV6_POINTER, last_next_header(ip));
    else
        tf_put_u32(icmp + TF_ICMPV6_MTU, error->mtu);
}

static void write_length(uint8_t *icmp, uint8_t version, size_t quote_len, size_t unit)
{
    icmp[version == 6 ? TF_ICMPV6_EXT_LENGTH : TF_ICMP_EXT_LENGTH] = (uint8_t)(quote_len / unit);
}

/* Writes the message and returns its length. */
static size_t write_message(uint8_t *icmp, const struct icmp_error *error, const struct tf_ip *ip)
{
    uint8_t ext[EXTENSIONS_MAX];
    const size_t ext_len = can_extend(ip->version, error->type)
                               ? extensions_build(ext, error->quoting, &error->from)
                               : 0;
    const struct layout layout = lay_out(ip->version, error->quoting, ext_len);
    uint8_t *quote = icmp + TF_ICMP_LEN;

    write_header(icmp, error, ip);
    size_t len = quote_build(quote, error->quoting, ip, layout.quote_max);
    len = pad(quote, len, &layout);
    if (layout.has_length)
        write_length(icmp, ip->version, len, layout.pad_unit);
    memcpy(quote + len, ext, ext_len);
    return TF_ICMP_LEN + len + ext_len;
}

size_t icmp_error_build(uint8_t *buf, const struct icmp_error *error, const uint8_t *packet,
                        size_t len)
{
    struct tf_ip ip;
    if (tf_ip_decode(&ip, packet, len) != TF_OK || !may_be_answered(&ip))
        return 0;

    const bool ipv6 = ip.version == 6;
    const struct ip_build fields = {
        .src = error->from,
        .dst = ip.src,
        .protocol = ipv6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP,
        .tos = ipv6 ? 0 : TOS_INTERNETWORK_CONTROL,
        .ttl = error->ttl,
        .ident = error->ident,
    };
    uint8_t *icmp = buf + ip_build_header_len(ip.version);
    return ip_build(buf, &fields, write_message(icmp, error, &ip));
}
