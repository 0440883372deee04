/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes as bytes: what each holds, that its checksums are right, and what differs along a path. */
#include "support.h"

#include <string.h>

#include "craft.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/datagram.h"
#include "traceflow/encoding.h"
#include "traceflow/wire.h"

enum { RUN_ID = 0x8badf00d, TOS = 0xb9, SRC_BASE = 33480, DST_BASE = 443 };

/* A stretch of bytes. */
struct span {
    uint8_t at;
    uint8_t len;
};

/* A kind of probe; vary: where two TTLs of a path may differ, and nowhere else. */
struct kind {
    const char *name;
    uint8_t version;
    uint8_t protocol;
    size_t len;
    struct span vary[5];
};

#define IPV4_VARIES                                                                                \
    { TF_IPV4_IDENT, 2 }, { TF_IPV4_TTL, 1 },                                                      \
    {                                                                                              \
        TF_IPV4_CHECKSUM, 2                                                                        \
    }
#define IPV6_VARIES                                                                                \
    {                                                                                              \
        TF_IPV6_HOP_LIMIT, 1                                                                       \
    }

static const struct kind kinds[] = {
    { "UDP, IPv4", 4, TF_IP_PROTO_UDP, 44, { IPV4_VARIES, { 40, 4 } } },
    { "ICMP, IPv4", 4, TF_IP_PROTO_ICMP, 44, { IPV4_VARIES, { 26, 2 }, { 40, 4 } } },
    { "TCP, IPv4", 4, TF_IP_PROTO_TCP, 52, { IPV4_VARIES, { 24, 2 }, { 36, 2 } } },
    { "UDP, IPv6", 6, TF_IP_PROTO_UDP, 64, { IPV6_VARIES, { 60, 4 } } },
    { "ICMP, IPv6", 6, TF_IP_PROTO_ICMPV6, 64, { IPV6_VARIES, { 46, 2 }, { 60, 4 } } },
    { "TCP, IPv6", 6, TF_IP_PROTO_TCP, 72, { IPV6_VARIES, { 44, 2 }, { 56, 2 } } },
};

static const struct probe_spec specs[] = {
    { 1, 1, 0 }, { 1, 2, 0 }, { 1, 2, 1 }, { 3, 255, 31 }, { 0x1234, 64, 2 }, { 65535, 9, 0 },
};

static struct craft_options options_of(const struct kind *kind)
{
    return (struct craft_options){
        .src = addr(kind->version == 4 ? "192.0.2.1" : "2001:db8:1::1"),
        .dst = addr(kind->version == 4 ? "198.51.100.2" : "2001:db8:2::2"),
        .protocol = kind->protocol,
        .src_base = SRC_BASE,
        .dst_base = DST_BASE,
        .run_id = RUN_ID,
        .tos = TOS,
    };
}

static size_t craft_one(const struct craft_options *options, struct probe_spec spec,
                        uint8_t bytes[CRAFT_PROBE_MAX])
{
    g_autoptr(GError) error = NULL;
    struct craft *craft = craft_new(options);
    const size_t len = craft_probe(craft, &spec, bytes, &error);

    craft_free(craft);
    check(len > 0, "path %u TTL %u: %s", spec.path_id, spec.ttl,
          error == NULL ? "no error either" : error->message);
    return len;
}

static void check_ip(const struct kind *kind, const struct probe_spec *spec, const struct tf_ip *ip)
{
    const struct craft_options options = options_of(kind);

    check(tf_addr_equal(&ip->src, &options.src) && tf_addr_equal(&ip->dst, &options.dst),
          "%s: addresses", kind->name);
    check(ip->total_len == kind->len, "%s: length %u", kind->name, ip->total_len);
    check(ip->protocol == kind->protocol && ip->ttl == spec->ttl && ip->tos == TOS,
          "%s: protocol, TTL, TOS", kind->name);
    check(!ip->df && !ip->more_fragments && ip->fragment_start == 0, "%s: flags", kind->name);
    if (ip->version == 4)
        check(ip->ident == tf_ident(spec->path_id, spec->ttl), "%s: Identification", kind->name);
    else
        check(ip->flow_label == spec->path_id, "%s: flow label %x", kind->name, ip->flow_label);
}

static void check_tag(const struct kind *kind, const struct probe_spec *spec,
                      const uint8_t *payload, size_t len)
{
    struct tf_tag tag = { 0 };

    check(tf_tag_decode(&tag, payload, len) == TF_OK && len == TF_TAG_LEN, "%s: tag", kind->name);
    check(tag.run_id == RUN_ID && tag.path_id == spec->path_id && tag.attempt == spec->attempt &&
              tag.probe_id == tf_ident(spec->path_id, spec->ttl),
          "%s: what the tag says", kind->name);
}

static void check_udp(const struct kind *kind, const struct probe_spec *spec,
                      const struct tf_udp *udp)
{
    check(udp->src_port == (uint16_t)(SRC_BASE + spec->path_id) && udp->dst_port == DST_BASE,
          "%s: ports", kind->name);
    check(udp->length == TF_PROBE_UDP_LENGTH, "%s: UDP length", kind->name);
    check(udp->checksum == tf_key(RUN_ID, spec->path_id, spec->attempt), "%s: key", kind->name);
    check_tag(kind, spec, udp->payload, udp->payload_len);
}

static void check_echo(const struct kind *kind, const struct probe_spec *spec,
                       const struct tf_icmp *icmp)
{
    const uint8_t type = kind->protocol == TF_IP_PROTO_ICMP ? TF_ICMP_ECHO : TF_ICMPV6_ECHO;

    check(icmp->type == type && icmp->code == 0, "%s: an echo request", kind->name);
    check(icmp->ident == (uint16_t)(SRC_BASE + spec->path_id) &&
              icmp->sequence == tf_ident(spec->path_id, spec->ttl),
          "%s: identifier and sequence number", kind->name);
    check(icmp->checksum == tf_key(RUN_ID, spec->path_id, 0), "%s: key of attempt 0", kind->name);
    check_tag(kind, spec, icmp->body, icmp->body_len);
}

static void check_tcp(const struct kind *kind, const struct probe_spec *spec,
                      const struct tf_tcp *tcp, const uint8_t *segment)
{
    const uint32_t seq = (uint32_t)tf_ident(spec->path_id, spec->ttl) << 16 |
                         tf_key(RUN_ID, spec->path_id, spec->attempt);

    check(tcp->src_port == (uint16_t)(SRC_BASE + spec->path_id) && tcp->dst_port == DST_BASE,
          "%s: ports", kind->name);
    check(tcp->seq == seq && tcp->ack == 0 && tcp->flags == TF_TCP_FLAG_SYN && tcp->whole,
          "%s: a SYN", kind->name);
    check(tcp->has_timestamp && tcp->tsval == RUN_ID && tcp->tsecr == 0, "%s: timestamp",
          kind->name);
    check(tf_get_u16(segment + TF_TCP_WINDOW) == 65535, "%s: window", kind->name);
    check(segment[20] == TF_TCP_OPT_NOP && segment[21] == TF_TCP_OPT_NOP, "%s: two NOPs first",
          kind->name);
}

/* By core's sums alone, whatever libnet made of it. */
static void check_sums(const struct kind *kind, const uint8_t *bytes, const struct tf_ip *ip)
{
    const bool has_pseudo = kind->protocol != TF_IP_PROTO_ICMP;
    const uint32_t pseudo = tf_sum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol,
                                              (uint16_t)ip->payload_len);
    const uint32_t sum = tf_sum_add(has_pseudo ? pseudo : 0, ip->payload, ip->payload_len);

    check(ip->version == 6 || tf_checksum(bytes, ip->header_len) == 0, "%s: header checksum",
          kind->name);
    check(tf_sum_fold(sum) == 0xffff, "%s: checksum", kind->name);
}

static void check_probe(const struct kind *kind, const struct probe_spec *spec)
{
    const struct craft_options options = options_of(kind);
    struct tf_datagram datagram;
    uint8_t bytes[CRAFT_PROBE_MAX];
    const size_t len = craft_one(&options, *spec, bytes);

    check(len == kind->len, "%s: %zu bytes", kind->name, len);
    check(tf_datagram_decode(&datagram, guarded(bytes, len), len) == TF_OK, "%s: decodes",
          kind->name);
    check_ip(kind, spec, &datagram.ip);
    check_sums(kind, bytes, &datagram.ip);
    switch (datagram.transport) {
    case TF_TRANSPORT_UDP: check_udp(kind, spec, &datagram.udp); break;
    case TF_TRANSPORT_ICMP: check_echo(kind, spec, &datagram.icmp); break;
    case TF_TRANSPORT_TCP: check_tcp(kind, spec, &datagram.tcp, datagram.ip.payload); break;
    case TF_TRANSPORT_OTHER: check(false, "%s: no such transport", kind->name);
    }
}

static void test_probes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (size_t j = 0; j < COUNT(specs); j++)
            check_probe(&kinds[i], &specs[j]);
}

static bool may_vary(const struct kind *kind, size_t at)
{
    for (size_t i = 0; i < COUNT(kind->vary); i++)
        if (at >= kind->vary[i].at && at < (size_t)kind->vary[i].at + kind->vary[i].len)
            return true;
    return false;
}

/* Routers that hash a field which differs along a path would send its TTLs different ways. */
static void test_constant_along_a_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct craft_options options = options_of(&kinds[i]);
        uint8_t first[CRAFT_PROBE_MAX];

        const size_t len = craft_one(&options, (struct probe_spec){ 5, 1, 1 }, first);
        for (uint8_t ttl = 2; ttl != 0; ttl++) {
            uint8_t other[CRAFT_PROBE_MAX];
            craft_one(&options, (struct probe_spec){ 5, ttl, 1 }, other);
            for (size_t at = 0; at < len; at++)
                check(first[at] == other[at] || may_vary(&kinds[i], at),
                      "%s, TTL %u: byte %zu is constant", kinds[i].name, ttl, at);
        }
    }
}

/* The first 8 bytes of an echo request, all that a balancer can hash of it, but its sequence
 * number, are the same for all attempts. */
static void test_echo_hides_attempts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct craft_options options = options_of(&kinds[i]);
        const size_t segment = kinds[i].len - TF_ICMP_LEN - TF_TAG_LEN;
        uint8_t first[CRAFT_PROBE_MAX];
        uint8_t second[CRAFT_PROBE_MAX];

        if (options.protocol == TF_IP_PROTO_UDP || options.protocol == TF_IP_PROTO_TCP)
            continue;
        craft_one(&options, (struct probe_spec){ 5, 9, 0 }, first);
        craft_one(&options, (struct probe_spec){ 5, 9, 7 }, second);
        check(memcmp(first, second, segment + TF_ICMP_LEN) == 0, "%s", kinds[i].name);
        check(memcmp(first, second, kinds[i].len) != 0, "%s: the tag tells them", kinds[i].name);
    }
}

/* One craft for all of a run, in any order, gives what a fresh one gives. */
static void test_order_is_no_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct craft_options options = options_of(&kinds[i]);
        struct craft *craft = craft_new(&options);

        for (size_t j = 0; j < 3 * COUNT(specs); j++) {
            const struct probe_spec *spec = &specs[j * 5 % COUNT(specs)];
            uint8_t fresh[CRAFT_PROBE_MAX];
            uint8_t used[CRAFT_PROBE_MAX];
            const size_t len = craft_one(&options, *spec, fresh);
            check(craft_probe(craft, spec, used, NULL) == len && memcmp(used, fresh, len) == 0,
                  "%s: probe %zu", kinds[i].name, j);
        }
        craft_free(craft);
    }
}

static void test_dont_fragment(void **state)
{
    struct craft_options options = options_of(&kinds[0]);
    struct tf_datagram datagram;
    uint8_t bytes[CRAFT_PROBE_MAX];

    (void)state;
    options.dont_fragment = true;
    const size_t len = craft_one(&options, (struct probe_spec){ 1, 1, 0 }, bytes);
    check(tf_datagram_decode(&datagram, bytes, len) == TF_OK && datagram.ip.df, "DF is set");
    check(tf_checksum(bytes, TF_IPV4_MIN_LEN) == 0, "header checksum");
    craft_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_constant_along_a_path),
        cmocka_unit_test(test_echo_hides_attempts),
        cmocka_unit_test(test_order_is_no_matter),
        cmocka_unit_test(test_dont_fragment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
