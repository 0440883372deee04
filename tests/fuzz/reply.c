/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors around a quoted probe, and what boxes on the way do to the quote. */
#include "reply.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/icmp_ext.h"
#include "traceflow/wire.h"

enum { QUOTE_MAX = 512, LABELS_MAX = 12 };

/* The error in the making. quote has all its bytes for good: only quote_len is ever cut. */
struct message {
    uint8_t version;
    uint8_t protocol; /* of the quoted probe */
    uint8_t type;
    uint8_t code;
    uint8_t length_field;
    uint8_t quote[QUOTE_MAX];
    size_t quote_len;
};

static uint16_t quoted_ident(const struct message *m)
{
    return tf_get_u16(m->quote + TF_IPV4_IDENT);
}

static void set_ident(struct message *m, uint16_t ident)
{
    if (m->version == 4)
        tf_put_u16(m->quote + TF_IPV4_IDENT, ident);
}

static void truncate_quote(struct message *m, struct supply *supply)
{
    const size_t len = take_u8(supply);

    if (len < m->quote_len)
        m->quote_len = len;
}

static void xor_byte(struct message *m, struct supply *supply)
{
    const size_t at = take_u8(supply);

    m->quote[at % (m->quote_len + 1)] ^= take_u8(supply);
}

static void zero_ident(struct message *m, struct supply *supply)
{
    (void)supply;
    set_ident(m, 0);
}

static void increment_ident(struct message *m, struct supply *supply)
{
    (void)supply;
    set_ident(m, (uint16_t)(quoted_ident(m) + 1));
}

static void swap_ident(struct message *m, struct supply *supply)
{
    const uint16_t ident = quoted_ident(m);

    (void)supply;
    set_ident(m, (uint16_t)(ident << 8 | ident >> 8));
}

static void replace_ident(struct message *m, struct supply *supply)
{
    set_ident(m, take_u16(supply));
}

/* A router that makes the quoted header good again, and so hides what it spoilt. */
static void fix_ip_checksum(struct message *m, struct supply *supply)
{
    (void)supply;
    if (m->version == 4)
        ipv4_fix_checksum(m->quote);
}

static void swap_total_length(struct message *m, struct supply *supply)
{
    (void)supply;
    if (m->version == 4)
        tf_put_u16(
            m->quote + TF_IPV4_TOTAL_LENGTH,
            (uint16_t)(m->quote[TF_IPV4_TOTAL_LENGTH + 1] << 8 | m->quote[TF_IPV4_TOTAL_LENGTH]));
}

static void swap_flags(struct message *m, struct supply *supply)
{
    uint8_t *flags = m->quote + TF_IPV4_FLAGS_FRAGMENT;

    (void)supply;
    if (m->version == 4)
        tf_put_u16(flags, (uint16_t)(flags[1] << 8 | flags[0]));
}

/* RFC 1624: the checksum follows a 16-bit word from what it was to what it is. */
static void rewrite_word(struct message *m, size_t at, uint16_t value)
{
    uint8_t *checksum = m->quote + probe_layout_of(m->version)->transport +
                        transport_checksum(m->protocol);
    const bool is_covered = m->protocol != TF_IP_PROTO_ICMP ||
                            at >= probe_layout_of(m->version)->transport;
    uint32_t sum = (uint16_t)~tf_get_u16(checksum);

    sum += (uint16_t)~tf_get_u16(m->quote + at);
    sum += value;
    tf_put_u16(m->quote + at, value);
    if (is_covered)
        tf_put_u16(checksum, (uint16_t)~tf_sum_fold(sum));
}

static bool is_echo(uint8_t protocol)
{
    return protocol == TF_IP_PROTO_ICMP || protocol == TF_IP_PROTO_ICMPV6;
}

/* A NAT near the prober: another source address and port, which it does not turn back in quotes. */
static void translate_source(struct message *m, struct supply *supply)
{
    const struct probe_layout *layout = probe_layout_of(m->version);

    rewrite_word(m, layout->src + layout->addr_len - 2, take_u16(supply));
    rewrite_word(m, layout->transport + (is_echo(m->protocol) ? TF_ICMP_IDENT : TF_UDP_SRC_PORT),
                 take_u16(supply));
}

/* A balancer in front of the destination: another destination address. */
static void translate_target(struct message *m, struct supply *supply)
{
    const struct probe_layout *layout = probe_layout_of(m->version);

    rewrite_word(m, layout->dst + layout->addr_len - 2, take_u16(supply));
}

static void set_quoted_ttl(struct message *m, struct supply *supply)
{
    m->quote[probe_layout_of(m->version)->ttl] = take_u8(supply);
}

static void set_length_field(struct message *m, struct supply *supply)
{
    m->length_field = take_u8(supply);
}

static size_t put_labels(uint8_t *object, struct supply *supply)
{
    const size_t labels = take_u8(supply) % LABELS_MAX;
    const size_t len = TF_EXT_OBJ_HDR_LEN + 4 * labels;

    tf_put_u16(object + TF_EXT_OBJ_LENGTH, (uint16_t)len);
    object[TF_EXT_OBJ_CLASS] = 1;
    object[TF_EXT_OBJ_CTYPE] = 1;
    for (size_t at = TF_EXT_OBJ_HDR_LEN; at < len; at++)
        object[at] = take_u8(supply);
    return len;
}

/* RFC 4884 section 5: the quote padded to 128 bytes, then the structure; flags leave parts of it
 * out. */
static void append_labels(struct message *m, struct supply *supply)
{
    enum { NO_LENGTH = 1, NO_CHECKSUM = 2, TWO_OBJECTS = 4 };
    const uint8_t flags = take_u8(supply);
    uint8_t *ext = m->quote + TF_EXT_COMPAT_OFFSET;
    size_t len = TF_EXT_HDR_LEN;

    if (m->quote_len > TF_EXT_COMPAT_OFFSET)
        return;
    memset(m->quote + m->quote_len, 0, TF_EXT_COMPAT_OFFSET - m->quote_len);
    tf_put_u32(ext, UINT32_C(0x20000000));
    len += put_labels(ext + len, supply);
    if ((flags & TWO_OBJECTS) != 0)
        len += put_labels(ext + len, supply);
    if ((flags & NO_CHECKSUM) == 0)
        tf_put_u16(ext + TF_EXT_CHECKSUM, tf_checksum(ext, len));
    m->length_field = (flags & NO_LENGTH) != 0 ? 0
                                               : TF_EXT_COMPAT_OFFSET / (m->version == 6 ? 8 : 4);
    m->quote_len = TF_EXT_COMPAT_OFFSET + len;
}

static void append_bytes(struct message *m, struct supply *supply)
{
    size_t len = take_u8(supply);
    if (len > QUOTE_MAX - m->quote_len)
        len = QUOTE_MAX - m->quote_len;
    const uint8_t *bytes = take_bytes(supply, &len);

    if (len > 0)
        memcpy(m->quote + m->quote_len, bytes, len);
    m->quote_len += len;
}

/* New ones at the end: seeds (tests/fuzz/make-corpus) name them by number. */
static void (*const mutations[])(struct message *, struct supply *) = {
    truncate_quote, xor_byte,         zero_ident,        increment_ident,  swap_ident,
    replace_ident,  fix_ip_checksum,  swap_total_length, translate_source, translate_target,
    set_quoted_ttl, set_length_field, append_labels,     append_bytes,     swap_flags,
};

static void choose_type(struct message *m, uint8_t choice)
{
    static const uint8_t types4[][2] = { { 11, 0 }, { 3, 3 },  { 3, 1 }, { 3, 13 },
                                         { 3, 4 },  { 12, 0 }, { 4, 0 }, { 11, 1 } };
    static const uint8_t types6[][2] = { { 3, 0 }, { 1, 4 }, { 1, 1 }, { 2, 0 },
                                         { 4, 0 }, { 1, 6 }, { 3, 1 }, { 1, 0 } };
    const uint8_t *type = m->version == 6 ? types6[choice % 8] : types4[choice % 8];

    m->type = type[0];
    m->code = type[1];
}

static size_t put_message(uint8_t *reply, const struct message *m, const struct sent_probe *probe,
                          uint8_t responder)
{
    const size_t icmp_len = TF_ICMP_LEN + m->quote_len;
    const size_t ip_len = reply_put_ip(reply, probe, responder, icmp_len);
    uint8_t *icmp = reply + ip_len;

    reply[probe_layout_of(m->version)->protocol] = m->version == 6 ? TF_IP_PROTO_ICMPV6
                                                                   : TF_IP_PROTO_ICMP;
    memset(icmp, 0, TF_ICMP_LEN);
    icmp[TF_ICMP_TYPE] = m->type;
    icmp[TF_ICMP_CODE] = m->code;
    icmp[m->version == 6 ? TF_ICMPV6_EXT_LENGTH : TF_ICMP_EXT_LENGTH] = m->length_field;
    memcpy(icmp + TF_ICMP_LEN, m->quote, m->quote_len);
    return ip_len + icmp_len;
}

size_t reply_make_error(uint8_t reply[REPLY_MAX], const struct sent_probe *probe,
                        struct supply *supply)
{
    const uint8_t shape = take_u8(supply);
    const uint8_t responder = take_u8(supply);
    struct message message = { .version = probe_version(probe),
                               .protocol = probe_protocol(probe),
                               .quote_len = probe->len };

    choose_type(&message, shape >> 3);
    memcpy(message.quote, probe->bytes, probe->len);
    message.quote[probe_layout_of(message.version)->ttl] = 1;
    for (unsigned left = shape & 7; left > 0; left--)
        mutations[take_u8(supply) % (sizeof mutations / sizeof mutations[0])](&message, supply);
    return put_message(reply, &message, probe, responder);
}
