# SPDX-License-Identifier: GPL-2.0-or-later
"""What other tracers send, in their manner: Identification, ports, checksum, length. None of it is a copy.

Each is a stream of probes as it would really be sent, with its quotes: whole, and 28 bytes as RFC 792 promises. Where a
tool lets its ports be chosen, they are ours, too: then the flow's probes stand in the capture before the quotes do.
"""

import random
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Raw

import stockholm
from foreign.rawfile import write_packets

SOURCE, ROUTER = "192.0.2.1", "203.0.113.1"
TARGETS = [f"198.51.100.{n}" for n in (7, 23, 80)]
TTLS = range(1, 17)
OURS = ((33481, 33480), (33453, 33452), (33490, 33480))


def udp(sport, dport, payload, ttl, ident, dst=TARGETS[0], df=False):
    return stockholm.settled(IP(src=SOURCE, dst=dst, ttl=ttl, id=ident & 0xFFFF, flags="DF" if df else 0)
                             / UDP(sport=sport, dport=dport) / Raw(payload))


def balanced(sport, dport, payload, ttl, ident, wanted):
    """The last two payload bytes make the checksum `wanted`, as the Paris way has it."""
    bare = stockholm.udp_sum(bytes(udp(sport, dport, payload + b"\0\0", ttl, ident)))
    return udp(sport, dport, payload + struct.pack("!H", (bare - wanted) % 0xFFFF), ttl, ident)


def yarrp():
    """The instance and the TTL; the source port is a checksum of the destination."""
    for instance in (1, 2, 54):
        for target in TARGETS:
            sport = stockholm.checksum(bytes(map(int, target.split("."))))
            for ttl in TTLS:
                yield udp(sport, 80, b"yrp6" + bytes(12), ttl, instance << 8 | ttl, target)
                yield udp(sport, 33480, bytes(16), ttl, instance << 8 | ttl, target)


def nexttrace():
    for ttl in TTLS:
        for attempt in (1, 2, 3):
            yield udp(51123, 33494, bytes(16), ttl, ttl << 8 | attempt)
            yield udp(33480 + ttl, 33494, bytes(16), ttl, ttl << 8 | attempt)


def datadog():
    for ttl in TTLS:
        yield udp(58000, 33434, b"NSMNC\0\0\0" + struct.pack("!Q", 41821 + ttl), ttl, 41821 + ttl)


def trippy():
    """Its Dublin and Paris ways, and the plain one, whose sequence is the destination port."""
    for number, ttl in enumerate((*TTLS, *TTLS)):
        sequence = 33434 + number
        yield udp(33481, 40000, bytes(56), ttl, sequence)
        yield udp(33481, 33434, bytes(16), ttl, sequence)
        yield balanced(33490, 33481, bytes(14), ttl, 0, sequence)
        yield udp(31337, sequence, bytes(16), ttl, 0)


def scamper():
    """The Identification counts, and so does the UDP checksum."""
    for number, ttl in enumerate((*TTLS, *TTLS), 1):
        yield balanced(0xA2C4, 33435, bytes(8), ttl, number, number)
        yield balanced(33481, 33480, bytes(14), ttl, number, number)


def dublin():
    """The payload's length says flow and TTL, the Identification is the UDP checksum."""
    for dport in (33434, 33452, 33470, 33480):
        for ttl in TTLS:
            payload = (b"NSMNC" * 30)[:(dport - 33434) + ttl]
            for sport in (12345, 33481):
                yield udp(sport, dport, payload, ttl, udp(sport, dport, payload, 1, 1)[UDP].chksum, df=True)


def caracal():
    for ttl in TTLS:
        for sport in (24000, 24001, 33482):
            yield udp(sport, 33434, bytes(2 + ttl), ttl, stockholm.checksum(struct.pack("!HHH", 7, sport, ttl)))


def flashroute():
    for ttl in TTLS:
        for phase in (0, 1):
            yield udp(53, 33434, bytes(2 + ttl), ttl, 900 << 6 | phase << 5 | ttl & 31)
            yield udp(33481, 33480, b"flashroute......", ttl, 4 << 6 | phase << 5 | ttl & 31)


def classic():
    """One port up with each probe, hence through both of our bases; the system numbers the packets."""
    rng = random.Random(1)
    for number in range(60):
        yield udp(41717, 33434 + number, bytes(range(0x40, 0x60)), 1 + number // 3, rng.randrange(1 << 16))
        yield udp(33481, 33434 + number, b"SUPERMAN" * 2, 1 + number // 3, 0x0100 + number)


def paris():
    """The UDP checksum says which probe it is; the Identification, too."""
    for ttl in TTLS:
        yield balanced(33456, 33457, bytes(28), ttl, ttl, ttl)
        for sport, dport in OURS:
            yield balanced(sport, dport, bytes(14), ttl, ttl, 0x100 + ttl)


def tracebox():
    """A SYN or a datagram, the same for each TTL."""
    for ttl in TTLS:
        head = IP(src=SOURCE, dst=TARGETS[0], ttl=ttl, id=0x0101, flags="DF")
        options = [("MSS", 1460), ("SAckOK", b""), ("WScale", 7)]
        yield stockholm.settled(head / TCP(sport=33481, dport=80, seq=0x5C015354, flags="S", options=options))
        yield udp(33481, 33434, b"TRACEBOX........", ttl, 0x0101)


def mtr():
    """A counter as source port or as payload, sizes as asked for."""
    for number, ttl in enumerate(TTLS):
        yield udp(33000 + number, 33480, struct.pack("!H", 33000 + number) + bytes(34), ttl, 0)
        head = IP(src=SOURCE, dst=TARGETS[0], ttl=ttl, id=number << 8, flags=0)
        yield stockholm.settled(head / ICMP(type=8, id=33481, seq=33000 + number) / Raw(bytes(36)))


def hipercontracer():
    """Echo requests whose payload begins with a magic number and a time."""
    for round_number in range(3):
        for ttl in TTLS:
            payload = struct.pack("!IBBHQ", 0x4D5C3B2A, ttl, round_number, 0, 0x0006123456789ABC + ttl)
            head = IP(src=SOURCE, dst=TARGETS[0], ttl=ttl, id=0x0100 + ttl, flags=0)
            yield stockholm.settled(head / ICMP(type=8, id=33481, seq=ttl) / Raw(payload))


def tcp_tracers():
    for ttl in TTLS:
        for options in ([], [("MSS", 1460)], [("Timestamp", (0x6A784D90, 0))], [("NOP", None)] * 2 + [("Timestamp", (ttl, 0))]):
            head = IP(src=SOURCE, dst=TARGETS[0], ttl=ttl, id=0x0100 | ttl, flags=0)
            yield stockholm.settled(head / TCP(sport=33481, dport=443, seq=(0x0200 | ttl) << 16 | ttl, flags="S", options=options))


def original_in_part():
    """Ten bytes that are no digits, other numbers of digits, and digits on ports that do not fit."""
    for ttl in TTLS:
        yield udp(33453, 33452, b"1735761.00", ttl, 0x0100 | ttl)
        yield udp(33453, 33452, b"17357616000", ttl, 0x0100 | ttl)
        yield udp(33453, 33452, b"1735761600", ttl, 0x0200 | ttl)
        yield udp(33452, 33452, b"1735761600", ttl, ttl)
        yield udp(33453, 33451, b"1735761600", ttl, 0x0100 | ttl)


TOOLS = {maker.__name__: maker for maker in (
    yarrp, nexttrace, datadog, trippy, scamper, dublin, caracal, flashroute, classic, paris, tracebox, mtr,
    hipercontracer, tcp_tracers, original_in_part)}


def exchange(tool):
    """Each probe, then two quotes of it, as long as can be and as short."""
    for number, probe in enumerate(TOOLS[tool]()):
        yield bytes(probe)
        for quote_len in "full", 28:
            yield bytes(stockholm.time_exceeded(probe, ROUTER, quote_len=quote_len, reply_id=number & 0xFFFF))


def write(path, tool):
    write_packets(path, exchange(tool))
