/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture told packet by packet: the prober's probes, and what comes back, given to a matcher. */
#include "exchange.h"

#include <string.h>

#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/time.h"

struct exchange exchange_begin(void)
{
    const struct tf_match_options options = tf_match_defaults();

    return (struct exchange){ .match = tf_match_new(&options),
                              .now_ns = INT64_C(1700000000) * TF_NS_PER_S };
}

void exchange_end(struct exchange *exchange)
{
    tf_match_free(exchange->match);
}

enum tf_status give(struct exchange *exchange, const struct packet *ip, struct tf_observation *obs)
{
    const struct tf_frame frame = { .number = ++exchange->frame,
                                    .time_ns = exchange->now_ns,
                                    .linktype = TF_LINKTYPE_RAW,
                                    .bytes = guarded(ip->bytes, ip->len),
                                    .len = ip->len };

    exchange->now_ns += TF_NS_PER_MS;
    memset(obs, 0, sizeof *obs);
    return tf_match_frame(exchange->match, &frame, obs);
}

uint64_t give_probe(struct exchange *exchange, const struct packet *ip)
{
    struct tf_observation obs;

    assert_int_equal(give(exchange, ip, &obs), TF_OK);
    assert_int_equal(obs.kind, TF_KIND_PROBE);
    return obs.frame;
}

static struct packet usual_probe(const char *src, const char *dst, uint16_t path_id, uint8_t ttl,
                                 uint8_t attempt)
{
    const struct probe_fields fields = { .src = addr(src),
                                         .dst = addr(dst),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = TF_BASE_PORT,
                                         .run_id = 0x1badcafe,
                                         .path_id = path_id,
                                         .attempt = attempt,
                                         .ttl = ttl };

    return build_probe(&fields);
}

struct packet probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    return usual_probe("192.0.2.1", "198.51.100.9", path_id, ttl, attempt);
}

struct packet ipv6_probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    return usual_probe("2001:db8::1", "2001:db8::9", path_id, ttl, attempt);
}

struct packet expired(const struct packet *probe)
{
    struct packet at_router = *probe;
    const bool ipv6 = probe->bytes[0] >> 4 == 6;

    at_router.bytes[ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = 1;
    if (!ipv6)
        seal_ipv4(at_router.bytes);
    return at_router;
}

struct packet error_quoting(uint8_t type, uint8_t code, const struct packet *quoted, size_t len)
{
    const bool ipv6 = quoted->bytes[0] >> 4 == 6;
    const struct packet icmp = build_icmp(type, code, (struct bytes){ quoted->bytes, len });
    const struct ip_fields fields = { .src = addr(ipv6 ? "2001:db8::5" : "203.0.113.5"),
                                      .dst = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                                      .protocol = ipv6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP,
                                      .ttl = 250 };

    return build_ip(&fields, &icmp);
}

struct packet time_exceeded(const struct packet *probe, size_t len)
{
    const bool ipv6 = probe->bytes[0] >> 4 == 6;
    const struct packet quoted = expired(probe);

    return error_quoting(ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0, &quoted, len);
}
