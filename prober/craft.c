/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crafting by libnet.
 *
 * Each probe is built anew, transport header first, then the IP header: libnet takes a quarter of a
 * microsecond for it, a tenth of what sending takes. Balance is worked out beforehand with core's
 * sums; that libnet, summing by itself, comes to the key is checked on every probe.
 */
#include "craft.h"

#include <libnet.h>
#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/error.h"
#include "traceflow/wire.h"

struct craft {
    struct craft_options options;
    libnet_t *libnet;
};

enum {
    HEADER_LEN = 8, /* UDP's and ICMP's */
    TAGGED_LEN = HEADER_LEN + TF_TAG_LEN,
};

G_STATIC_ASSERT((int)CRAFT_PROBE_MAX == (int)TF_IPV6_LEN + TF_SYN_LEN);

struct craft *craft_new(const struct craft_options *options)
{
    char reason[LIBNET_ERRBUF_SIZE] = "";
    struct craft *craft = g_new0(struct craft, 1);

    craft->options = *options;
    craft->libnet = libnet_init(LIBNET_NONE, NULL, reason); /* opens no socket */
    if (craft->libnet == NULL)
        g_error("libnet: %s", reason);
    return craft;
}

void craft_free(struct craft *craft)
{
    if (craft == NULL)
        return;
    libnet_destroy(craft->libnet);
    g_free(craft);
}

static uint16_t source_port(const struct craft *craft, const struct probe_spec *spec)
{
    return (uint16_t)(craft->options.src_base + spec->path_id);
}

static bool is_echo(const struct craft *craft)
{
    return craft->options.protocol == TF_IP_PROTO_ICMP ||
           craft->options.protocol == TF_IP_PROTO_ICMPV6;
}

/* Balancers may hash an ICMP checksum, so it must not tell attempts apart. */
static uint16_t key_of(const struct craft *craft, const struct probe_spec *spec)
{
    const uint32_t run_id = craft->options.run_id;

    return is_echo(craft) ? tf_echo_key(run_id, spec->path_id)
                          : tf_key(run_id, spec->path_id, spec->attempt);
}

/* The sum that a checksum covers before any of the segment: ICMP has no pseudo header. */
static uint32_t pseudo_sum(const struct craft_options *options, uint16_t len)
{
    if (options->protocol == TF_IP_PROTO_ICMP)
        return 0;
    return tf_sum_add_pseudo(0, &options->src, &options->dst, options->protocol, len);
}

/* The tag behind a header of 8 bytes, with the balance that makes the checksum the key. */
static void encode_tag(uint8_t payload[TF_TAG_LEN], const struct craft *craft,
                       const struct probe_spec *spec, const uint8_t header[HEADER_LEN])
{
    struct tf_tag tag = {
        .run_id = craft->options.run_id,
        .path_id = spec->path_id,
        .attempt = spec->attempt,
        .probe_id = tf_ident(spec->path_id, spec->ttl),
    };

    tf_tag_encode(payload, &tag);
    uint32_t sum = pseudo_sum(&craft->options, TAGGED_LEN);
    sum = tf_sum_add(sum, header, HEADER_LEN);
    sum = tf_sum_add(sum, payload, TF_TAG_LEN);
    tag.balance = tf_balance(sum, key_of(craft, spec));
    tf_tag_encode(payload, &tag);
}

static bool build_udp(struct craft *craft, const struct probe_spec *spec)
{
    const uint16_t src_port = source_port(craft, spec);
    const uint16_t dst_port = craft->options.dst_base;
    uint8_t header[HEADER_LEN] = { 0 };
    uint8_t payload[TF_TAG_LEN];

    tf_put_u16(header + TF_UDP_SRC_PORT, src_port);
    tf_put_u16(header + TF_UDP_DST_PORT, dst_port);
    tf_put_u16(header + TF_UDP_LENGTH, TAGGED_LEN);
    encode_tag(payload, craft, spec, header);
    return libnet_build_udp(src_port, dst_port, TAGGED_LEN, 0, payload, TF_TAG_LEN, craft->libnet,
                            0) != -1;
}

static bool build_echo(struct craft *craft, const struct probe_spec *spec)
{
    const bool v6 = craft->options.protocol == TF_IP_PROTO_ICMPV6;
    const uint8_t type = v6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO;
    const uint16_t ident = source_port(craft, spec);
    const uint16_t sequence = tf_ident(spec->path_id, spec->ttl);
    uint8_t header[HEADER_LEN] = { type };
    uint8_t payload[TF_TAG_LEN];

    tf_put_u16(header + TF_ICMP_IDENT, ident);
    tf_put_u16(header + TF_ICMP_SEQUENCE, sequence);
    encode_tag(payload, craft, spec, header);
    if (v6)
        return libnet_build_icmpv6_echo(type, 0, 0, ident, sequence, payload, TF_TAG_LEN,
                                        craft->libnet, 0) != -1;
    return libnet_build_icmpv4_echo(type, 0, 0, ident, sequence, payload, TF_TAG_LEN, craft->libnet,
                                    0) != -1;
}

static bool build_tcp(struct craft *craft, const struct probe_spec *spec)
{
    const uint32_t seq = tf_syn_seq(tf_ident(spec->path_id, spec->ttl), key_of(craft, spec));
    uint8_t options[TF_SYN_OPTIONS_LEN];

    tf_syn_options_encode(options, craft->options.run_id);
    return libnet_build_tcp_options(options, TF_SYN_OPTIONS_LEN, craft->libnet, 0) != -1 &&
           libnet_build_tcp(source_port(craft, spec), craft->options.dst_base, seq, 0,
                            TF_TCP_FLAG_SYN, TF_SYN_WINDOW, 0, 0, TF_SYN_LEN, NULL, 0,
                            craft->libnet, 0) != -1;
}

static bool build_segment(struct craft *craft, const struct probe_spec *spec)
{
    switch (craft->options.protocol) {
    case TF_IP_PROTO_UDP: return build_udp(craft, spec);
    case TF_IP_PROTO_TCP: return build_tcp(craft, spec);
    default: return build_echo(craft, spec);
    }
}

static bool build_ipv4(struct craft *craft, const struct probe_spec *spec, uint16_t segment_len)
{
    const struct craft_options *options = &craft->options;
    uint32_t src = 0;
    uint32_t dst = 0;

    memcpy(&src, options->src.bytes, sizeof src); /* libnet wants network order */
    memcpy(&dst, options->dst.bytes, sizeof dst);
    return libnet_build_ipv4((uint16_t)(TF_IPV4_MIN_LEN + segment_len), options->tos,
                             tf_ident(spec->path_id, spec->ttl),
                             options->dont_fragment ? TF_IPV4_DF : 0, spec->ttl, options->protocol,
                             0, src, dst, NULL, 0, craft->libnet, 0) != -1;
}

static bool build_ipv6(struct craft *craft, const struct probe_spec *spec, uint16_t segment_len)
{
    const struct craft_options *options = &craft->options;
    struct libnet_in6_addr src;
    struct libnet_in6_addr dst;

    memcpy(&src, options->src.bytes, sizeof src);
    memcpy(&dst, options->dst.bytes, sizeof dst);
    return libnet_build_ipv6(options->tos, spec->path_id, segment_len, options->protocol, spec->ttl,
                             src, dst, NULL, 0, craft->libnet, 0) != -1;
}

/* The packet as libnet puts it together: libnet_adv_cull_packet, made for it, refuses contexts that
 * are not of the link layer. */
static size_t assemble(struct craft *craft, const struct probe_spec *spec,
                       uint8_t bytes[CRAFT_PROBE_MAX])
{
    const uint16_t segment_len = craft->options.protocol == TF_IP_PROTO_TCP ? TF_SYN_LEN
                                                                            : TAGGED_LEN;
    const bool v6 = craft->options.dst.version == 6;
    uint8_t *packet = NULL;
    uint32_t len = 0;

    libnet_clear_packet(craft->libnet);
    if (!build_segment(craft, spec) ||
        !(v6 ? build_ipv6(craft, spec, segment_len) : build_ipv4(craft, spec, segment_len)) ||
        libnet_pblock_coalesce(craft->libnet, &packet, &len) == -1)
        return 0;
    memcpy(bytes, packet, MIN(len, CRAFT_PROBE_MAX));
    libnet_adv_free_packet(craft->libnet, packet);
    if (v6) /* libnet 1.1.6 loses the flow label's middle byte */
        tf_put_u32(bytes + TF_IPV6_VERSION_CLASS_LABEL,
                   6U << 28 | (uint32_t)craft->options.tos << 20 | spec->path_id);
    return len;
}

static bool sums_agree(const struct craft *craft, const struct probe_spec *spec,
                       const uint8_t *bytes, size_t len)
{
    const bool v6 = craft->options.dst.version == 6;
    const size_t header_len = v6 ? TF_IPV6_LEN : TF_IPV4_MIN_LEN;
    const uint8_t *segment = bytes + header_len;
    const size_t segment_len = len - header_len;
    const uint32_t sum = tf_sum_add(pseudo_sum(&craft->options, (uint16_t)segment_len), segment,
                                    segment_len);

    if ((!v6 && tf_checksum(bytes, header_len) != 0) || tf_sum_fold(sum) != 0xffff)
        return false;
    switch (craft->options.protocol) {
    case TF_IP_PROTO_TCP: return true;
    case TF_IP_PROTO_UDP: return tf_get_u16(segment + TF_UDP_CHECKSUM) == key_of(craft, spec);
    default: return tf_get_u16(segment + TF_ICMP_CHECKSUM) == key_of(craft, spec);
    }
}

size_t craft_probe(struct craft *craft, const struct probe_spec *spec,
                   uint8_t bytes[CRAFT_PROBE_MAX], GError **error)
{
    const size_t len = assemble(craft, spec, bytes);

    if (len > 0 && len <= CRAFT_PROBE_MAX && sums_agree(craft, spec, bytes, len))
        return len;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "cannot build a probe: %s",
                len == 0 ? g_strchomp(libnet_geterror(craft->libnet)) : "libnet sums differently");
    return 0;
}
