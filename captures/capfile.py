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


def ethernet(packet, outgoing):
    src, dst = (SOURCE_MAC, GATEWAY_MAC) if outgoing else (GATEWAY_MAC, SOURCE_MAC)
    return bytes(Ether(src=src, dst=dst, type=0x800) / Raw(packet))


def vlan(packet, outgoing):
    src, dst = (SOURCE_MAC, GATEWAY_MAC) if outgoing else (GATEWAY_MAC, SOURCE_MAC)
    return bytes(Ether(src=src, dst=dst, type=0x8100) / Dot1Q(vlan=100, type=0x800) / Raw(packet))


def raw_ip(packet, outgoing):
    return packet


def cooked_sender(outgoing):
    """What both versions of the cooked header say of the sender."""
    mac = bytes.fromhex((SOURCE_MAC if outgoing else GATEWAY_MAC).replace(":", ""))
    return {"pkttype": 4 if outgoing else 0, "lladdrtype": 1, "lladdrlen": 6, "src": mac + b"\0\0"}


def cooked(packet, outgoing):
    return bytes(CookedLinux(proto=0x800, **cooked_sender(outgoing)) / Raw(packet))


def cooked_v2(packet, outgoing):
    return bytes(CookedLinuxV2(proto=0x800, ifindex=2, **cooked_sender(outgoing)) / Raw(packet))


LINK_TYPES = {ethernet: 1, vlan: 1, raw_ip: 101, cooked: 113, cooked_v2: 276}


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


def pcapng_file(link, frames, comment):
    """A pcapng file: one interface, nanoseconds, comments, statistics at the end."""
    out = block(SHB, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1),
                [(OPT_COMMENT, comment.encode()), (SHB_USERAPPL, b"captures/make (Scapy)")])
    out += block(IDB, struct.pack("<HHI", LINK_TYPES[link], 0, 262144),
                 [(IF_NAME, b"eth0"), (IF_TSRESOL, b"\x09")])
    for frame in frames:
        data = link(frame.packet, frame.outgoing)
        options = [(OPT_COMMENT, frame.comment.encode())] if frame.comment else ()
        out += block(EPB, struct.pack("<I", 0) + stamp(frame.time_ns)
                     + struct.pack("<II", len(data), len(data)) + padded(data), options)
    count = struct.pack("<Q", len(frames))
    return out + block(ISB, struct.pack("<I", 0) + stamp(frames[-1].time_ns),
                       [(ISB_IFRECV, count), (ISB_IFDROP, struct.pack("<Q", 0))])
