/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture told packet by packet: the prober's probes, and what comes back, given to a matcher. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
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

const struct shape shapes[SHAPES] = {
    { "UDP", TF_IP_PROTO_UDP, false },      { "ICMP", TF_IP_PROTO_ICMP, false },
    { "TCP", TF_IP_PROTO_TCP, false },      { "UDP, IPv6", TF_IP_PROTO_UDP, true },
    { "ICMPv6", TF_IP_PROTO_ICMPV6, true }, { "TCP, IPv6", TF_IP_PROTO_TCP, true },
};

static struct tf_addr prober_of(const struct shape *shape)
{
    return addr(shape->ipv6 ? "2001:db8::1" : "192.0.2.1");
}

static struct tf_addr destination_of(const struct shape *shape)
{
    return addr(shape->ipv6 ? "2001:db8::9" : "198.51.100.9");
}

struct packet shape_probe(const struct shape *shape, uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    const bool tcp = shape->protocol == TF_IP_PROTO_TCP;
    const struct probe_fields fields = { .protocol = shape->protocol,
                                         .src = prober_of(shape),
                                         .dst = destination_of(shape),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = tcp ? TF_BASE_PORT_TCP : TF_BASE_PORT,
                                         .run_id = 0x1badcafe,
                                         .path_id = path_id,
                                         .attempt = attempt,
                                         .ttl = ttl };

    return build_probe(&fields);
}

struct packet probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    return shape_probe(&shapes[0], path_id, ttl, attempt);
}

struct packet ipv6_probe_of(uint16_t path_id, uint8_t ttl, uint8_t attempt)
{
    return shape_probe(&shapes[3], path_id, ttl, attempt);
}

uint8_t *transport_of(struct packet *ip)
{
    return ip->bytes + ip_header_len(ip);
}

uint8_t *key_field(struct packet *probe)
{
    const bool tcp = probe->len - ip_header_len(probe) == TF_SYN_LEN;

    return tcp ? transport_of(probe) + TF_TCP_SEQ + 2 : checksum_field(probe);
}

void add_to_key(struct packet *probe, uint16_t difference)
{
    uint8_t *key = key_field(probe);

    tf_put_u16(key, (uint16_t)(tf_get_u16(key) + difference));
}

struct packet from_destination(const struct shape *shape, const struct packet *message)
{
    const struct ip_fields fields = { .src = destination_of(shape),
                                      .dst = prober_of(shape),
                                      .protocol = shape->protocol,
                                      .ttl = 60,
                                      .ident = 0x7777 };
    struct packet ip = build_ip(&fields, message);

    tf_put_u16(checksum_field(&ip), right_checksum(&ip));
    return ip;
}

struct packet echo_reply(const struct shape *shape, const struct packet *probe)
{
    const size_t at = ip_header_len(probe);
    struct packet message = { .len = 0 };

    append(&message, probe->bytes + at, probe->len - at);
    message.bytes[TF_ICMP_TYPE] = shape->ipv6 ? TF_ICMPV6_ECHO_REPLY : TF_ICMP_ECHO_REPLY;
    return from_destination(shape, &message);
}

struct packet tcp_answer(const struct shape *shape, const struct packet *probe, uint8_t flags,
                         uint32_t echo)
{
    const uint8_t *tcp = probe->bytes + ip_header_len(probe);
    uint8_t options[TF_SYN_OPTIONS_LEN];
    const struct tcp_fields fields = {
        .src_port = tf_get_u16(tcp + TF_TCP_DST_PORT),
        .dst_port = tf_get_u16(tcp + TF_TCP_SRC_PORT),
        .seq = 0x11223344,
        .ack = tf_get_u32(tcp + TF_TCP_SEQ) + 1,
        .flags = flags,
        .options = { options, echo == NO_TIMESTAMP ? 0 : sizeof options },
    };

    tf_syn_options_encode(options, 0x55667788);
    tf_put_u32(options + 8, echo);
    const struct packet segment = build_tcp(&fields);
    return from_destination(shape, &segment);
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

struct packet port_unreachable(const struct packet *quoted, size_t len)
{
    return quoted->bytes[0] >> 4 == 6
               ? error_quoting(TF_ICMPV6_DEST_UNREACH, TF_ICMPV6_CODE_PORT_UNREACH, quoted, len)
               : error_quoting(TF_ICMP_DEST_UNREACH, TF_ICMP_CODE_PORT_UNREACH, quoted, len);
}

struct packet time_exceeded(const struct packet *probe, size_t len)
{
    const bool ipv6 = probe->bytes[0] >> 4 == 6;
    const struct packet quoted = expired(probe);

    return error_quoting(ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0, &quoted, len);
}

bool shape_is_echo(const struct shape *shape)
{
    return shape->protocol == TF_IP_PROTO_ICMP || shape->protocol == TF_IP_PROTO_ICMPV6;
}

void check_shape_flow(const struct shape *shape, const struct tf_observation *obs)
{
    check(obs->flow.protocol == shape->protocol, "%s: protocol", shape->name);
    check(obs->flow.src_port == 33480 + 3, "%s: source port", shape->name);
    check(obs->flow.dst_port == (shape_is_echo(shape)                 ? 0
                                 : shape->protocol == TF_IP_PROTO_TCP ? 443
                                                                      : 33480),
          "%s: destination port", shape->name);
}
