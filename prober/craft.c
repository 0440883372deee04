/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crafting by libnet.
 *
 * libnet builds one template for each path and attempt: IPv4 header, UDP header with the key as its
 * checksum, tag. From TTL to TTL only four fields change, so they are patched: TTL, Identification,
 * and the tag's probe ID and balance (whose sum stays the same, hence so does the UDP checksum).
 * The kernel fills the IP checksum in.
 */
#include "craft.h"

#include <errno.h>
#include <libnet.h>
#include <string.h>
#include <sys/random.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/encoding.h"
#include "traceflow/error.h"

struct craft {
    struct craft_options options;
    libnet_t *libnet;
    struct probe_spec template_of; /* which path and attempt template holds; path 0: none yet */
    uint8_t template[CRAFT_PROBE_LEN];
};

enum { UDP_AT = LIBNET_IPV4_H, TAG_AT = LIBNET_IPV4_H + LIBNET_UDP_H };

G_STATIC_ASSERT(CRAFT_PROBE_LEN == TAG_AT + TF_TAG_LEN);

static bool bind_to(int fd, const char *interface, GError **error)
{
    if (interface == NULL ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) == 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", interface, g_strerror(errno));
    return false;
}

struct craft *craft_open(const struct craft_options *options, const char *interface, GError **error)
{
    char reason[LIBNET_ERRBUF_SIZE] = "";
    libnet_t *libnet = libnet_init(LIBNET_RAW4_ADV, NULL, reason);
    if (libnet == NULL) {
        g_set_error(error, TF_ERROR, errno == EPERM ? TF_EXIT_PRIVILEGE : TF_EXIT_IO,
                    "cannot open a raw socket: %s", reason);
        return NULL;
    }

    struct craft *craft = g_new0(struct craft, 1);
    craft->options = *options;
    craft->libnet = libnet;
    if (!bind_to(libnet_getfd(libnet), interface, error)) {
        craft_free(craft);
        return NULL;
    }
    return craft;
}

void craft_free(struct craft *craft)
{
    if (craft == NULL)
        return;
    libnet_destroy(craft->libnet);
    g_free(craft);
}

/* The tag with the balance that makes the UDP checksum the key. */
static void encode_payload(const struct craft *craft, const struct probe_spec *spec,
                           uint8_t payload[TF_TAG_LEN])
{
    const struct craft_options *options = &craft->options;
    struct tf_tag tag = {
        .run_id = options->run_id,
        .path_id = spec->path_id,
        .attempt = spec->attempt,
        .probe_id = tf_ident(spec->path_id, spec->ttl),
    };
    uint8_t udp[TF_UDP_LEN] = { 0 };
    tf_put_u16(udp + TF_UDP_SRC_PORT, (uint16_t)(options->src_base + spec->path_id));
    tf_put_u16(udp + TF_UDP_DST_PORT, options->dst_base);
    tf_put_u16(udp + TF_UDP_LENGTH, TF_PROBE_UDP_LENGTH);

    tf_tag_encode(payload, &tag);
    uint32_t sum = tf_sum_add_pseudo(0, &options->src, &options->dst, TF_IP_PROTO_UDP,
                                     TF_PROBE_UDP_LENGTH);
    sum = tf_sum_add(sum, udp, sizeof udp);
    sum = tf_sum_add(sum, payload, TF_TAG_LEN);
    tag.balance = tf_balance(sum, tf_key(options->run_id, spec->path_id, spec->attempt));
    tf_tag_encode(payload, &tag);
}

static uint32_t libnet_addr(const struct tf_addr *addr)
{
    uint32_t value = 0;

    memcpy(&value, addr->bytes, sizeof value); /* libnet wants network order */
    return value;
}

/* libnet_adv_cull_packet would give the bytes, but it serves link-layer handles only. */
static bool build_template(struct craft *craft, const struct probe_spec *spec)
{
    const struct craft_options *options = &craft->options;
    libnet_t *libnet = craft->libnet;
    uint8_t payload[TF_TAG_LEN];
    uint8_t *packet = NULL;
    uint32_t len = 0;

    encode_payload(craft, spec, payload);
    libnet_clear_packet(libnet);
    const bool built = libnet_build_udp((uint16_t)(options->src_base + spec->path_id),
                                        options->dst_base, TF_PROBE_UDP_LENGTH, 0, payload,
                                        TF_TAG_LEN, libnet, 0) != -1 &&
                       libnet_build_ipv4(CRAFT_PROBE_LEN, 0, tf_ident(spec->path_id, spec->ttl),
                                         options->dont_fragment ? IP_DF : 0, spec->ttl, IPPROTO_UDP,
                                         0, libnet_addr(&options->src), libnet_addr(&options->dst),
                                         NULL, 0, libnet, 0) != -1 &&
                       libnet_pblock_coalesce(libnet, &packet, &len) != -1;
    if (!built || len != CRAFT_PROBE_LEN)
        return false;
    memcpy(craft->template, packet, CRAFT_PROBE_LEN);
    libnet_adv_free_packet(libnet, packet);
    /* libnet has summed the segment by itself: it must have come to the same */
    if (tf_get_u16(craft->template + UDP_AT + TF_UDP_CHECKSUM) !=
        tf_key(options->run_id, spec->path_id, spec->attempt))
        return false;
    craft->template_of = *spec;
    return true;
}

/* probe ID + balance stays the same in ones' complement, so the checksum does, too. */
static void patch_ttl(uint8_t *probe, uint16_t path_id, uint8_t ttl)
{
    uint8_t *tag = probe + TAG_AT;
    const uint16_t ident = tf_ident(path_id, ttl);
    const uint32_t sum = (uint32_t)tf_get_u16(tag + TF_TAG_PROBE_ID) +
                         tf_get_u16(tag + TF_TAG_BALANCE);

    tf_put_u16(probe + TF_IPV4_IDENT, ident);
    probe[TF_IPV4_TTL] = ttl;
    tf_put_u16(tag + TF_TAG_PROBE_ID, ident);
    tf_put_u16(tag + TF_TAG_BALANCE, tf_sum_sub(tf_sum_fold(sum), ident));
}

enum craft_result craft_send(struct craft *craft, const struct probe_spec *spec,
                             uint8_t bytes[CRAFT_PROBE_LEN], GError **error)
{
    const struct probe_spec *held = &craft->template_of;

    if ((held->path_id != spec->path_id || held->attempt != spec->attempt) &&
        !build_template(craft, spec)) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "cannot build a probe: %s",
                    libnet_geterror(craft->libnet));
        return CRAFT_FAILED;
    }
    memcpy(bytes, craft->template, CRAFT_PROBE_LEN);
    patch_ttl(bytes, spec->path_id, spec->ttl);
    if (libnet_adv_write_raw_ipv4(craft->libnet, bytes, CRAFT_PROBE_LEN) == CRAFT_PROBE_LEN)
        return CRAFT_SENT;
    if (errno == ENOBUFS || errno == EAGAIN || errno == EWOULDBLOCK)
        return CRAFT_BUSY;

    char text[TF_ADDR_TEXT_LEN];
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "cannot send to %s: %s",
                tf_addr_text(&craft->options.dst, text), g_strerror(errno));
    return CRAFT_FAILED;
}

static bool keys_differ(uint32_t run_id, uint16_t path_id, uint8_t attempts)
{
    for (uint8_t a = 1; a < attempts; a++)
        for (uint8_t b = 0; b < a; b++)
            if (tf_key(run_id, path_id, a) == tf_key(run_id, path_id, b))
                return false;
    return true;
}

static bool all_keys_differ(uint32_t run_id, uint16_t paths, uint8_t attempts)
{
    for (uint16_t path_id = 1; path_id <= paths; path_id++)
        if (!keys_differ(run_id, path_id, attempts))
            return false;
    return true;
}

uint32_t craft_draw_run_id(uint16_t paths, uint8_t attempts)
{
    uint32_t run_id = 0;

    do {
        while (getrandom(&run_id, sizeof run_id, 0) != sizeof run_id)
            ;
    } while (!all_keys_differ(run_id, paths, attempts));
    return run_id;
}
