# SPDX-License-Identifier: GPL-2.0-or-later
"""The Stockholm encoding, version 1 (docs/WIRE.md), a second time: IPv4/UDP, for tests only.

Written in Python on Scapy from the wire format's text alone. It shares no code with the C project,
so that an error made there is not made here too. Packets are Scapy IP packets whose every field is
already set (lengths and checksums included); bytes(packet) is what is on the wire.
"""

import ipaddress
import struct

from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Raw

MAGIC = b"TFLW"
VERSION = 1
BASE_PORT = 33480
ORIGINAL_BASE_PORT = 33452          # the Python tool that this project follows
TAG_LEN = 16
RFC4884_MIN_QUOTE = 128             # bytes; where a router that gives no length puts the extension

TIME_EXCEEDED = 11
UNREACHABLE = 3
NET, HOST, PROTOCOL, PORT = 0, 1, 2, 3      # codes of UNREACHABLE (RFC 792)
ADMIN_PROHIBITED = 13                       # RFC 1812 section 5.2.7.1


# --- sums and keys -------------------------------------------------------------------------------

def ones_sum(data):
    """The one's complement sum of 16-bit words (RFC 1071), an odd last byte padded with zero."""
    data = bytes(data) + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def checksum(data):
    """The Internet checksum; 0 over data that holds its own right checksum."""
    return ones_sum(data) ^ 0xffff


def checksum_updated(old, before, after):
    """A checksum after the words `before` became `after` (RFC 1624, equation 3), as a NAT does."""
    inverted = bytes(b ^ 0xff for b in before)
    return ones_sum(struct.pack("!H", old ^ 0xffff) + inverted + after) ^ 0xffff


def fmix32(h):
    """MurmurHash3's finalizer."""
    h = ((h ^ h >> 16) * 0x85ebca6b) & 0xffffffff
    h = ((h ^ h >> 13) * 0xc2b2ae35) & 0xffffffff
    return h ^ h >> 16


def key(run_id, path, attempt=0):
    """The UDP checksum of every probe of this run, path and attempt."""
    low = fmix32(run_id ^ (path << 8 | attempt)) & 0xffff
    return 0x5354 if low in (0, 0xffff) else low


def identification(path, ttl):
    return (path & 0xff) << 8 | ttl


def tag(path, ttl, attempt, run_id, balance=0, magic=MAGIC, version=VERSION):
    """The 16 bytes at the start of the payload."""
    return struct.pack("!4sBBHIHH", magic, version, attempt, path, run_id,
                       identification(path, ttl), balance)


# --- probes --------------------------------------------------------------------------------------

def settled(packet):
    """The same packet with the lengths and checksums that Scapy left open filled in."""
    return IP(bytes(packet))


def udp_sum(ip_bytes):
    """The UDP checksum that an unfragmented IPv4/UDP packet ought to carry."""
    ihl = (ip_bytes[0] & 15) * 4
    udp = ip_bytes[ihl:]
    pseudo = ip_bytes[12:20] + struct.pack("!BBH", 0, 17, len(udp))
    return checksum(pseudo + udp[:6] + b"\0\0" + udp[8:])


def probe(src, dst, path, ttl, attempt=0, run_id=0x1a2b3c4d, srcport=BASE_PORT, dstport=BASE_PORT,
          df=False, magic=MAGIC, version=VERSION, wrong_key=0):
    """A probe. wrong_key is a mask for the key: what another program with our magic would send."""
    wanted = key(run_id, path, attempt) ^ wrong_key
    head = IP(src=src, dst=dst, ttl=ttl, id=identification(path, ttl), flags="DF" if df else 0)

    def build(balance):
        payload = tag(path, ttl, attempt, run_id, balance, magic, version)
        return settled(head / UDP(sport=srcport + path, dport=dstport) / Raw(payload))

    # In one's complement the balance is the sum still missing from ~key.
    missing = (udp_sum(bytes(build(0))) - wanted) % 0xffff
    packet = build(missing)
    assert packet[UDP].chksum == udp_sum(bytes(packet)) == wanted, "balance does not balance"
    return packet


def original_probe(src, dst, path, ttl, seconds, base=ORIGINAL_BASE_PORT):
    """A probe of the Python tool: the payload is the time of day, so its checksum changes."""
    payload = f"{seconds:010d}".encode()
    assert len(payload) == 10
    return settled(IP(src=src, dst=dst, ttl=ttl, id=identification(path, ttl), flags=0)
                   / UDP(sport=base + path, dport=base) / Raw(payload))


# --- on the way ----------------------------------------------------------------------------------

def received(packet, ttl):
    """The packet as it arrives with this TTL; every router updated the IP checksum."""
    packet = packet.copy()
    packet.ttl = ttl
    packet.chksum = None
    return settled(packet)


def source_nat(packet, address, port):
    """The packet behind a source NAT, both checksums updated incrementally."""
    udp = packet[UDP]
    before = ipaddress.ip_address(packet.src).packed + struct.pack("!H", udp.sport)
    after = ipaddress.ip_address(address).packed + struct.pack("!H", port)
    packet = packet.copy()
    updated = checksum_updated(udp.chksum, before, after)
    packet[UDP].chksum = updated or 0xffff      # RFC 768: 0 on the wire means "none"
    packet.chksum = checksum_updated(packet.chksum, before[:4], after[:4])
    packet.src, packet[UDP].sport = address, port
    return settled(packet)


# --- replies -------------------------------------------------------------------------------------

MANGLES = {
    None: lambda ident: ident,
    "zero": lambda ident: 0,
    "swap": lambda ident: (ident & 0xff) << 8 | ident >> 8,
    "plus1": lambda ident: (ident + 1) & 0xffff,
}


def quote(packet, quoted_ttl=1, quote_len="full", mangle=None):
    """What a router quotes of packet: bytes.

    quoted_ttl is the TTL as received, quote_len "full" or a number of bytes from the IP header on.
    mangle is a fault of the quoting router alone, made after it checked the header: the quoted IP
    checksum is still that of the Identification as received.
    """
    data = bytearray(bytes(received(packet, quoted_ttl)))
    struct.pack_into("!H", data, 4, MANGLES[mangle](packet.id))
    return bytes(data if quote_len == "full" else data[:quote_len])


def mpls_extension(stack):
    """RFC 4884 section 7 structure, one RFC 4950 object; stack: (label, tc, bottom, ttl), …"""
    entries = b"".join(struct.pack("!I", label << 12 | tc << 9 | bottom << 8 | ttl)
                       for label, tc, bottom, ttl in stack)
    obj = struct.pack("!HBB", 4 + len(entries), 1, 1) + entries
    version = 2 << 4
    total = checksum(struct.pack("!BBH", version, 0, 0) + obj)
    return struct.pack("!BBH", version, 0, total) + obj


def error(icmp_type, code, packet, responder, to=None, mpls=(), length_field="right",
          reply_ttl=255, reply_id=0, **quoting):
    """An ICMP error of `responder` about packet, sent to its source (or `to`); quoting: see quote().

    With mpls, the quote is padded to 128 bytes and the label stack follows. length_field is that of
    RFC 4884, in 32-bit words: "right"; "zero", a router from before it; "wrong", one that forgot the
    padding; or a number.
    """
    quoted = quote(packet, **quoting)
    words = 0
    if mpls:
        padded = quoted.ljust(max(RFC4884_MIN_QUOTE, -(-len(quoted) // 4) * 4), b"\0")
        words = {"right": len(padded) // 4, "zero": 0, "wrong": len(quoted) // 4}
        words = words.get(length_field, length_field)
        quoted = padded + mpls_extension(mpls)
    return settled(IP(src=responder, dst=to or packet.src, ttl=reply_ttl, id=reply_id, tos=0xc0)
                   / ICMP(type=icmp_type, code=code, length=words) / Raw(quoted))


def time_exceeded(packet, responder, **how):
    return error(TIME_EXCEEDED, 0, packet, responder, **how)


def unreachable(code, packet, responder, **how):
    return error(UNREACHABLE, code, packet, responder, **how)


def port_unreachable(packet, responder, **how):
    return unreachable(PORT, packet, responder, **how)
