# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that look like ours and are not: other tools, near misses, everyday traffic."""

import struct

from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Raw

import stockholm
from capfile import MS, S, Frame
from network import DESTINATION, SOURCE, START_NS

PING_DATA = bytes(range(48))


def udp(sport, dport, payload, ttl=64, ident=0, df=False, dst=DESTINATION):
    return stockholm.settled(IP(src=SOURCE, dst=dst, ttl=ttl, id=ident, flags="DF" if df else 0)
                             / UDP(sport=sport, dport=dport) / Raw(payload))


def balanced(sport, dport, payload, ttl, ident, wanted):
    """A UDP probe whose last two payload bytes make the checksum `wanted`."""
    bare = stockholm.udp_sum(bytes(udp(sport, dport, payload + b"\0\0", ttl, ident)))
    return udp(sport, dport, payload + struct.pack("!H", (bare - wanted) % 0xffff), ttl, ident)


def dublin(dport, ttl):
    payload = (b"NSMNC" * 20)[:dport + ttl - 33434]
    return udp(12345, dport, payload, ttl, udp(12345, dport, payload)[UDP].chksum, df=True)


def other_tools():
    """(what, packet) of other traceroutes whose Identification or ports resemble ours."""
    at = bytes(range(0x40, 0x60))
    yield "classic traceroute", udp(41717, 33434, at, 1, 0x8a01)
    yield "classic traceroute, destination port 33480", udp(41717, 33480, at, 16, 0x8a10)
    yield "classic traceroute from a port of ours", udp(33481, 33480, at, 1, 0x0101)
    yield "yarrp, instance 1 TTL 2", udp(0xb5d1, 80, b"\0" * 16, 2, 0x0102)
    yield "yarrp, instance 1 TTL 2, towards our port", udp(0xb5d1, 33480, b"\0" * 16, 2, 0x0102)
    yield "nexttrace, TTL 3 attempt 1", udp(51123, 33494, b"\0" * 16, 3, 0x0301)
    yield "nexttrace, TTL 1 attempt 1 from port 33481", udp(33481, 33494, b"\0" * 16, 1, 0x0101)
    for n in (1, 2):
        yield f"scamper, probe {n}", balanced(0xa2c4, 33435, b"\0" * 8, n, n, n)
    yield "Dublin traceroute", dublin(33434, 3)
    yield "Dublin traceroute, destination port 33480", dublin(33480, 4)
    yield "trippy, Dublin strategy", udp(33434, 40000, b"\0" * 56, 5, 33434)
    yield "datadog, TTL 4", udp(58000, 33434, b"NSMNC\0\0\0" + struct.pack("!H", 41825), 4, 41825)
    yield "caracal", udp(24000, 33434, b"\0" * 4, 2, 0x5f3c)


def near_probes():
    """(what, packet) of probes that fail one test of docs/WIRE.md."""
    def ours(**more):
        return stockholm.probe(SOURCE, DESTINATION, 1, 2, 0, 0x6a784d90, **more)

    yield "our magic, wrong key", ours(wrong_key=0x0100)
    yield "our tag, version 2", ours(version=2)
    yield "our ports, magic in small letters", ours(magic=b"tflw")
    digits = b"1735761600"
    yield "ten digits, source port not of the Identification", udp(33455, 33452, digits, 2, 0x0202)
    yield "ten digits, TTL above the Identification's", udp(33454, 33452, digits, 64, 0x0203)
    yield "nine digits and a letter", udp(33454, 33452, b"173576160x", 2, 0x0202)
    yield "nine digits", udp(33454, 33452, b"173576160", 2, 0x0202)


def near_quotes():
    """(what, packet, quoted TTL) of 28-byte quotes that fail one test of rule 3 or 4."""
    tag_long = b"\0" * 16
    yield "destination port 33481", udp(33482, 33481, tag_long, ident=0x0103), 1
    yield "UDP length 25", udp(33481, 33480, tag_long + b"\0", ident=0x0103), 1
    yield "Identification of path 2 on path 1's port", udp(33481, 33480, tag_long, ident=0x0203), 1
    yield "path ID 0", udp(33480, 33480, tag_long, ident=0x0003), 1
    yield "TTL 0", udp(33481, 33480, tag_long, ident=0x0100), 1
    yield "TTL 65", udp(33481, 33480, tag_long, ident=0x0141), 1
    yield "quoted TTL above the Identification's", udp(33481, 33480, tag_long, ident=0x0103), 9
    yield "original's ports, length 24, path of another port", \
        udp(33453, 33452, tag_long, ident=0x0203), 1
    yield "original's ports and length, path of another port", \
        udp(33453, 33452, b"1735761600", ident=0x0203), 1
    head = IP(src=SOURCE, dst=DESTINATION, id=0x0103, flags=0)
    tcp = TCP(sport=33481, dport=33480, seq=0x00180000, flags="S")
    yield "TCP, its sequence number reads as length 24", stockholm.settled(head / tcp), 1
    echo = ICMP(type=8, id=33481, seq=0x0103) / Raw(PING_DATA)
    yield "ICMP echo with our identifier", stockholm.settled(head / echo), 1


def dns_packets():
    """Questions from a source port and from the destination port of ours, and the answers."""
    resolver = "192.0.2.53"
    question = DNSQR(qname="www.example.com")
    for port in (33485, 33480):
        ask = IP(src=SOURCE, dst=resolver, id=0x0540, ttl=64, flags=0) / UDP(sport=port, dport=53)
        yield "DNS question", True, stockholm.settled(ask / DNS(id=0x0501, rd=1, qd=question))
        reply = IP(src=resolver, dst=SOURCE, id=0x0501, ttl=64, flags=0) / UDP(sport=53, dport=port)
        answer = DNSRR(rrname="www.example.com", rdata=DESTINATION, ttl=300)
        dns = DNS(id=0x0501, qr=1, rd=1, ra=1, qd=question, an=answer)
        yield "DNS answer", False, stockholm.settled(reply / dns)


def other_protocols():
    """A ping and a SYN whose numbers would do, without what ties them together."""
    for outgoing, kind in ((True, 8), (False, 0)):
        src, dst = (SOURCE, DESTINATION) if outgoing else (DESTINATION, SOURCE)
        head = IP(src=src, dst=dst, id=0x0101, ttl=64, flags=0)
        echo = ICMP(type=kind, id=33481, seq=0x0101) / Raw(PING_DATA)
        yield "ping", outgoing, stockholm.settled(head / echo)
    syn = TCP(sport=33481, dport=443, seq=0x01015354, flags="S", window=64240,
              options=[("Timestamp", (0x6a784d90, 0))])
    yield "SYN, sequence number and timestamp do not agree", True, \
        stockholm.settled(IP(src=SOURCE, dst=DESTINATION, ttl=1, id=0x0101, flags=0) / syn)


def strangers_frames():
    """Nothing in here is ours: the table is empty."""
    frames = []

    def add(what, outgoing, packet):
        time_ns = START_NS + 8 * 3600 * S + len(frames) * 3 * MS
        frames.append(Frame(time_ns, bytes(packet), outgoing, what))

    router = "203.0.113.1"
    for what, packet in other_tools():
        add(what, True, packet)
        how = {"quote_len": 28, "reply_id": len(frames)}
        add(f"reply to: {what}", False, stockholm.time_exceeded(packet, router, **how))
    for what, packet in near_probes():
        add(what, True, packet)
        reply = stockholm.time_exceeded(packet, router, reply_id=len(frames))
        add(f"reply to: {what}", False, reply)
    for what, packet, quoted_ttl in near_quotes():
        how = {"quote_len": 28, "quoted_ttl": quoted_ttl, "reply_id": len(frames)}
        add(f"28-byte quote: {what}", False, stockholm.time_exceeded(packet, router, **how))
    for what, outgoing, packet in [*dns_packets(), *other_protocols()]:
        add(what, outgoing, packet)
    return frames
