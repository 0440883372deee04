/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host that is asked by UDP or echo. */
#include "asked.h"

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static struct traits host_traits(void)
{
    static struct port_range open[] = { { 17, 7, 7 }, { 17, 53, 55 }, { 6, 80, 80 } };
    static struct port_range dropped[] = { { 17, 54, 54 }, { 0, 9, 9 } };

    return (struct traits){ .reply_ttl = REPLY_TTL,
                            .udp_open = { open, COUNT(open) },
                            .udp_drop = { dropped, COUNT(dropped) } };
}

struct answered ask_with(const struct traits *traits, const uint8_t *packet, size_t len)
{
    struct connections *connections = connections_new(1);
    const struct host_request request = {
        .traits = traits, .packet = guarded(packet, len), .len = len, .ident = IDENT
    };
    struct answered answered = { .len = 0 };

    answered.answer = host_answer(connections, &request, answered.reply, &answered.len);
    connections_free(connections);
    return answered;
}

struct answered ask(const uint8_t *packet, size_t len)
{
    const struct traits traits = host_traits();

    return ask_with(&traits, packet, len);
}

static struct packet request_of(uint8_t version, uint8_t protocol, const struct packet *payload)
{
    const struct ip_fields fields = {
        .src = addr(version == 6 ? "2001:db8::1" : "192.0.2.1"),
        .dst = addr(version == 6 ? "2001:db8::9" : "198.51.100.9"),
        .protocol = protocol,
        .ttl = 1,
        .ident = 7,
    };

    return build_ip(&fields, payload);
}

struct packet udp_to(uint8_t version, uint16_t port, struct bytes data)
{
    const struct packet udp = build_udp(40000, port, 0, data);
    struct packet ip = request_of(version, TF_IP_PROTO_UDP, &udp);

    seal(&ip);
    return ip;
}

struct packet echo_of(uint8_t version, struct bytes data)
{
    const uint8_t type = version == 6 ? TF_ICMPV6_ECHO : TF_ICMP_ECHO;
    const uint8_t protocol = version == 6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP;
    struct packet icmp = build_icmp(type, 0, data);

    tf_put_u32(icmp.bytes + TF_ICMP_IDENT, 0xabcd0102);
    struct packet ip = request_of(version, protocol, &icmp);
    seal(&ip);
    return ip;
}
