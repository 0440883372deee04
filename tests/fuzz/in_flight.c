/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crafting probes without libnet. */
#include "in_flight.h"

#include <string.h>

#include "traceflow/addr.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/wire.h"

enum { RUN_ID = 0x51ce0bad, RUN_ID_6 = 0x0c0ffee6 };

static const uint8_t source4[4] = { 192, 0, 2, 10 };
static const uint8_t target4[4] = { 198, 51, 100, 80 };
static const uint8_t source6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x10 };
static const uint8_t target6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0x80, [15] = 0x80 };

/* What makes one probe. */
struct recipe {
    uint8_t version;
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
    static const struct probe_layout ipv4 = { 4, TF_IPV4_SRC, TF_IPV4_DST, TF_IPV4_TTL,
                                              TF_IPV4_MIN_LEN };
    static const struct probe_layout ipv6 = { 16, TF_IPV6_SRC, TF_IPV6_DST, TF_IPV6_HOP_LIMIT,
                                              TF_IPV6_LEN };

    return version == 6 ? &ipv6 : &ipv4;
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
    if (recipe->version == 6) {
        tf_put_u32(ip + TF_IPV6_VERSION_CLASS_LABEL, 6U << 28 | recipe->path_id);
        tf_put_u16(ip + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(probe->len - TF_IPV6_LEN));
        ip[TF_IPV6_NEXT_HEADER] = TF_IP_PROTO_UDP;
        return;
    }
    ip[TF_IPV4_VERSION_IHL] = 0x45;
    tf_put_u16(ip + TF_IPV4_TOTAL_LENGTH, (uint16_t)probe->len);
    tf_put_u16(ip + TF_IPV4_IDENT, tf_ident(recipe->path_id, recipe->ttl));
    ip[TF_IPV4_PROTOCOL] = TF_IP_PROTO_UDP;
    ipv4_fix_checksum(ip);
}

static uint8_t *put_udp_header(struct sent_probe *probe, const struct recipe *recipe, uint16_t base,
                               uint16_t length)
{
    uint8_t *udp = probe->bytes + probe_layout_of(recipe->version)->udp;

    probe->len = (size_t)(udp - probe->bytes) + length;
    tf_put_u16(udp + TF_UDP_SRC_PORT, (uint16_t)(base + recipe->path_id));
    tf_put_u16(udp + TF_UDP_DST_PORT, base);
    tf_put_u16(udp + TF_UDP_LENGTH, length);
    return udp;
}

static uint32_t sum_of(const struct sent_probe *probe, uint8_t version)
{
    const struct probe_layout *layout = probe_layout_of(version);
    const struct tf_addr src = tf_addr_from(version, probe->bytes + layout->src);
    const struct tf_addr dst = tf_addr_from(version, probe->bytes + layout->dst);
    const size_t length = probe->len - layout->udp;
    const uint32_t sum = tf_sum_add_pseudo(0, &src, &dst, TF_IP_PROTO_UDP, (uint16_t)length);

    return tf_sum_add(sum, probe->bytes + layout->udp, length);
}

static void make_tagged(struct sent_probe *probe, const struct recipe *recipe)
{
    const uint16_t key = tf_key(recipe->run_id, recipe->path_id, recipe->attempt);
    struct tf_tag tag = {
        .run_id = recipe->run_id,
        .path_id = recipe->path_id,
        .attempt = recipe->attempt,
        .probe_id = tf_ident(recipe->path_id, recipe->ttl),
    };
    uint8_t *udp = put_udp_header(probe, recipe, TF_BASE_PORT, TF_PROBE_UDP_LENGTH);

    put_ip_header(probe, recipe);
    tf_tag_encode(udp + TF_UDP_LEN, &tag);
    tag.balance = tf_balance(sum_of(probe, recipe->version), key);
    tf_tag_encode(udp + TF_UDP_LEN, &tag);
    tf_put_u16(udp + TF_UDP_CHECKSUM, key);
}

static void make_original(struct sent_probe *probe, const struct recipe *recipe)
{
    uint8_t *udp = put_udp_header(probe, recipe, TF_BASE_PORT_ORIGINAL, TF_ORIGINAL_UDP_LENGTH);

    put_ip_header(probe, recipe);
    memcpy(udp + TF_UDP_LEN, "1733900001", TF_ORIGINAL_UDP_LENGTH - TF_UDP_LEN);
    tf_put_u16(udp + TF_UDP_CHECKSUM, (uint16_t)~tf_sum_fold(sum_of(probe, recipe->version)));
}

void in_flight_make(struct sent_probe probes[IN_FLIGHT])
{
    size_t n = 0;

    memset(probes, 0, IN_FLIGHT * sizeof probes[0]);
    for (uint8_t attempt = 0; attempt < 2; attempt++)
        for (uint16_t path_id = 1; path_id <= 2; path_id++)
            for (uint8_t ttl = 1; ttl <= 3; ttl++)
                make_tagged(&probes[n++], &(struct recipe){ 4, RUN_ID, path_id, ttl, attempt });
    make_original(&probes[n++], &(struct recipe){ .version = 4, .path_id = 3, .ttl = 2 });
    for (uint8_t ttl = 1; ttl <= 2; ttl++)
        make_tagged(&probes[n++], &(struct recipe){ 6, RUN_ID_6, 1, ttl, 0 });
}
