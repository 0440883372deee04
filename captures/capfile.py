# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets into capture files: link layers, pcap and pcapng, given bytes and times only."""

import dataclasses
import struct

from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1Q, Ether
from scapy.packet import Raw

US, MS, S = 1_000, 1_000_000, 1_000_000_000            # nanoseconds
SOURCE_MAC = "02:00:00:00:00:01"
GATEWAY_MAC = "02:00:00:00:00:fe"


@dataclasses.dataclass(frozen=True)
class Frame:
    time_ns: int
    packet: bytes
    outgoing: bool
    comment: str = None
    link: object = None         # pcapng: other than the file's


def ethertype(packet):
    return {4: 0x800, 6: 0x86dd}[packet[0] >> 4]


def ends(outgoing):
    """The addresses of an Ethernet header."""
    src, dst = (SOURCE_MAC, GATEWAY_MAC) if outgoing else (GATEWAY_MAC, SOURCE_MAC)
    return {"src": src, "dst": dst}


def ethernet(packet, outgoing):
    return bytes(Ether(**ends(outgoing), type=ethertype(packet)) / Raw(packet))


def vlan(packet, outgoing):
    return bytes(Ether(**ends(outgoing)) / Dot1Q(vlan=100, type=ethertype(packet)) / Raw(packet))


def raw_ip(packet, outgoing):
    return packet


def cooked_sender(outgoing):
    """What both versions of the cooked header say of the sender."""
    mac = bytes.fromhex((SOURCE_MAC if outgoing else GATEWAY_MAC).replace(":", ""))
    return {"pkttype": 4 if outgoing else 0, "lladdrtype": 1, "lladdrlen": 6, "src": mac + b"\0\0"}


def cooked(packet, outgoing):
    return bytes(CookedLinux(proto=ethertype(packet), **cooked_sender(outgoing)) / Raw(packet))


def cooked_v2(packet, outgoing):
    return bytes(CookedLinuxV2(proto=ethertype(packet), ifindex=2, **cooked_sender(outgoing))
                 / Raw(packet))


LINK_TYPES = {ethernet: 1, vlan: 1, raw_ip: 101, cooked: 113, cooked_v2: 276}
INTERFACES = {1: b"eth0", 101: b"tun0", 113: b"any", 276: b"eth0"}


def in_time(frames):
    return sorted(frames, key=lambda frame: frame.time_ns)


def pcap_file(link, frames, order="<", resolution_ns=US):
    """A pcap file: either byte order, microseconds or nanoseconds."""
    magic = {US: 0xa1b2c3d4, 1: 0xa1b23c4d}[resolution_ns]
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, LINK_TYPES[link])
    for frame in frames:
        data = link(frame.packet, frame.outgoing)
        seconds, rest_ns = divmod(frame.time_ns, S)
        out += struct.pack(order + "IIII", seconds, rest_ns // resolution_ns, len(data), len(data))
        out += data
    return out


# Scapy's own pcapng writer has no nanoseconds, no section comments, and a section length of 0.
SHB, IDB, EPB, ISB = 0x0a0d0d0a, 1, 6, 5
OPT_COMMENT, SHB_USERAPPL, IF_NAME, IF_TSRESOL, ISB_IFRECV, ISB_IFDROP = 1, 4, 2, 9, 4, 5


def padded(data):
    return data + bytes(-len(data) % 4)


def block(block_type, body, options=()):
    for code, value in options:
        body += struct.pack("<HH", code, len(value)) + padded(value)
    if options:
        body += struct.pack("<HH", 0, 0)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", block_type) + length + body + length


def stamp(time_ns):
    return struct.pack("<II", time_ns >> 32, time_ns & 0xffffffff)


def link_type(frame, link):
    return LINK_TYPES[frame.link or link]


def pcapng_file(link, frames, comment):
    """A pcapng file: an interface for each link type, nanoseconds, comments, statistics at the end."""
    out = block(SHB, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1),
                [(OPT_COMMENT, comment.encode()), (SHB_USERAPPL, b"captures/make (Scapy)")])
    link_types = [LINK_TYPES[link]]
    link_types += sorted({link_type(frame, link) for frame in frames} - {*link_types})
    for number in link_types:
        out += block(IDB, struct.pack("<HHI", number, 0, 262144),
                     [(IF_NAME, INTERFACES[number]), (IF_TSRESOL, b"\x09")])
    for frame in frames:
        data = (frame.link or link)(frame.packet, frame.outgoing)
        options = [(OPT_COMMENT, frame.comment.encode())] if frame.comment else ()
        interface = link_types.index(link_type(frame, link))
        out += block(EPB, struct.pack("<I", interface) + stamp(frame.time_ns)
                     + struct.pack("<II", len(data), len(data)) + padded(data), options)
    for i, number in enumerate(link_types):
        count = sum(link_type(frame, link) == number for frame in frames)
        out += block(ISB, struct.pack("<I", i) + stamp(frames[-1].time_ns),
                     [(ISB_IFRECV, struct.pack("<Q", count)), (ISB_IFDROP, struct.pack("<Q", 0))])
    return out
