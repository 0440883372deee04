/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels of every kind: the innermost datagram counts, cut anywhere. */
#include "tunnelled.h"

#include "traceflow/link.h"
#include "traceflow/packet.h"
#include "traceflow/wire.h"

/* What stands between the outer IP header and the inner packet. */
struct tunnel_case {
    const char *name;
    unsigned protocol;
    unsigned port; /* of UDP */
    struct bytes header;
    unsigned inner; /* IP version; 0: none can be found */
};

#define MACS      2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define LABEL     0, 1, 1, 7
#define GRE       47, 0
#define UDP(port) 17, port
#define VNI       0, 0, 9, 0
#define TEID      0, 0, 0, 7

/* A GTP length has to count what follows: 0xffff leaves the bound to UDP. */
static const struct tunnel_case cases[] = {
    { "IPv4 in IP", 4, 0, BYTES(), 4 },
    { "IPv6 in IP", 41, 0, BYTES(), 6 },
    { "GRE", GRE, BYTES(0, 0, 8, 0), 4 },
    { "GRE, IPv6", GRE, BYTES(0, 0, 0x86, 0xdd), 6 },
    { "GRE, checksum", GRE, BYTES(0x80, 0, 8, 0, 1, 2, 0, 0), 4 },
    { "GRE, key", GRE, BYTES(0x20, 0, 8, 0, 0, 0, 0, 9), 4 },
    { "GRE, sequence number", GRE, BYTES(0x10, 0, 8, 0, 0, 0, 0, 9), 4 },
    { "GRE, all three", GRE, BYTES(0xb0, 0, 0x86, 0xdd, 1, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 7), 6 },
    { "GRE, MPLS", GRE, BYTES(0, 0, 0x88, 0x47, 0, 1, 0, 7, LABEL), 4 },
    { "GRE, bridged Ethernet", GRE, BYTES(0x20, 0, 0x65, 0x58, VNI, MACS, 8, 0), 4 },
    { "GRE, bridged VLAN", GRE, BYTES(0, 0, 0x65, 0x58, MACS, 0x81, 0, 0, 5, 0x86, 0xdd), 6 },
    { "GRE, ERSPAN without a header", GRE, BYTES(0, 0, 0x88, 0xbe, MACS, 8, 0), 4 },
    { "GRE, ERSPAN II", GRE,
      BYTES(0x10, 0, 0x88, 0xbe, 0, 0, 0, 7, 0x10, 5, 0, 1, 0, 0, 0, 0, MACS, 8, 0), 4 },
    { "GRE, ERSPAN III with a platform's header", GRE,
      BYTES(0x10, 0, 0x22, 0xeb, 0, 0, 0, 7, 0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5,
            6, 7, 8, MACS, 8, 0),
      4 },
    { "GRE version 1", GRE, BYTES(0x20, 1, 8, 0, 0, 0, 0, 9), 0 },
    { "GRE with source routes", GRE, BYTES(0x40, 0, 8, 0, 0, 0, 0, 0), 0 },
    { "GRE of NHRP", GRE, BYTES(0, 0, 0x20, 1), 0 },
    { "GRE, ERSPAN II of another version", GRE,
      BYTES(0x10, 0, 0x88, 0xbe, 0, 0, 0, 7, 0x30, 5, 0, 1, 0, 0, 0, 0, MACS, 8, 0), 0 },
    { "EtherIP", 97, 0, BYTES(0x30, 0, MACS, 8, 0), 4 },
    { "EtherIP of another version", 97, 0, BYTES(0x40, 0, MACS, 8, 0), 0 },
    { "MPLS in IP", 137, 0, BYTES(LABEL), 6 },
    { "ESP", 50, 0, BYTES(0, 0, 0, 1, 0, 0, 0, 1), 0 },
    { "VXLAN", UDP(4789), BYTES(8, 0, 0, 0, VNI, MACS, 8, 0), 4 },
    { "VXLAN with a group policy, VLAN", UDP(4789),
      BYTES(0x88, 0, 0, 9, VNI, MACS, 0x81, 0, 0, 5, 0x86, 0xdd), 6 },
    { "VXLAN on Linux's old port", UDP(8472), BYTES(8, 0, 0, 0, VNI, MACS, 8, 0), 4 },
    { "VXLAN without a network identifier", UDP(4789), BYTES(0, 0, 0, 0, VNI, MACS, 8, 0), 0 },
    { "VXLAN, reserved bits", UDP(4789), BYTES(9, 0, 0, 0, VNI, MACS, 8, 0), 0 },
    { "VXLAN-GPE, IPv6", UDP(4790), BYTES(0x0c, 0, 0, 2, VNI), 6 },
    { "VXLAN-GPE, Ethernet", UDP(4790), BYTES(0x0c, 0, 0, 3, VNI, MACS, 8, 0), 4 },
    { "VXLAN-GPE, MPLS", UDP(4790), BYTES(0x0c, 0, 0, 5, VNI, LABEL), 4 },
    { "VXLAN-GPE, a service header", UDP(4790), BYTES(0x0c, 0, 0, 4, VNI), 0 },
    { "Geneve, Ethernet, options", UDP(6081),
      BYTES(2, 0, 0x65, 0x58, VNI, 1, 2, 3, 4, 5, 6, 7, 8, MACS, 8, 0), 4 },
    { "Geneve, IPv6", UDP(6081), BYTES(0, 0, 0x86, 0xdd, VNI), 6 },
    { "Geneve of another version", UDP(6081), BYTES(0x40, 0, 8, 0, VNI), 0 },
    { "Geneve, control", UDP(6081), BYTES(0, 0x80, 8, 0, VNI), 0 },
    { "GTP-U", UDP(2152), BYTES(0x30, 255, 0xff, 0xff, TEID), 4 },
    { "GTP-U, sequence number", UDP(2152), BYTES(0x32, 255, 0xff, 0xff, TEID, 0, 1, 0, 0), 6 },
    { "GTP-U, two extension headers", UDP(2152),
      BYTES(0x34, 255, 0xff, 0xff, TEID, 0, 0, 0, 0x85, 1, 0, 9, 0xc0, 2, 1, 2, 3, 4, 5, 6, 0), 4 },
    { "GTP-U, an extension header of no length", UDP(2152),
      BYTES(0x34, 255, 0xff, 0xff, TEID, 0, 0, 0, 0x85, 0, 0, 9, 0x85), 0 },
    { "GTP-U, an echo", UDP(2152), BYTES(0x32, 1, 0xff, 0xff, TEID, 0, 1, 0, 0), 0 },
    { "GTP'", UDP(2152), BYTES(0x20, 255, 0xff, 0xff, TEID), 0 },
    { "L2TP", UDP(1701), BYTES(0, 2, 0, 7, 0, 8, 0xff, 3, 0, 0x21), 4 },
    { "L2TP, length, sequence number, offset of two", UDP(1701),
      BYTES(0x4a, 2, 0xff, 0xff, 0, 7, 0, 8, 0, 1, 0, 2, 0, 2, 9, 9, 0, 0x57), 6 },
    { "L2TP, control", UDP(1701), BYTES(0xc8, 2, 0, 7, 0, 8, 0, 0, 0, 0), 0 },
    { "L2TP version 3", UDP(1701), BYTES(0, 3, 0, 0, 0, 0, 0, 8), 0 },
    { "MPLS in UDP", UDP(6635), BYTES(LABEL), 4 },
    { "UDP to another port", UDP(4788), BYTES(8, 0, 0, 0, VNI, MACS, 8, 0), 0 },
};

/* Time Exceeded with a bare quote, or the probe itself. */
static struct packet inner_packet(uint8_t version, bool is_error)
{
    const struct packet sent = tunnel_probe(version);
    if (!is_error)
        return sent;

    const bool ipv6 = version == 6;
    const struct packet icmp = build_icmp(ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED, 0,
                                          (struct bytes){ sent.bytes, ipv6 ? 48U : 28U });
    return tunnel_around(&icmp, version, ipv6 ? TF_IP_PROTO_ICMPV6 : TF_IP_PROTO_ICMP);
}

static struct packet tunnelled(const struct tunnel_case *c, uint8_t outer, bool is_error)
{
    const struct packet inner = inner_packet(c->inner == 6 ? IPV6 : IPV4, is_error);
    struct packet payload = { .len = 0 };

    append(&payload, c->header.at, c->header.len);
    append(&payload, inner.bytes, inner.len);
    if (c->protocol == TF_IP_PROTO_UDP)
        payload = build_udp(40000, (uint16_t)c->port, 0,
                            (struct bytes){ payload.bytes, payload.len });
    return tunnel_around(&payload, outer, (uint8_t)c->protocol);
}

/* What the outer packet alone is. */
static void check_outer(const struct tunnel_case *c, enum tf_status status,
                        const struct tf_packet *packet)
{
    if (c->protocol != TF_IP_PROTO_UDP) {
        check(status == TF_NOT_OURS, "%s: refused", c->name);
        return;
    }
    check(status == TF_OK && packet->datagram.transport == TF_TRANSPORT_UDP, "%s: UDP", c->name);
    check(packet->datagram.udp.dst_port == c->port, "%s: the outer port", c->name);
}

static void check_tunnel(const struct tunnel_case *c, uint8_t outer, bool is_error)
{
    const struct packet ip = tunnelled(c, outer, is_error);
    struct tf_packet packet;
    const enum tf_status status = tf_packet_decode(&packet, TF_LINKTYPE_RAW,
                                                   guarded(ip.bytes, ip.len), ip.len);

    if (c->inner == 0) {
        check_outer(c, status, &packet);
        return;
    }
    check(status == TF_OK, "%s in IPv%u: status", c->name, outer);
    check_tunnelled(c->name, (uint8_t)c->inner, is_error, &packet);
}

static void test_tunnels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int form = 0; form < 4; form++)
            check_tunnel(&cases[i], form & 1 ? IPV6 : IPV4, (form & 2) != 0);
}

/* Cut anywhere, it is too short, or what the outer UDP header says, or already all that is needed.
 */
static void check_cut(const struct tunnel_case *c, const struct packet *ip, size_t n)
{
    const size_t needs = ip->len - TF_TAG_LEN; /* all but the payload */
    struct tf_packet packet;
    const enum tf_status status = tf_packet_decode(&packet, TF_LINKTYPE_RAW, guarded(ip->bytes, n),
                                                   n);

    if (n >= needs)
        check(status == TF_OK && packet.datagram.udp.dst_port == 33480, "%s: cut to %zu", c->name,
              n);
    else if (c->protocol == TF_IP_PROTO_UDP)
        check(status == TF_SHORT || (status == TF_OK && packet.datagram.udp.dst_port == c->port),
              "%s: cut to %zu", c->name, n);
    else
        check(status == TF_SHORT, "%s: cut to %zu", c->name, n);
}

static void test_cut_tunnels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct packet ip = tunnelled(&cases[i], IPV4, false);

        for (size_t n = 0; cases[i].inner != 0 && n < ip.len; n++)
            check_cut(&cases[i], &ip, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tunnels),
        cmocka_unit_test(test_cut_tunnels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
