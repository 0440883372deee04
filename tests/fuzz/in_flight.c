/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crafting probes without libnet. */
#include "in_flight.h"

#include <string.h>

#include "traceflow/addr.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/wire.h"

static const uint8_t source4[4] = { 192, 0, 2, 10 };
static const uint8_t target4[4] = { 198, 51, 100, 80 };
static const uint8_t source6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x10 };
static const uint8_t target6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0x80, [15] = 0x80 };

enum { PATH_WITH_DF = 2 };

/* What makes one probe. */
struct recipe {
    uint8_t version;
    uint8_t protocol;
    uint32_t run_id;
    uint16_t path_id;
    uint8_t ttl;
    uint8_t attempt;
};

uint8_t probe_version(const struct sent_probe *probe)
{
    return probe->bytes[TF_IPV4_VERSION_IHL] >> 4;
}

const struct probe_layout *probe_layout_of(uint8_t version)
{
    static const struct probe_layout ipv4 = { 4,           TF_IPV4_SRC,      TF_IPV4_DST,
                                              TF_IPV4_TTL, TF_IPV4_PROTOCOL, TF_IPV4_MIN_LEN };
    static const struct probe_layout ipv6 = {
        16, TF_IPV6_SRC, TF_IPV6_DST, TF_IPV6_HOP_LIMIT, TF_IPV6_NEXT_HEADER, TF_IPV6_LEN
    };

    return version == 6 ? &ipv6 : &ipv4;
}

uint8_t probe_protocol(const struct sent_probe *probe)
{
    return probe->bytes[probe_layout_of(probe_version(probe))->protocol];
}

size_t transport_checksum(uint8_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_UDP: return TF_UDP_CHECKSUM;
    case TF_IP_PROTO_TCP: return TF_TCP_CHECKSUM;
    default: return TF_ICMP_CHECKSUM;
    }
}

void ipv4_fix_checksum(uint8_t *header)
{
    tf_put_u16(header + TF_IPV4_CHECKSUM, 0);
    tf_put_u16(header + TF_IPV4_CHECKSUM, tf_checksum(header, TF_IPV4_MIN_LEN));
}

static void put_ip_header(struct sent_probe *probe, const struct recipe *recipe)
{
    const struct probe_layout *layout = probe_layout_of(recipe->version);
    uint8_t *ip = probe->bytes;

    memcpy(ip + layout->src, recipe->version == 6 ? source6 : source4, layout->addr_len);
    memcpy(ip + layout->dst, recipe->version == 6 ? target6 : target4, layout->addr_len);
    ip[layout->ttl] = recipe->ttl;
    ip[layout->protocol] = recipe->protocol;
    if (recipe->version == 6) {
        tf_put_u32(ip + TF_IPV6_VERSION_CLASS_LABEL, 6U << 28 | recipe->path_id);
        tf_put_u16(ip + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(probe->len - TF_IPV6_LEN));
        return;
    }
    ip[TF_IPV4_VERSION_IHL] = 0x45;
    tf_put_u16(ip + TF_IPV4_TOTAL_LENGTH, (uint16_t)probe->len);
    tf_put_u16(ip + TF_IPV4_IDENT, tf_ident(recipe->path_id, recipe->ttl));
    tf_put_u16(ip + TF_IPV4_FLAGS_FRAGMENT, recipe->path_id == PATH_WITH_DF ? TF_IPV4_DF : 0);
    ipv4_fix_checksum(ip);
}

static uint8_t *put_udp_header(struct sent_probe *probe, const struct recipe *recipe, uint16_t base,
                               uint16_t length)
{
    uint8_t *udp = probe->bytes + probe_layout_of(recipe->version)->transport;

    probe->len = (size_t)(udp - probe->bytes) + length;
    tf_put_u16(udp + TF_UDP_SRC_PORT, (uint16_t)(base + recipe->path_id));
    tf_put_u16(udp + TF_UDP_DST_PORT, base);
    tf_put_u16(udp + TF_UDP_LENGTH, length);
    return udp;
}

static uint32_t sum_of(const struct sent_probe *probe, const struct recipe *recipe)
{
    const struct probe_layout *layout = probe_layout_of(recipe->version);
    const struct tf_addr src = tf_addr_from(recipe->version, probe->bytes + layout->src);
    const struct tf_addr dst = tf_addr_from(recipe->version, probe->bytes + layout->dst);
    const size_t length = probe->len - layout->transport;
    const uint32_t sum = recipe->protocol == TF_IP_PROTO_ICMP
                             ? 0
                             : tf_sum_add_pseudo(0, &src, &dst, recipe->protocol, (uint16_t)length);

    return tf_sum_add(sum, probe->bytes + layout->transport, length);
}

/* The tag is the end of the probe; it makes the checksum the key. */
static void put_tag(struct sent_probe *probe, const struct recipe *recipe, uint16_t key)
{
    uint8_t *at = probe->bytes + probe->len - TF_TAG_LEN;
    uint8_t *transport = probe->bytes + probe_layout_of(recipe->version)->transport;
    struct tf_tag tag = {
        .run_id = recipe->run_id,
        .path_id = recipe->path_id,
        .attempt = recipe->attempt,
        .probe_id = tf_ident(recipe->path_id, recipe->ttl),
    };

    tf_tag_encode(at, &tag);
    tag.balance = tf_balance(sum_of(probe, recipe), key);
    tf_tag_encode(at, &tag);
    tf_put_u16(transport + transport_checksum(recipe->protocol), key);
}

static void make_udp(struct sent_probe *probe, const struct recipe *recipe)
{
    put_udp_header(probe, recipe, TF_BASE_PORT, TF_PROBE_UDP_LENGTH);
    put_ip_header(probe, recipe);
    put_tag(probe, recipe, tf_key(recipe->run_id, recipe->path_id, recipe->attempt));
}

static void make_echo(struct sent_probe *probe, const struct recipe *recipe)
{
    uint8_t *icmp = probe->bytes + probe_layout_of(recipe->version)->transport;

    probe->len = (size_t)(icmp - probe->bytes) + TF_ICMP_LEN + TF_TAG_LEN;
    icmp[TF_ICMP_TYPE] = recipe->version == 6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO;
    tf_put_u16(icmp + TF_ICMP_IDENT, (uint16_t)(TF_BASE_PORT + recipe->path_id));
    tf_put_u16(icmp + TF_ICMP_SEQUENCE, tf_ident(recipe->path_id, recipe->ttl));
    put_ip_header(probe, recipe);
    put_tag(probe, recipe, tf_echo_key(recipe->run_id, recipe->path_id));
}

static void make_syn(struct sent_probe *probe, const struct recipe *recipe)
{
    uint8_t *tcp = probe->bytes + probe_layout_of(recipe->version)->transport;
    const uint16_t key = tf_key(recipe->run_id, recipe->path_id, recipe->attempt);

    probe->len = (size_t)(tcp - probe->bytes) + TF_SYN_LEN;
    tf_put_u16(tcp + TF_TCP_SRC_PORT, (uint16_t)(TF_BASE_PORT + recipe->path_id));
    tf_put_u16(tcp + TF_TCP_DST_PORT, TF_BASE_PORT_TCP);
    tf_put_u32(tcp + TF_TCP_SEQ, tf_syn_seq(tf_ident(recipe->path_id, recipe->ttl), key));
    tcp[TF_TCP_DATA_OFFSET] = TF_SYN_LEN / 4 << 4;
    tcp[TF_TCP_FLAGS] = TF_TCP_FLAG_SYN;
    tf_put_u16(tcp + TF_TCP_WINDOW, TF_SYN_WINDOW);
    tf_syn_options_encode(tcp + TF_TCP_MIN_LEN, recipe->run_id);
    put_ip_header(probe, recipe);
    tf_put_u16(tcp + TF_TCP_CHECKSUM, (uint16_t)~tf_sum_fold(sum_of(probe, recipe)));
}

static void make_original(struct sent_probe *probe, const struct recipe *recipe)
{
    uint8_t *udp = put_udp_header(probe, recipe, TF_BASE_PORT_ORIGINAL, TF_ORIGINAL_UDP_LENGTH);

    put_ip_header(probe, recipe);
    memcpy(udp + TF_UDP_LEN, "1733900001", TF_ORIGINAL_UDP_LENGTH - TF_UDP_LEN);
    tf_put_u16(udp + TF_UDP_CHECKSUM, (uint16_t)~tf_sum_fold(sum_of(probe, recipe)));
}

static size_t make_path(struct sent_probe *probes, struct recipe recipe)
{
    size_t n = 0;

    for (recipe.ttl = 1; recipe.ttl <= 2; recipe.ttl++)
        for (recipe.attempt = 0; recipe.attempt < 2; recipe.attempt++)
            if (recipe.protocol == TF_IP_PROTO_TCP)
                make_syn(&probes[n++], &recipe);
            else
                make_echo(&probes[n++], &recipe);
    return n;
}

void in_flight_make(struct sent_probe probes[IN_FLIGHT])
{
    struct recipe ipv4 = { .version = 4, .protocol = TF_IP_PROTO_UDP, .run_id = FUZZ_RUN_ID };
    struct recipe ipv6 = { .version = 6, .protocol = TF_IP_PROTO_UDP, .run_id = FUZZ_RUN_ID_6 };
    size_t n = 0;

    memset(probes, 0, IN_FLIGHT * sizeof probes[0]);
    for (ipv4.attempt = 0; ipv4.attempt < 2; ipv4.attempt++)
        for (ipv4.path_id = 1; ipv4.path_id <= 2; ipv4.path_id++)
            for (ipv4.ttl = 1; ipv4.ttl <= 3; ipv4.ttl++)
                make_udp(&probes[n++], &ipv4);
    make_original(
        &probes[n++],
        &(struct recipe){ .version = 4, .protocol = TF_IP_PROTO_UDP, .path_id = 3, .ttl = 2 });
    ipv4.path_id = ipv6.path_id = 1;
    for (ipv6.ttl = 1; ipv6.ttl <= 2; ipv6.ttl++)
        make_udp(&probes[n++], &ipv6);
    ipv4.protocol = TF_IP_PROTO_ICMP;
    n += make_path(&probes[n], ipv4);
    ipv4.protocol = ipv6.protocol = TF_IP_PROTO_TCP;
    n += make_path(&probes[n], ipv4);
    n += make_path(&probes[n], ipv6);
    ipv6.protocol = TF_IP_PROTO_ICMPV6;
    make_path(&probes[n], ipv6);
}
