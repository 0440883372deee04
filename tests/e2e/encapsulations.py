# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to carry an IP packet in a captured frame, by scapy where it knows them: each a link type and a function."""

import struct

from scapy.contrib.etherip import EtherIP
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.layers.l2tp import L2TP
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

ETHERNET, RAW = 1, 101
HEAD, TAIL = "10.1.0.1", "10.1.0.2"
HEAD6, TAIL6 = "2001:db8:77::1", "2001:db8:77::2"


def ether(upper, **fields):
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:fe", **fields) / upper


def customer_frame(packet):
    """Wireshark takes for a frame under MPLS what begins with a manufacturer's number that it knows."""
    return bytes(Ether(src="00:00:0c:00:00:01", dst="00:00:0c:00:00:fe", type=0x800) / Raw(packet))


def ipv4(upper, **fields):
    return IP(src=HEAD, dst=TAIL, id=0x0777, ttl=61, **fields) / upper


def ipv6(upper, **fields):
    return IPv6(src=HEAD6, dst=TAIL6, hlim=61, **fields) / upper


def udp(port, upper):
    return ether(ipv4(UDP(sport=50000, dport=port, chksum=0) / upper))


def nflog(packet, order="<"):
    """LINKTYPE_NFLOG: family, version, resource; a prefix and the payload as attributes."""
    return (b"\x02\0\0\x01" + struct.pack(order + "HH", 9, 10) + b"test\0\0\0\0"
            + struct.pack(order + "HH", 4 + len(packet), 9) + packet + bytes(-len(packet) % 4))


# name: link type, and the frame around the bytes of an IPv4 packet
ENCAPSULATIONS = {
    "ethernet": (ETHERNET, lambda p: ether(Raw(p), type=0x800)),
    "ethernet-trailer": (ETHERNET, lambda p: ether(Raw(p + b"\xde\xad\xbe\xef"), type=0x800)),
    "vlan": (ETHERNET, lambda p: ether(Dot1Q(vlan=5, type=0x800) / Raw(p))),
    "802.1ad": (ETHERNET, lambda p: ether(Dot1AD(vlan=7) / Dot1Q(vlan=5, type=0x800) / Raw(p))),
    "old-qinq": (ETHERNET, lambda p: ether(Dot1Q(vlan=7, type=0x8100) / Dot1Q(vlan=5, type=0x800) / Raw(p),
                                           type=0x9100)),
    "snap": (ETHERNET, lambda p: ether(LLC() / SNAP(code=0x800) / Raw(p), type=8 + len(p))),
    "pppoe": (ETHERNET, lambda p: ether(PPPoE(sessionid=7) / PPP(proto=0x21) / Raw(p))),
    "pppoe-vlan": (ETHERNET, lambda p: ether(Dot1Q(vlan=5) / PPPoE(sessionid=7) / PPP(proto=0x21) / Raw(p))),
    "mpls": (ETHERNET, lambda p: ether(MPLS(label=100, s=0) / MPLS(label=200, s=1) / Raw(p), type=0x8847)),
    "pseudowire": (ETHERNET, lambda p: ether(MPLS(label=100, s=1) / Raw(customer_frame(p)), type=0x8847)),
    "pseudowire-control-word": (
        ETHERNET,
        lambda p: ether(MPLS(label=100, s=1) / EoMCW() / Raw(customer_frame(p)), type=0x8847)),
    "gre": (ETHERNET, lambda p: ether(ipv4(GRE(proto=0x800) / Raw(p)))),
    "gre-checksum-key-sequence": (
        ETHERNET,
        lambda p: ether(ipv4(GRE(proto=0x800, chksum_present=1, key_present=1, seqnum_present=1, key=9, sequence_number=7)
                             / Raw(p)))),
    "gre-in-ipv6": (ETHERNET, lambda p: ether(ipv6(GRE(proto=0x800) / Raw(p)))),
    "gre-mpls": (ETHERNET, lambda p: ether(ipv4(GRE(proto=0x8847) / Raw(bytes(MPLS(label=100, s=1)) + p)))),
    "gre-bridged": (ETHERNET, lambda p: ether(ipv4(GRE(proto=0x6558) / Raw(bytes(ether(Raw(p), type=0x800)))))),
    "erspan": (ETHERNET, lambda p: ether(ipv4(GRE(proto=0x88be, seqnum_present=1)
                                              / Raw(struct.pack(">HHI", 0x1005, 1, 0)
                                                    + bytes(ether(Raw(p), type=0x800)))))),
    "ip-in-ip": (ETHERNET, lambda p: ether(ipv4(Raw(p), proto=4))),
    "ip-in-ipv6": (ETHERNET, lambda p: ether(ipv6(Raw(p), nh=4))),
    "ip-in-ip-in-ipv6": (ETHERNET, lambda p: ether(ipv6(ipv4(Raw(p), proto=4), nh=4))),
    "etherip": (ETHERNET, lambda p: ether(ipv4(EtherIP() / ether(Raw(p), type=0x800)))),
    "mpls-in-ip": (ETHERNET, lambda p: ether(ipv4(Raw(bytes(MPLS(label=100, s=1)) + p), proto=137))),
    "vxlan": (ETHERNET, lambda p: udp(4789, VXLAN(vni=9, flags=8) / ether(Raw(p), type=0x800))),
    "vxlan-vlan": (ETHERNET, lambda p: udp(4789, VXLAN(vni=9, flags=8)
                                           / ether(Dot1Q(vlan=5, type=0x800) / Raw(p)))),
    "geneve": (ETHERNET, lambda p: udp(6081, GENEVE(vni=9, proto=0x6558) / ether(Raw(p), type=0x800))),
    "geneve-ip": (ETHERNET, lambda p: udp(6081, GENEVE(vni=9, proto=0x800) / Raw(p))),
    "gtp-u": (ETHERNET, lambda p: udp(2152, GTP_U_Header(gtp_type=255, teid=7) / Raw(p))),
    "l2tp": (ETHERNET, lambda p: udp(1701, L2TP(tunnel_id=7, session_id=8) / Raw(b"\xff\x03\x00\x21" + p))),
    "raw": (RAW, Raw),
    "raw-dlt": (12, Raw),
    "ipv4": (228, Raw),
    "null": (0, lambda p: Raw(b"\x02\0\0\0" + p)),
    "null-big-endian": (0, lambda p: Raw(b"\0\0\0\x02" + p)),
    "loop": (108, lambda p: Raw(b"\0\0\0\x02" + p)),
    "cooked": (113, lambda p: CookedLinux(proto=0x800) / Raw(p)),
    "cooked-vlan": (113, lambda p: CookedLinux(proto=0x8100) / Dot1Q(vlan=5, type=0x800) / Raw(p)),
    "cooked-2": (276, lambda p: CookedLinuxV2(proto=0x800, ifindex=2) / Raw(p)),
    "ppp": (9, lambda p: HDLC() / PPP(proto=0x21) / Raw(p)),
    "ppp-compressed": (9, lambda p: Raw(b"\x21" + p)),
    "ppp-hdlc": (50, lambda p: HDLC() / PPP(proto=0x21) / Raw(p)),
    "ppp-hdlc-cisco": (50, lambda p: Raw(b"\x0f\0\x08\0" + p)),
    "ppp-ether": (51, lambda p: PPPoE(sessionid=7) / PPP(proto=0x21) / Raw(p)),
    "ppp-direction": (204, lambda p: Raw(b"\x01") / HDLC() / PPP(proto=0x21) / Raw(p)),
    "c-hdlc": (104, lambda p: Raw(b"\x0f\0\x08\0" + p)),
    "frame-relay": (107, lambda p: Raw(b"\x18\x41\x03\xcc" + p)),
    "nflog": (239, lambda p: Raw(nflog(p))),
    "pflog": (117, lambda p: Raw(b"\x3d\x02\0\0" + bytes(60) + p)),
    "enc": (109, lambda p: Raw(b"\x02\0\0\0" + bytes(8) + p)),
    "ppi": (192, lambda p: Raw(struct.pack("<BBHI", 0, 0, 8, RAW) + p)),
    "pktap": (258, lambda p: Raw(struct.pack("<III", 108, 1, ETHERNET) + bytes(96)) / ether(Raw(p), type=0x800)),
}

# What this Wireshark itself does not open, so that it is left to the program.
UNKNOWN_TO_WIRESHARK = {
    "ppp-pppd": (166, lambda p: Raw(b"\x01\x03\x00\x21" + p)),
    "c-hdlc-direction": (205, lambda p: Raw(b"\x01\x0f\0\x08\0" + p)),
    "mpls-alone": (219, lambda p: MPLS(label=100, s=1) / Raw(p)),
}


# The same of packets of either version: a type, or a protocol, says which. v is 4 or 6.
TYPES, NEXT, PPPS = {4: 0x800, 6: 0x86dd}, {4: 4, 6: 41}, {4: 0x21, 6: 0x57}
OF_EITHER_VERSION = {
    "vlan": (ETHERNET, lambda p, v: ether(Dot1Q(vlan=5, type=TYPES[v]) / Raw(p))),
    "pppoe": (ETHERNET, lambda p, v: ether(PPPoE(sessionid=7) / PPP(proto=PPPS[v]) / Raw(p))),
    "mpls": (ETHERNET, lambda p, v: ether(MPLS(label=100, s=1) / Raw(p), type=0x8847)),
    "gre": (ETHERNET, lambda p, v: ether(ipv4(GRE(proto=TYPES[v]) / Raw(p)))),
    "in-ipv4": (ETHERNET, lambda p, v: ether(ipv4(Raw(p), proto=NEXT[v]))),
    "in-ipv6": (ETHERNET, lambda p, v: ether(ipv6(Raw(p), nh=NEXT[v]))),
    "in-ipv6-in-ipv6": (ETHERNET, lambda p, v: ether(ipv6(ipv6(Raw(p), nh=NEXT[v]), nh=41))),
    "vxlan": (ETHERNET, lambda p, v: udp(4789, VXLAN(vni=9, flags=8) / ether(Raw(p), type=TYPES[v]))),
    "gtp-u": (ETHERNET, lambda p, v: udp(2152, GTP_U_Header(gtp_type=255, teid=7) / Raw(p))),
    "null": (0, lambda p, v: Raw(struct.pack("<I", {4: 2, 6: 30}[v]) + p)),
    "cooked": (113, lambda p, v: CookedLinux(proto=TYPES[v]) / Raw(p)),
    "ppp": (9, lambda p, v: HDLC() / PPP(proto=PPPS[v]) / Raw(p)),
}


def pcap_bytes(linktype, frames, snaplen=262144):
    """A pcap file with nanoseconds of (time_ns, bytes)."""
    out = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, snaplen, linktype)
    for time_ns, frame in frames:
        seconds, rest = divmod(time_ns, 1_000_000_000)
        out += struct.pack("<IIII", seconds, rest, min(len(frame), snaplen), len(frame)) + frame[:snaplen]
    return out


INTERFACE_BLOCK, PACKET_BLOCK = 1, 6


def pcapng_bytes(interfaces, frames):
    """A pcapng file with nanoseconds: the interfaces' link types; of each frame (time_ns, interface, bytes)."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    for linktype in interfaces:
        out += block(INTERFACE_BLOCK, struct.pack("<HHI", linktype, 0, 262144) + b"\x09\0\x01\0\x09\0\0\0" + bytes(4))
    for time_ns, interface, frame in frames:
        head = struct.pack("<IIIII", interface, time_ns >> 32, time_ns & 0xffffffff, len(frame), len(frame))
        out += block(PACKET_BLOCK, head + frame)
    return out


def carried(encapsulation, packets):
    """(time_ns, frame) of each (time_ns, packet)."""
    linktype, wrap = encapsulation
    return linktype, [(time_ns, bytes(wrap(packet))) for time_ns, packet in packets]
