/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A probe to be found in tunnels. */
#include "tunnelled.h"

#include "traceflow/encoding.h"
#include "traceflow/wire.h"

struct packet tunnel_probe(uint8_t version)
{
    const struct probe_fields fields = { .src = addr(version == 6 ? "2001:db8::1" : "192.0.2.1"),
                                         .dst = addr(version == 6 ? "2001:db8::9" : "198.51.100.9"),
                                         .src_base = TF_BASE_PORT,
                                         .dst_base = TF_BASE_PORT,
                                         .run_id = 0x1badcafe,
                                         .path_id = 3,
                                         .ttl = 7 };

    return build_probe(&fields);
}

struct packet tunnel_around(const struct packet *payload, uint8_t version, uint8_t protocol)
{
    const struct ip_fields fields = { .src = addr(version == 6 ? "2001:db8:1::1" : "10.0.0.1"),
                                      .dst = addr(version == 6 ? "2001:db8:1::2" : "10.0.0.2"),
                                      .protocol = protocol,
                                      .ttl = 62 };

    return build_ip(&fields, payload);
}

void check_tunnelled(const char *name, uint8_t version, bool is_error,
                     const struct tf_packet *packet)
{
    const struct tf_datagram *seen = is_error ? &packet->quote : &packet->datagram;

    check(packet->datagram.ip.version == version, "%s: version", name);
    check(packet->has_quote == is_error, "%s: quote", name);
    check(seen->transport == TF_TRANSPORT_UDP, "%s: transport", name);
    check(seen->udp.src_port == 33483 && seen->udp.dst_port == 33480, "%s: ports", name);
    check(seen->udp.checksum == tf_key(0x1badcafe, 3, 0), "%s: key", name);
}
